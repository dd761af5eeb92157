"""`/console/saisie`: an agent types in a message that came otherwise than by mail or by the site."""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from starlette.concurrency import run_in_threadpool

from desk import words
from desk.entry import CHANNELS, Entry, read_entry
from history.model import What
from history.store import Person, note
from people.rights import Guard, Right
from triage import store
from triage.model import Kept, Letter

PATH = "/console/saisie"
BODY = 400_000
"""Bytes of the form: a text far too long is still given back to be shortened."""
NOT_KEPT = "Une panne empêche d'enregistrer ce message. Attendez quelques minutes, puis enregistrez à nouveau."
log = logging.getLogger(__name__)


def build_router(
    guard: Guard,
    sessions: sessionmaker[Session],
    templates: Jinja2Templates,
    receive: Callable[[Letter], Kept],
    local_clock: Callable[[], datetime],
) -> APIRouter:
    """`guard` lets in those who handle messages; `receive` keeps a letter in the queues; `local_clock` gives the time where the agents work."""
    router = APIRouter(prefix=PATH, dependencies=[Depends(guard.require(Right.HANDLE_MESSAGES))])

    def page(request: Request, entry: Entry, errors: dict[str, str], status: int = 200) -> Response:
        try:
            with sessions() as session:
                services = store.services(session)
        except SQLAlchemyError:
            services = []  # what was typed matters more than what could be suggested
        told = {"entry": entry, "errors": errors, "channels": CHANNELS, "words": words, "services": services, "today": local_clock().date()}
        return templates.TemplateResponse(request, "desk_entry.html", told, status_code=status)

    @router.get("")
    def form(request: Request) -> Response:
        """`canal` and `recu_le` in the address: those of the message typed in before."""
        asked = read_entry(request.query_params)
        day = asked.received_on or local_clock().date().isoformat()
        return page(request, Entry(secrets.token_urlsafe(16), asked.channel, day), {})

    @router.post("")
    async def send(request: Request) -> Response:
        agent: Person = request.state.agent
        async with request.form() as form:
            entry = read_entry({name: value for name, value in form.multi_items() if isinstance(value, str)})
        return await run_in_threadpool(_keep, request, entry, agent)

    def _keep(request: Request, entry: Entry, agent: Person) -> Response:
        now = local_clock()
        errors = entry.errors(now.date())
        if errors:
            return page(request, entry, errors, 422)
        try:
            kept = receive(entry.letter(agent.name, now))
            with sessions.begin() as session:
                note(session, agent, What.CHANGED, kept.reference, after="saisi", at=now)
        except SQLAlchemyError as error:
            log.error("typed message not kept: %s", type(error).__name__)
            return page(request, entry, {"enregistrer": NOT_KEPT}, 503)
        return RedirectResponse(f"{PATH}/recu/{kept.reference}", 303)

    @router.get("/recu/{reference}")
    def received(request: Request, reference: str) -> Response:
        with sessions() as session:
            row = store.get_item(session, reference)
        if row is None:
            raise HTTPException(404)
        now = local_clock()
        told = {"row": row, "words": words, "today": now.date(), "received_on": row.received_at.astimezone(now.tzinfo).date()}
        return templates.TemplateResponse(request, "desk_entry_received.html", told)

    return router
