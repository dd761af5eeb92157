"""Rasa intent classifier: one head on the sentence's features, which says when it does not know and how sure it is."""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Optional, Text, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.reading import figures, read_intents
from bot.components.sentence_embedding import SentenceEmbeddingFeaturizer
from bot.components.views import has_views, views_of
from bot.components.writers import WRITER
from language.kernel_fit import fit_kernel_head
from language.kernel_head import KernelHead, load_kernel_head, save_kernel_head

FILE = "intent_head.npz"
log = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentHeadClassifier(GraphComponent):
    """Compares a message with the sentences learnt. Confidences are as often right as they say, on writers not learnt from."""

    @classmethod
    def required_components(cls) -> List[Type[GraphComponent]]:
        return [SentenceEmbeddingFeaturizer]

    @staticmethod
    def required_packages() -> List[Text]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`unknown`: intent of what is none of the others; `lost`: share of the sentences of the others that may be taken for it though
        they would have been read right (writers left out in turn); `ranking`: how many intents are listed."""
        return {"unknown": "hors_sujet", "lost": 0.03, "ranking": 10}

    @staticmethod
    def validate_config(config: Dict[Text, Any]) -> None:
        """Raises ValueError when `lost` is no share."""
        if not 0 <= config.get("lost", 0) < 1:
            raise ValueError("IntentHeadClassifier: lost must be a share, from 0 to less than 1")

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, head: Optional[KernelHead] = None) -> None:
        self._config, self._model_storage, self._resource, self._head = config, model_storage, resource, head

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
            head, _card = load_kernel_head(folder / FILE)
        return cls(config, model_storage, resource, head)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the head on the examples that carry an intent and keeps it in the model, with its figures on writers left out."""
        examples = [message for message in training_data.intent_examples if has_views(message)]
        intents = [message.get(INTENT) for message in examples]
        writers = [message.get(WRITER) or "" for message in examples]
        fitted = fit_kernel_head(views_of(examples), intents, writers, self._config["unknown"], float(self._config["lost"]))
        card = {"examples": len(examples), "writers": len(set(writers))} | figures(fitted, intents)
        log.info("Intents, each writer left out in turn: %s", card)
        self._head = fitted.head
        with self._model_storage.write_to(self._resource) as folder:
            save_kernel_head(folder / FILE, fitted.head, card)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Messages without features (events of the dialogue) are left as they are."""
        readable = [message for message in messages if has_views(message)]
        if self._head is not None and readable:
            for message, reading in zip(readable, read_intents(self._head, views_of(readable), self._config["unknown"])):
                message.set("intent", reading[0], add_to_output=True)
                message.set("intent_ranking", reading[: int(self._config["ranking"])], add_to_output=True)
        return messages
