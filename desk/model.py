"""What agents do with messages, and which of them they look at. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from triage.model import Channel, Commitment, Kind, Sentiment
from triage.search import Term, read_query

MOST_AT_ONCE = 200
PRESENT = timedelta(seconds=60)
"""How long after its last sign an open page counts as open."""
LEASE = timedelta(minutes=2)
"""How long the right to answer lasts unless the page renews it."""
WAIT = timedelta(days=15)
"""When a message that waits for the person comes back, unless the agent names another day."""
LONGEST_WAIT = timedelta(days=366)


class Status(StrEnum):
    """Where a message stands. WAITING: the user has to send something."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"
    SPAM = "spam"


class Outcome(StrEnum):
    """How a message that is closed ended."""

    ANSWERED = "repondu"
    FORWARDED = "transmis"
    NOTHING = "sans_suite"
    DUPLICATE = "doublon"


class Means(StrEnum):
    """How the person was answered. FORWARDED: another administration has the message and will answer; no agent chooses it by hand."""

    MAIL = "courriel"
    PHONE = "telephone"
    LETTER = "lettre"
    COUNTER = "guichet"
    FORWARDED = "transmission"


CHOSEN = (Means.MAIL, Means.PHONE, Means.LETTER, Means.COUNTER)
MOST_NUMBER = 2**31 - 1
"""No row of the database has a greater number."""


class DraftState(StrEnum):
    """SUBMITTED: somebody who may validate answers has to read it. RETURNED: they asked for a change."""

    DRAFT = "brouillon"
    SUBMITTED = "a_valider"
    RETURNED = "a_reprendre"


class Impossible(ValueError):
    """Cette action n'est pas possible sur ce message."""


@dataclass(frozen=True)
class Filter:
    """Which messages a list shows; every field is a part of its address. Empty: not asked. `who`: "moi", "personne", or an agent's number."""

    queue: str = field(default="", metadata={"in": "file"})
    status: str = field(default="", metadata={"in": "etat"})
    who: str = field(default="", metadata={"in": "qui"})
    late: bool = field(default=False, metadata={"in": "retard"})
    commitment: str = field(default="", metadata={"in": "engagement"})
    sentiment: str = field(default="", metadata={"in": "ressenti"})
    kind: str = field(default="", metadata={"in": "type"})
    channel: str = field(default="", metadata={"in": "canal"})
    since: date | None = field(default=None, metadata={"in": "du"})
    until: date | None = field(default=None, metadata={"in": "au"})
    words: str = field(default="", metadata={"in": "q"})

    def terms(self) -> tuple[Term, ...]:
        """What is looked for in the text."""
        return read_query(self.words)

    def shown_status(self) -> str:
        """The status that the list holds: what is to do, unless told otherwise; a search looks everywhere."""
        return self.status or (ALL if self.words.strip() else Status.OPEN)

    def by_risk(self) -> bool:
        """What is to do comes by risk, the rest by date."""
        return self.shown_status() in (Status.OPEN, Status.WAITING)

    def address(self, **changed: object) -> str:
        """The query string of this list, or of one that differs by what is given."""
        told = asdict(replace(self, **changed))  # type: ignore[arg-type]
        return urlencode({name: _written(told[key]) for key, name in NAMES.items() if told[key]})


ALL = "tous"
NAMES = {one.name: one.metadata["in"] for one in fields(Filter)}
_ALLOWED: dict[str, frozenset[str]] = {
    "status": frozenset({*Status, ALL}),
    "commitment": frozenset(Commitment),
    "sentiment": frozenset(Sentiment),
    "kind": frozenset(Kind),
    "channel": frozenset(Channel),
}


def read_filter(address: Mapping[str, str]) -> Filter:
    """The filter that an address tells; what it tells wrongly is left out. Never raises."""
    found: dict[str, Any] = {}
    for key, name in NAMES.items():
        value = address.get(name, "").replace("\x00", "").strip()
        if key in ("since", "until"):
            found[key] = _day(value)
        elif key == "late":
            found[key] = value == "1"
        elif key == "who":
            found[key] = value if value in ("moi", "personne") or (value.isdecimal() and value.isascii() and len(value) < 10) else ""
        else:
            found[key] = value[:200] if value in _ALLOWED.get(key, (value,)) else ""
    return Filter(**found)


@dataclass(frozen=True)
class Place:
    """A place in a list: the value it is sorted by, then the number of the item. `back`: what stands before it is wanted."""

    value: int
    item: int
    back: bool = False

    def written(self) -> str:
        return f"{self.value}.{self.item}"


def read_place(after: str, before: str) -> Place | None:
    """The place that an address tells, None when it tells none."""
    for text, back in ((after, False), (before, True)):
        value, dot, item = text.partition(".")
        if dot and len(text) < 40 and value.lstrip("-").isdecimal() and item.isdecimal() and text.isascii():
            return Place(int(value), int(item), back)
    return None


@dataclass(frozen=True)
class Lease:
    """Who has the right to answer a message, until when."""

    agent_id: int
    agent_name: str
    until: datetime

    def holds(self, now: datetime) -> bool:
        return now < self.until

    def keeps_out(self, agent_id: int, now: datetime) -> bool:
        """Whether another agent has to ask before answering."""
        return self.agent_id != agent_id and self.holds(now)


def day_to_come(text: str, today: date) -> date | None:
    """A day after today and within a year, None when the text tells none."""
    day = _day(text)
    return day if day and today < day <= today + LONGEST_WAIT else None


def inside_console(path: str) -> str:
    """`path` when it is a page of the console, else the console: a form may not send an agent elsewhere."""
    inside = path == "/console" or path.startswith(("/console?", "/console/"))
    return path if inside and "\\" not in path and path.isprintable() else "/console"


def _written(value: object) -> str:
    return "1" if value is True else str(value)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
