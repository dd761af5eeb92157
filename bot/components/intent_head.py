"""Rasa intent classifier: two heads on the sentence's features, which say when they do not know."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.reading import read_intent
from bot.components.sentence_embedding import SentenceEmbeddingFeaturizer
from language.embed import Vectors
from language.head import LinearHead, fit_exclusive, fit_perceptron, load_heads, save_heads

FILE = "intent_head.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentHeadClassifier(GraphComponent):
    """A multinomial logistic regression and a perceptron, which agree. Below `minimum` confidence the intent is `unknown`."""

    @classmethod
    def required_components(cls) -> List[Type[GraphComponent]]:
        return [SentenceEmbeddingFeaturizer]

    @staticmethod
    def required_packages() -> List[Text]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`strength`: inverse of the linear head's regularisation; `units`, `decay`: of the perceptron (0 units: none); `offset`: added to
        the logarithm of `unknown`'s probability; `minimum`: confidence, 0 to 1; `ranking`: how many intents are listed."""
        return {"strength": 10.0, "units": 256, "decay": 0.01, "offset": 0.0, "minimum": 0.2, "unknown": "hors_sujet", "ranking": 10}

    @staticmethod
    def validate_config(config: Dict[Text, Any]) -> None:
        """Raises ValueError when `minimum` is no probability."""
        if not 0 <= config.get("minimum", 0) <= 1:
            raise ValueError("IntentHeadClassifier: minimum must be between 0 and 1")

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, heads: Sequence[LinearHead] = ()) -> None:
        self._config, self._model_storage, self._resource, self._heads = config, model_storage, resource, tuple(heads)

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> IntentHeadClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentHeadClassifier:
        with model_storage.read_from(resource) as folder:
            heads, _card = load_heads(folder / FILE)
        return cls(config, model_storage, resource, tuple(heads.values()))

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the heads on the examples that carry an intent and keeps it in the model."""
        examples = [message for message in training_data.intent_examples if _has_vector(message)]
        vectors = np.stack([_vector(message) for message in examples])
        intents = [message.get(INTENT) for message in examples]
        heads = {"linear": fit_exclusive(vectors, intents, float(self._config["strength"]))}
        if self._config["units"]:
            heads["perceptron"] = fit_perceptron(vectors, intents, int(self._config["units"]), float(self._config["decay"]))
        self._heads = tuple(heads.values())
        with self._model_storage.write_to(self._resource) as folder:
            save_heads(folder / FILE, heads, {"examples": len(examples), "strength": self._config["strength"]})
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if self._heads and _has_vector(message):
                reading = read_intent(
                    self._heads, _vector(message), self._config["minimum"], self._config["unknown"], float(self._config["offset"])
                )
                message.set("intent", reading[0], add_to_output=True)
                message.set("intent_ranking", reading[: int(self._config["ranking"])], add_to_output=True)
        return messages


def _vector(message: Message) -> Vectors:
    _, sentence = message.get_dense_features(TEXT, [])
    return np.asarray(sentence.features[0], dtype=np.float32)


def _has_vector(message: Message) -> bool:
    return message.get_dense_features(TEXT, [])[1] is not None
