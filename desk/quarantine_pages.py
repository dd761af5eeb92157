"""`/console/quarantaine`: mails that could not be read, their bytes, and another reading."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from desk import quarantine_words as words
from history.model import What
from history.store import note, note_reading
from people.rights import Guard, Right
from triage import store

HOME = "/console/quarantaine"
PAGE = 50


def build_router(
    guard: Guard, sessions: sessionmaker[Session], templates: Jinja2Templates, local_clock: Callable[[], datetime]
) -> APIRouter:
    """`guard` lets in those who may see the quarantine; `local_clock` gives the time where the agents work."""
    router = APIRouter(prefix=HOME, dependencies=[Depends(guard.require(Right.QUARANTINE))])

    @router.get("")
    def quarantine(request: Request, page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1, relu: int = 0) -> Response:
        with sessions() as session:
            rows = store.list_quarantine(session, PAGE + 1, PAGE * (page_number - 1))
        told = {"rows": rows[:PAGE], "page_number": page_number, "more": len(rows) > PAGE, "asked": relu, "now": local_clock()}
        return templates.TemplateResponse(request, "desk_quarantine.html", {"said": words, **told})

    @router.get("/{number}/message.eml")
    def original(request: Request, number: int) -> Response:
        with sessions.begin() as session:
            raw = store.quarantined_raw(session, number)
            if raw is None:
                raise HTTPException(404)
            note_reading(session, request.state.agent, f"quarantaine {number}", at=local_clock(), what=What.READ_RAW)
        # Saved, never shown: what is in it may be made to harm.
        headers = {"Content-Disposition": f'attachment; filename="message-{number}.eml"', "Cache-Control": "no-store"}
        return Response(raw, media_type="application/octet-stream", headers=headers)

    @router.post("/{number}/rejouer")
    def replay(request: Request, number: int) -> Response:
        with sessions.begin() as session:
            found = store.reopen(session, number)
            if found:
                note(session, request.state.agent, What.CHANGED, f"quarantaine {number}", after="relu", at=local_clock())
        # Another agent may have asked just before: the list tells what became of it.
        return RedirectResponse(f"{HOME}?relu={number}" if found else HOME, 303)

    return router
