"""Decides by a table where a message goes. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from triage.model import Autonomy, Channel, Commitment, Kind, Reading, Route, Sentiment


class Written:
    """Part of a content file: keys that are not fields are refused (read by the loader in `store.content`)."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True)
class When(Written):
    """Conditions of a row, all of which must hold; an empty one always does. `below`: confidence of the kind under this."""

    kind: tuple[Kind, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    sentiment: tuple[Sentiment, ...] = ()
    urgent: bool | None = None
    channel: tuple[Channel, ...] = ()
    below: float | None = None


@dataclass(frozen=True)
class Row(Written):
    """A row of the table. `answer_days`: working days to answer, None when no answer is due."""

    name: str
    when: When
    queue: str
    folder: str
    priority: int
    autonomy: Autonomy
    answer_days: int | None = None


@dataclass(frozen=True)
class Table(Written):
    """The rows in order. The last one must hold for any message: nothing may fall through."""

    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        if not self.rows or self.rows[-1].when != When():
            raise ValueError("la dernière ligne doit être sans condition, pour que tout message ait une file")


def route(reading: Reading, channel: Channel, table: Table) -> Route:
    """The first row whose conditions all hold."""
    row = next(row for row in table.rows if not missed(row.when, reading, channel))
    return Route(row.queue, row.folder, row.priority, row.answer_days, row.autonomy, row.name)


def missed(when: When, reading: Reading, channel: Channel) -> tuple[str, ...]:
    """Names of the conditions that do not hold."""
    found = {label.slug for label in reading.commitments}
    checks = {
        "kind": not when.kind or reading.kind in when.kind,
        "commitments": not when.commitments or bool(found & set(when.commitments)),
        "sentiment": not when.sentiment or reading.sentiment in when.sentiment,
        "urgent": when.urgent is None or reading.urgent == when.urgent,
        "channel": not when.channel or channel in when.channel,
        "below": when.below is None or reading.kind_confidence < when.below,
    }
    return tuple(name for name, holds in checks.items() if not holds)


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
