"""A mail to be sent, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """DUE: still to be sent. FAILED: refused for good, or not taken after three days."""

    DUE = "due"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Attached:
    """A file that goes with a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Outgoing:
    """A mail to one person. `headers`: pairs of name and value, of `outbox.compose.HEADERS` only."""

    to: str
    subject: str
    text: str
    attachments: tuple[Attached, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Identity:
    """Who sends. `domain`: right part of our Message-IDs. `returns`: where delivery reports come, `address` when empty."""

    name: str
    address: str
    domain: str
    returns: str = ""


@dataclass(frozen=True)
class Claimed:
    """A mail that one sender alone may send until its lease ends. `tries` counts this one; `first_try`: when the first was."""

    id: int
    token: str
    message_id: str
    written_at: datetime
    first_try: datetime
    tries: int
    mail: Outgoing
