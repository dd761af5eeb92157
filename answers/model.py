"""A written answer, and the facts of the service that answers quote."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar


class Written:
    """Part of a content file: keys that are not fields are refused (read by the loader in `store.content`)."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True)
class Choice(Written):
    """A button: what it says, and the message that pressing it sends."""

    label: str
    message: str


@dataclass(frozen=True)
class Link(Written):
    label: str
    url: str


@dataclass(frozen=True)
class Answer(Written):
    """What is said for one intent. `plain` says the same in simpler words; `asked`: the button that asks for it."""

    text: str
    plain: str
    asked: Choice | None = None
    choices: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class MailText(Written):
    """A mail written beforehand. `dated`: the day it was last read through."""

    dated: date
    subject: str
    text: str


@dataclass(frozen=True)
class Service(Written):
    """How to reach the Region.

    `hours`, and `agent_hours` of live chat: for each weekday in French, spans such as "09:00-12:30"; none means closed.
    """

    region: str
    phone: str
    email: str
    address: str
    dpo_email: str
    appointment_url: str
    hours: dict[str, tuple[str, ...]]
    agent_hours: dict[str, tuple[str, ...]]
    phone_note: str = ""
    closing_note: str = ""
    sample: bool = False
    facts: dict[str, str] = field(default_factory=dict)
