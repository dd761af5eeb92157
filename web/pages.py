"""The templates of every room in one place, with the words that all pages share."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fastapi import Request
from fastapi.templating import Jinja2Templates
from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from answers.book import WEEKDAYS, AnswerBook
from answers.hours import hours_in_words
from language.dates import in_words
from web.region import Region

ROOT = Path(__file__).parent.parent
FOLDERS = tuple(ROOT / room / "templates" for room in ("web", "desk", "quality"))


def build_templates(region: Region, answers: AnswerBook) -> Jinja2Templates:
    """Templates that escape everything, and know the Region, its service, and how to tell a date."""
    loader = ChoiceLoader([FileSystemLoader(folder) for folder in FOLDERS])
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals["region"] = region
    environment.globals["service"] = answers.service
    environment.globals["opening_hours"] = lambda: hours_in_words(answers.service().hours, WEEKDAYS)
    environment.globals["agent_hours"] = lambda: hours_in_words(answers.service().agent_hours, WEEKDAYS)
    environment.filters["day"] = lambda day: in_words(day, weekday=True)
    environment.filters["moment"] = _moment(region)
    return Jinja2Templates(env=environment, context_processors=[_agent])


def _agent(request: Request) -> dict[str, object]:
    return {"agent": getattr(request.state, "agent", None)}


def _moment(region: Region) -> Callable[[datetime], str]:
    def moment(at: datetime) -> str:
        here = at.astimezone(region.timezone())
        return f"{in_words(here.date(), weekday=True)} à {here.hour}\u00a0h\u00a0{here.minute:02}"

    return moment
