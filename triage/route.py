"""Decides by a table where a message goes. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, ClassVar

from language.danger import find_danger
from language.normalise import fold, stands_in
from triage.model import Autonomy, Channel, Commitment, Kind, Message, Reading, Route, Sentiment
from triage.tongue import FRENCH

OTHER = "autre"
"""In `language`: any language but French."""


class Written:
    """Part of a content file: keys that are not fields are refused (read by the loader in `store.content`)."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True)
class When(Written):
    """Conditions of a row, all of which must hold; an empty one always does.

    `below`, `sentiment_below`, `commitments_below`: confidence under this (0–1); for commitments, of each of those asked for.
    `words`: one of them stands in the subject or the text, as whole words, whatever its accents and case. `service`: an address that the
    message was sent to, its part before the @, or the IMAP folder that it came into. `danger`: its author may be in danger.
    """

    kind: tuple[Kind, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    sentiment: tuple[Sentiment, ...] = ()
    urgent: bool | None = None
    channel: tuple[Channel, ...] = ()
    below: float | None = None
    sentiment_below: float | None = None
    commitments_below: float | None = None
    language: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    danger: bool | None = None

    def __post_init__(self) -> None:
        for name in ("below", "sentiment_below", "commitments_below"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= 1:
                raise ValueError(f"« {name} » est une confiance : écrivez un nombre entre 0 et 1, comme 0.5")
        for code in self.language:
            if code != OTHER and not (len(code) == 2 and code.isascii() and code.islower()):
                raise ValueError(f"« {code} » n'est pas une langue : écrivez un code à deux lettres (fr, en, es), ou {OTHER}")
        for word in self.words:
            if not fold(word):
                raise ValueError(f"« {word} » ne contient ni lettre ni chiffre : retirez-le de « words »")


@dataclass(frozen=True)
class Row(Written):
    """A row of the table. `answer_days`: working days to answer, None when no answer is due.

    `acknowledgement`: name of the text that is sent at once to the author, none when absent.
    """

    name: str
    when: When
    queue: str
    folder: str
    priority: int
    autonomy: Autonomy
    answer_days: int | None = None
    acknowledgement: str | None = None


@dataclass(frozen=True)
class Table(Written):
    """The rows in order. The last one must hold for any message: nothing may fall through."""

    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        if not self.rows or self.rows[-1].when != When():
            raise ValueError(
                "la dernière ligne doit être sans condition, pour que tout message ait une file : ajoutez en fin de table "
                "une ligne avec « when: {} »"
            )
        names = [row.name for row in self.rows]
        double = next((name for name in names if names.count(name) > 1), None)
        if double is not None:
            raise ValueError(f"deux lignes s'appellent « {double} » : donnez à chacune son nom")

    def days_of(self, rule: str) -> int | None:
        """Working days to answer what a row has decided; None when the row asks for none, or is no longer there."""
        return next((row.answer_days for row in self.rows if row.name == rule), None)


def route(reading: Reading, channel: Channel, table: Table, message: Message | None = None) -> Route:
    """The first row whose conditions all hold. Without `message`, conditions on its words and its service do not."""
    row = next(row for row in table.rows if not missed(row.when, reading, channel, message))
    return Route(row.queue, row.folder, row.priority, row.answer_days, row.autonomy, row.name, row.acknowledgement)


def missed(when: When, reading: Reading, channel: Channel, message: Message | None = None) -> tuple[str, ...]:
    """Names of the conditions that do not hold."""
    held: dict[str, Callable[[Any], bool]] = {
        "kind": lambda wanted: reading.kind in wanted,
        "commitments": lambda wanted: any(label.slug in wanted for label in reading.commitments),
        "sentiment": lambda wanted: reading.sentiment in wanted,
        "urgent": lambda wanted: reading.urgent == wanted,
        "channel": lambda wanted: channel in wanted,
        "below": lambda limit: reading.kind_confidence < limit,
        "sentiment_below": lambda limit: reading.sentiment_confidence < limit,
        "commitments_below": lambda limit: all(
            label.confidence < limit for label in reading.commitments if not when.commitments or label.slug in when.commitments
        ),
        "language": lambda wanted: reading.language in wanted or (OTHER in wanted and reading.language != FRENCH),
        "words": lambda wanted: message is not None and has_words(f"{message.subject}\n{message.text}", wanted),
        "service": lambda wanted: message is not None and _came_by(message, wanted),
        "danger": lambda wanted: (message is not None and find_danger(f"{message.subject} {message.text}") is not None) == wanted,
    }
    return tuple(name for name, wanted in conditions(when).items() if not held[name](wanted))


def conditions(when: When) -> dict[str, Any]:
    """The conditions that a row sets, by name."""
    return {each.name: value for each in fields(when) if (value := getattr(when, each.name)) not in ((), None)}


def has_words(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of these words, or groups of words, stands in the text as whole words, whatever accents, case and apostrophes."""
    folded = fold(text)
    return any(stands_in(fold(word), folded) for word in words)


def _came_by(message: Message, wanted: tuple[str, ...]) -> bool:
    there = {message.folder.casefold()} | {part for each in message.recipients for part in (each.casefold(), _user(each.casefold()))}
    return any(each.strip().casefold() in there - {""} for each in wanted)


def _user(address: str) -> str:
    return address.partition("@")[0].partition("+")[0]


def due_on(start: date, working_days: int | None, is_holiday: Callable[[date], bool]) -> date | None:
    """The day by which an answer is due, weekends and public holidays not counted."""
    if working_days is None:
        return None
    day = start
    while working_days:
        day += timedelta(days=1)
        if day.weekday() < 5 and not is_holiday(day):
            working_days -= 1
    return day
