"""Rasa entity extractor: what has a shape, and the names of aids as the content files give them now."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.aid_names import AidNames, find_aids
from bot.components.spans import Span, find_spans, with_span

ROOT = Path(__file__).resolve().parents[2]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class RegionEntityExtractor(GraphComponent):
    """Comes last in the pipeline: what it finds replaces what others found at the same place."""

    @staticmethod
    def required_packages() -> List[Text]:
        return ["rapidfuzz", "yaml"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Folders, from the root of the project unless absolute: `aids`, the sheets (ECOUTE_AIDS wins over it); `elsewhere`, what other
        bodies look after (the folder of that name in ECOUTE_ANSWERS wins over it)."""
        return {"aids": "aids/content", "elsewhere": "answers/content/elsewhere"}

    @staticmethod
    def validate_config(config: Dict[Text, Any]) -> None:
        """Raises ValueError when the folder of aids is not there."""
        if not (ROOT / config.get("aids", "aids/content")).is_dir():
            raise ValueError(f"RegionEntityExtractor: no folder {config['aids']}")

    def __init__(self, names: AidNames) -> None:
        self._names = names

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> RegionEntityExtractor:
        # The folder in force on this machine wins: a new sheet there needs no training.
        answers = os.environ.get("ECOUTE_ANSWERS")
        elsewhere = Path(answers) / "elsewhere" if answers else Path(config["elsewhere"])
        return cls(AidNames(ROOT / os.environ.get("ECOUTE_AIDS", config["aids"]), ROOT / elsewhere))

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text:
                kept = merge(find_in(text, self._names), message.get(ENTITIES, []))
                message.set(ENTITIES, kept, add_to_output=True)
        return messages


def find_in(text: Text, names: AidNames) -> List[Span]:
    """Aids and shapes of a text. The name of an aid wins over a shape, but not over a file number, which may begin with it."""
    shapes = find_spans(text)
    numbers = [span for span in shapes if span.entity == "numero_dossier"]
    found = [aid for aid in find_aids(text, names.names()) if not any(aid.overlaps(number) for number in numbers)]
    for span in shapes:
        found = with_span(found, span)
    return found


def merge(found: List[Span], others: List[Dict[Text, Any]]) -> List[Dict[Text, Any]]:
    """`found` as Rasa writes entities, with those of `others` that stand elsewhere, in the order of the text."""
    free = [other for other in others if not any(span.start < other["end"] and other["start"] < span.end for span in found)]
    ours = [
        {"entity": span.entity, "start": span.start, "end": span.end, "value": span.value, "extractor": "RegionEntityExtractor"}
        for span in found
    ]
    return sorted([*ours, *free], key=lambda entity: entity["start"])
