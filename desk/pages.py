"""`/console`: queues, the messages of a queue, one message."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from desk import words
from history.store import note_reading
from people.rights import Guard, Right
from triage import store

PAGE = 50


def build_router(
    guard: Guard, sessions: sessionmaker[Session], templates: Jinja2Templates, local_clock: Callable[[], datetime]
) -> APIRouter:
    """`guard` lets in those who may read messages; `local_clock` gives the time where the agents work."""
    router = APIRouter(prefix="/console", dependencies=[Depends(guard.require(Right.READ_MESSAGES))])

    def page(request: Request, name: str, told: dict[str, Any]) -> Response:
        return templates.TemplateResponse(request, name, {"words": words, "today": local_clock().date(), **told})

    @router.get("")
    def queue(request: Request, file: str = "", page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1) -> Response:
        with sessions() as session:
            queues = store.queues(session)
            chosen = file or next((name for name, count in queues if count), "")
            rows = store.list_items(session, chosen, PAGE + 1, PAGE * (page_number - 1)) if chosen else []
            told = {
                "queues": queues,
                "chosen": chosen,
                "picked": bool(file),
                "rows": rows[:PAGE],
                "page_number": page_number,
                "more": len(rows) > PAGE,
            }
            return page(request, "desk_queue.html", told)

    @router.get("/messages/{reference}")
    def message(request: Request, reference: str) -> Response:
        with sessions.begin() as session:
            row = store.get_item(session, reference)
            if row is None:
                raise HTTPException(404)
            note_reading(session, request.state.agent, reference, at=local_clock())
            text = words.passages(row.text, [(label.slug, label.evidence) for label in row.labels])
            return page(request, "desk_message.html", {"queues": store.queues(session), "chosen": row.queue, "row": row, "passages": text})

    return router
