"""Rasa featurizer: the letters and words of a message, beside its meaning."""

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

from language.lexicon import Lexicon


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class LexicalFeaturizer(GraphComponent):
    """Hashed runs of letters and words: what a small sentence encoder blurs (short questions, trade words, typos)."""

    @staticmethod
    def required_packages() -> List[Text]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`dimension`: length of the vector; below 65,536 unlike runs of letters share places, and intents are read less well."""
        return {"dimension": 131072}

    @staticmethod
    def validate_config(config: Dict[Text, Any]) -> None:
        """Raises ValueError when there is no room for a single feature."""
        if int(config.get("dimension", 1)) < 1:
            raise ValueError("LexicalFeaturizer: dimension must be positive")

    def __init__(self, alias: Text, dimension: int) -> None:
        self._alias, self._lexicon = alias, Lexicon(dimension)

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> LexicalFeaturizer:
        return cls(config.get(FEATURIZER_CLASS_ALIAS) or execution_context.node_name, int(config["dimension"]))

    def process(self, messages: List[Message]) -> List[Message]:
        """Messages without text (events of the dialogue) get nothing."""
        spoken = [message for message in messages if message.get(TEXT) is not None]
        if spoken:
            rows = self._lexicon.rows([message.get(TEXT) for message in spoken])
            for at, message in enumerate(spoken):
                message.add_features(Features(rows[at], FEATURE_TYPE_SENTENCE, TEXT, self._alias))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data
