"""Rasa intent classifier: one head on the sentence's features, which says when it does not know and how sure it is."""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Optional, Text, Tuple, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.clause_splitter import SIDE
from bot.components.reading import Reading, figures, read_intents, two_questions
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
        they would have been read right (writers left out in turn); `ranking`: how many intents are listed; `second`: probability from which
        each side of a message is a question; `no_question`: intents that are none."""
        return {"unknown": "hors_sujet", "lost": 0.03, "ranking": 10, "second": 0.6, "no_question": []}

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
        """Reads each message; where its two sides are different questions, `questions` names both. Messages without features (events of the
        dialogue) are left as they are."""
        readable = [message for message in messages if has_views(message)]
        if self._head is not None and readable:
            readings = iter(read_intents(self._head, views_of(readable), self._config["unknown"]))
            none = {*self._config["no_question"], self._config["unknown"]}
            # A side that cannot be read still stands in its pair.
            known = [(message, next(readings) if has_views(message) else []) for message in messages]
            for message, reading, sides in _with_sides(known):
                if reading:
                    questions = two_questions(sides, none, float(self._config["second"]))
                    if questions and reading[0]["name"] not in questions:
                        reading = sorted(reading, key=lambda row: row["name"] != questions[0])
                    message.set("intent", reading[0], add_to_output=True)
                    message.set("intent_ranking", reading[: int(self._config["ranking"])], add_to_output=True)
                    message.set("questions", list(questions), add_to_output=True)
        return [message for message in messages if not message.get(SIDE)]


def _with_sides(known: List[Tuple[Message, Reading]]) -> List[Tuple[Message, Reading, List[Tuple[Reading, Reading]]]]:
    """Each message with its reading and those of its sides, in pairs."""
    out: List[Tuple[Message, Reading, List[Reading]]] = []
    for message, reading in known:
        if message.get(SIDE):
            out[-1][2].append(reading)
        else:
            out.append((message, reading, []))
    return [(message, reading, list(zip(sides[::2], sides[1::2]))) for message, reading, sides in out]
