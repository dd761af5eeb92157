"""Says in words why each row of the routing table decides or not. Pure."""

from collections.abc import Callable, Iterator
from typing import Any

from language.danger import find_danger
from triage.model import Channel, Message, Reading
from triage.route import OTHER, Table, When, conditions, missed

_NAMES = {
    "kind": "type",
    "commitments": "engagements",
    "sentiment": "ressenti",
    "urgent": "urgence",
    "channel": "canal",
    "below": "confiance du type",
    "sentiment_below": "confiance du ressenti",
    "commitments_below": "confiance des engagements",
    "language": "langue",
    "words": "mots",
    "service": "service",
    "danger": "danger",
}


def explain(table: Table, reading: Reading, channel: Channel, message: Message) -> Iterator[str]:
    """A line for each row, in order: what decides, what would have, and what each other row misses."""
    decided = False
    for row in table.rows:
        misses = missed(row.when, reading, channel, message)
        if misses:
            told = " ; ".join(_miss(name, row.when, reading, channel, message) for name in misses)
            yield f"non   {row.name} : {told}"
        elif decided:
            yield f"(oui) {row.name} : conviendrait, mais une ligne plus haut a décidé"
        else:
            decided = True
            held = ", ".join(f"{_NAMES[name]} {_wanted(name, wanted)}" for name, wanted in conditions(row.when).items())
            yield f"OUI   {row.name} : {held or 'sans condition'}"


def _miss(name: str, when: When, reading: Reading, channel: Channel, message: Message) -> str:
    found: dict[str, Callable[[], str]] = {
        "kind": lambda: reading.kind,
        "commitments": lambda: ", ".join(label.slug for label in reading.commitments) or "aucun",
        "sentiment": lambda: reading.sentiment,
        "urgent": lambda: _yes(reading.urgent),
        "channel": lambda: channel,
        "below": lambda: _share(reading.kind_confidence),
        "sentiment_below": lambda: _share(reading.sentiment_confidence),
        "commitments_below": lambda: _share(max((label.confidence for label in reading.commitments), default=0.0)),
        "language": lambda: reading.language,
        "words": lambda: "aucun de ces mots",
        "service": lambda: ", ".join(filter(None, (*message.recipients, message.folder))) or "inconnu",
        "danger": lambda: _yes(find_danger(f"{message.subject} {message.text}") is not None),
    }
    return f"{_NAMES[name]} : {found[name]()}, attendu {_wanted(name, conditions(when)[name])}"


def _wanted(name: str, wanted: Any) -> str:
    if isinstance(wanted, bool):
        return _yes(wanted)
    if isinstance(wanted, float):
        return f"sous {_share(wanted)}"
    return " ou ".join("autre que le français" if name == "language" and each == OTHER else str(each) for each in wanted)


def _share(confidence: float) -> str:
    return f"{confidence * 100:.0f}\u00a0%"


def _yes(value: bool) -> str:
    return "oui" if value else "non"
