"""Rasa entity extractor: a conditional random field on words (python-crfsuite).

Rasa's own one trains again each time a model is loaded, since models hold no pickles any more: eight seconds at every start.
This one keeps crfsuite's own file.
"""

from __future__ import annotations

from typing import Any, Dict, List, Text

import pycrfsuite
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.tagging import entities_of, features_of, tags_of, words_of

FILE = "words.crfsuite"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class WordEntityExtractor(GraphComponent):
    """Entities learnt from the annotated sentences."""

    @staticmethod
    def required_packages() -> List[Text]:
        # Rasa wants one name that is both a module and a distribution: this one brings python-crfsuite.
        return ["sklearn_crfsuite"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`l1`, `l2`: regularisation; `iterations`: at most so many."""
        return {"l1": 0.1, "l2": 0.1, "iterations": 60}

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, model: bytes = b"") -> None:
        self._config, self._model_storage, self._resource = config, model_storage, resource
        self._open(model)

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> WordEntityExtractor:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WordEntityExtractor:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, (folder / FILE).read_bytes())

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from every sentence, those without entities too."""
        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.set_params({"c1": self._config["l1"], "c2": self._config["l2"], "max_iterations": self._config["iterations"]})
        for example in training_data.nlu_examples:
            words = words_of(example.get(TEXT))
            if words:
                trainer.append(features_of(words), tags_of(words, example.get(ENTITIES, [])))
        with self._model_storage.write_to(self._resource) as folder:
            trainer.train(str(folder / FILE))
            self._open((folder / FILE).read_bytes())
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds what it finds to what others found."""
        for message in messages:
            text = message.get(TEXT)
            words = words_of(text) if text else []
            if words and self._tagger is not None:
                found = entities_of(text, words, self._tagger.tag(features_of(words)))
                named = [entity | {"extractor": "WordEntityExtractor"} for entity in found]
                message.set(ENTITIES, [*message.get(ENTITIES, []), *named], add_to_output=True)
        return messages

    def _open(self, model: bytes) -> None:
        """The tagger reads in the bytes given: they live as long as it does."""
        self._model, self._tagger = model, None
        if model:
            self._tagger = pycrfsuite.Tagger()
            self._tagger.open_inmemory(model)
