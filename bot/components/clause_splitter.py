"""Rasa component: parts a message that may join two questions, so that each side is read like a message of its own."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.clauses import partings

SIDE = "side"
"""Key of a message that is one side of the message before it."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class ClauseSplitter(GraphComponent):
    """Comes first; the intent classifier takes the sides away again. Sides stand in pairs behind their message."""

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> ClauseSplitter:
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        out: List[Message] = []
        for message in messages:
            out.append(message)
            for pair in partings(message.get(TEXT) or ""):
                out += [Message({TEXT: side, SIDE: True}) for side in pair]
        return out

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Sentences are learnt whole."""
        return training_data
