"""Messages as the chat gateway takes them. Pure."""

from collections.abc import Iterable
from typing import Any

from answers.model import Answer

Message = dict[str, Any]
"""One thing said: a JSON object with a `type`."""

AGENT = ("Parler à un agent", "Je veux parler à un agent")


def text(words: str) -> Message:
    return {"type": "text", "text": words}


def choices(pairs: Iterable[tuple[str, str]]) -> Message:
    """Buttons: (what it says, the message that it sends)."""
    return {"type": "choices", "choices": [{"label": label, "message": message} for label, message in pairs]}


def link(label: str, url: str) -> Message:
    return {"type": "link", "label": label, "url": url}


def written(answer: Answer, plain: bool = False) -> list[Message]:
    """A written answer, in its simpler words when `plain`, with its links and buttons."""
    said = [text(answer.plain if plain else answer.text), *(link(each.label, each.url) for each in answer.links)]
    pairs = [(choice.label, choice.message) for choice in answer.choices]
    return [*said, choices(pairs)] if pairs else said


def handover(reason: str) -> Message:
    """Asks the gateway for a person, and says why; what the visitor then reads depends on who is there."""
    return {"type": "handover", "reason": reason}


def opinion(words: str) -> Message:
    """Asks the gateway for the form of an opinion, with what was already written in it."""
    return {"type": "opinion", "text": words}


def survey() -> Message:
    """Asks the gateway for the two questions at the end."""
    return {"type": "survey"}
