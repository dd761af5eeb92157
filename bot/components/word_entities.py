"""Rasa entity extractor: a conditional random field on words (python-crfsuite).

Rasa's own one trains again each time a model is loaded, since models hold no pickles any more: eight seconds at every start.
This one keeps crfsuite's own file.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Text

import pycrfsuite
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.tagging import entities_of, features_of, leaning, tags_of, words_of
from bot.components.word_families import WordFamilies, learn_families

FILE = "words.crfsuite"
FAMILIES = "families.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class WordEntityExtractor(GraphComponent):
    """Entities learnt from the annotated sentences."""

    @staticmethod
    def required_packages() -> List[Text]:
        # Rasa wants one name that is both a module and a distribution: this one brings python-crfsuite.
        return ["sklearn_crfsuite", "spacy"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`l1`, `l2`: regularisation; `iterations`: at most so many; `families`: how many families of words (0: none);
        `lean`: by entity, the probability from which a word left alone is taken for one."""
        return {"l1": 0.1, "l2": 0.1, "iterations": 60, "families": 800, "lean": {}}

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: bytes = b"",
        families: Optional[WordFamilies] = None,
    ) -> None:
        self._config, self._model_storage, self._resource = config, model_storage, resource
        self._families = families or WordFamilies.none()
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
            return cls(config, model_storage, resource, (folder / FILE).read_bytes(), WordFamilies.load(folder / FAMILIES))

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from every sentence, those without entities too."""
        self._families = learn_families(int(self._config["families"])) if self._config["families"] else WordFamilies.none()
        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.set_params({"c1": self._config["l1"], "c2": self._config["l2"], "max_iterations": self._config["iterations"]})
        for example in training_data.nlu_examples:
            words = words_of(example.get(TEXT))
            if words:
                trainer.append(features_of(words, self._families.of), tags_of(words, example.get(ENTITIES, [])))
        with self._model_storage.write_to(self._resource) as folder:
            self._families.save(folder / FAMILIES)
            trainer.train(str(folder / FILE))
            self._open((folder / FILE).read_bytes())
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds what it finds to what others found."""
        for message in messages:
            text = message.get(TEXT)
            words = words_of(text) if text else []
            if words and self._tagger is not None:
                tags = self._tagger.tag(features_of(words, self._families.of))
                found = entities_of(text, words, leaning(tags, self._share, self._config["lean"]))
                named = [entity | {"extractor": "WordEntityExtractor"} for entity in found]
                message.set(ENTITIES, [*message.get(ENTITIES, []), *named], add_to_output=True)
        return messages

    def _share(self, entity: Text, at: int) -> float:
        """Probability that the word at this place of the sentence just tagged belongs to the entity."""
        return float(sum(self._tagger.marginal(tag, at) for tag in self._tagger.labels() if tag.endswith(f"-{entity}")))

    def _open(self, model: bytes) -> None:
        """The tagger reads in the bytes given: they live as long as it does."""
        self._model, self._tagger = model, None
        if model:
            self._tagger = pycrfsuite.Tagger()
            self._tagger.open_inmemory(model)
