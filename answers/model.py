"""A written answer, and the facts of the service that answers quote."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from store.web_address import check_link, check_page

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


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
    """`url`: a page of the web, or of this site ("/avis")."""

    label: str
    url: str

    def __post_init__(self) -> None:
        check_link(self.url)


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

    def __post_init__(self) -> None:
        check_page(self.appointment_url)
        for spans in (self.hours, self.agent_hours):
            for day, of_day in spans.items():
                if day not in WEEKDAYS:
                    raise ValueError(f"« {day} » n'est pas un jour : écrivez {', '.join(WEEKDAYS)}")
                ends = [end for span in of_day for end in _ends(day, span)]
                if ends != sorted(ends):
                    raise ValueError(f"{day} : les plages se suivent dans la journée, sans se recouvrir")


def _ends(day: str, span: str) -> tuple[str, str]:
    found = re.fullmatch(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)", span)
    if found is None or found[1] >= found[2]:
        raise ValueError(f"{day} : « {span} » n'est pas une plage : écrivez début et fin, comme 09:00-12:30")
    return found[1], found[2]
