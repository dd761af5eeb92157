"""`/console/historique`: who read and changed what. Nothing can be changed here: the history has no such function."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from history.model import WORDS, What
from history.store import HistoryRow, Wanted, find, note
from people.rights import Guard, Right
from web.accounts import store

PAGE = 50
MOST_LINES = 50_000
BAD_DAY = "Vérifiez les dates. Elles doivent ressembler à 2026-11-24."


def build_router(
    guard: Guard, sessions: sessionmaker[Session], templates: Jinja2Templates, local_clock: Callable[[], datetime]
) -> APIRouter:
    """For those who oversee. `local_clock` gives the time where the agents work."""
    router = APIRouter(prefix="/console/historique", dependencies=[Depends(guard.require(Right.HISTORY))])

    @router.get("")
    def page(
        request: Request,
        personne: str = "",
        objet: str = "",
        du: str = "",
        au: str = "",
        page_number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
    ) -> Response:
        wanted, error = _wanted(personne, objet, du, au, local_clock())
        with sessions() as session:
            rows = find(session, wanted, PAGE + 1, PAGE * (page_number - 1))
            people = store.names(session)
        asked = {"personne": personne, "objet": objet, "du": du, "au": au}
        told = {
            "rows": [(row, said(row)) for row in rows[:PAGE]],
            "more": len(rows) > PAGE,
            "page_number": page_number,
            "people": sorted(people.items(), key=lambda pair: pair[1].casefold()),
            "asked": asked,
            "query": urlencode({name: value for name, value in asked.items() if value}),
            "error": error,
        }
        return templates.TemplateResponse(request, "history.html", told, status_code=422 if error else 200)

    @router.get("/historique.csv")
    def as_csv(personne: str = "", objet: str = "", du: str = "", au: str = "", *, request: Request) -> Response:
        wanted, _ = _wanted(personne, objet, du, au, local_clock())
        with sessions.begin() as session:
            written = write_csv(find(session, wanted, MOST_LINES))
            asked = ", ".join(part for part in (personne, objet, du, au) if part) or "tout"
            note(session, request.state.agent, What.EXPORTED, "historique", after=asked, at=local_clock())
        headers = {"Content-Disposition": 'attachment; filename="historique.csv"'}
        return Response(written, media_type="text/csv; charset=utf-8", headers=headers)

    return router


def said(row: HistoryRow) -> str:
    """What was done, in words."""
    return WORDS[What(row.what)] if row.what in set(What) else row.what


def write_csv(rows: object) -> str:
    """The lines with their seals, newest first. A cell that a spreadsheet would take for a formula is made a text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(("numero", "moment", "compte", "personne", "action", "objet", "avant", "apres", "empreinte"))
    for row in rows:  # type: ignore[attr-defined]
        cells = (row.number, row.at.isoformat(), row.person, row.who, row.what, row.about, row.before, row.after, row.seal)
        writer.writerow(tuple("" if cell is None else _plain(str(cell)) for cell in cells))
    return out.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _wanted(person: str, about: str, since: str, until: str, here: datetime) -> tuple[Wanted, str]:
    """What is looked for, and why a date could not be read."""
    try:
        first = _start(since, here) if since else None
        last = _start(until, here) + timedelta(days=1) if until else None
    except (ValueError, OverflowError):
        return Wanted(), BAD_DAY
    number = int(person) if person.isdecimal() and len(person) < 10 else None
    return Wanted(number, about.replace("\x00", "").strip()[:200], first, last), ""


def _start(day: str, here: datetime) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), here.tzinfo)
