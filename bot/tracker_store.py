"""Rasa's own copy of conversations, without what tells people apart: the site keeps the words, under its own rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session

from language.private import redact

WORDS = ("text", "parse_data", "data")


@dataclass(frozen=True)
class Redacted:
    """An event as it is written down."""

    event: Event

    @property
    def type_name(self) -> str:
        return str(self.event.type_name)

    def as_dict(self) -> dict[str, Any]:
        told = self.event.as_dict()
        return told | {key: _redacted(told[key]) for key in WORDS if key in told}


class RedactingTrackerStore(SQLTrackerStore):
    """Within a turn Rasa works with the words themselves; numbers, addresses and phones are left out when the turn is written."""

    def _additional_events(self, session: Session, tracker: DialogueStateTracker) -> Iterator[Any]:
        for event in super()._additional_events(session, tracker):
            yield Redacted(event) if isinstance(event, (UserUttered, BotUttered)) else event


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _redacted(inner) for key, inner in value.items()}
    return [_redacted(inner) for inner in value] if isinstance(value, (list, tuple)) else value
