"""`/console`: the lists of messages, and one message with all that is known of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

import dossiers.store
from desk import changes, lists, notes, presence, words
from desk.answer_view import Answering, view
from desk.lists import Reader
from desk.model import Filter, inside_console, read_filter, read_place
from desk.original import Original
from dossiers.explain import explain
from history.store import note_reading
from language.danger import find_danger
from people.rights import Guard, Right
from triage import store
from triage.errors import RoutingError
from triage.model import Channel, Commitment, Kind, Label, Message, Reading, Route, Sentiment
from triage.risk import IN_WORDS
from triage.route import Table, route
from triage.search import pieces
from triage.tables import FeedbackItemRow

TOLD = ("fait", "refus", "essai", "parti", "inconnu")
"""What an address tells of the action before it."""


@dataclass(frozen=True)
class Live:
    """How often a stream of news looks, in seconds, and how many times before the browser has to ask again, and be let in again."""

    seconds: float = 3.0
    looks: int = 100


@dataclass(frozen=True)
class Desk:
    """What the desk needs from outside.

    `guard` lets in those who have the right; `local_clock` gives the time where they work; `agents` the names of all; `closing` the hour at which
    the service closes on a day; `routing` the table in force (raises RoutingError); `open_original` reads what a mail holds beside its text;
    `answering`: what answering needs.
    """

    guard: Guard
    sessions: sessionmaker[Session]
    templates: Jinja2Templates
    local_clock: Callable[[], datetime]
    agents: Callable[[Session], Mapping[int, str]]
    closing: Callable[[date], str]
    routing: Callable[[], Table]
    open_original: Callable[[bytes], Original]
    answering: Answering
    live: Live = Live()

    def reader(self, request: Request) -> Reader:
        """For whom a list is made."""
        now = self.local_clock()
        assert now.tzinfo is not None
        return Reader(request.state.agent.id, now.date(), now.tzinfo)

    def item(self, session: Session, reference: str) -> FeedbackItemRow:
        """The item, or a page not found."""
        row = store.get_item(session, reference)
        if row is None:
            raise HTTPException(404)
        return row

    def common(self, request: Request, session: Session, wanted: Filter, agents: Mapping[int, str]) -> dict[str, Any]:
        """What every page of messages shows around."""
        agent = request.state.agent
        done = changes.told(session, request.query_params.get("fait", ""), agent.id)
        return {
            "words": words,
            "today": self.local_clock().date(),
            "counts": lists.counts(session, agent.id, self.local_clock().date()),
            "filters": lists.filters(session, agent.id),
            "wanted": wanted,
            "agents": agents,
            "closing": self.closing,
            "done": words.done(done.field, done.after, done.items, agents) if done else "",
            "batch": request.query_params.get("fait", "") if done and done.undoable else "",
            "refusal": changes.TOO_MANY if request.query_params.get("refus") else "",
            "here": _here(request),
            "cited": notes.unseen(session, agent.id),
        }

    def proposed(self, item: FeedbackItemRow) -> Route | None:
        """Where the message would go by its labels of now. None when there never was a valid table."""
        try:
            return route(reading_of(item), Channel(item.channel), self.routing(), message_of(item))
        except RoutingError:
            return None

    def why(self, item: FeedbackItemRow) -> str:
        """Conditions, in words, of the row that routed the message; "" when the row is no longer in the table."""
        try:
            return next((words.conditions(row.when) for row in self.routing().rows if row.name == item.rule), "")
        except RoutingError:
            return ""

    def queues(self) -> list[str]:
        """Every queue that the table names."""
        try:
            return list(dict.fromkeys(row.queue for row in self.routing().rows))
        except RoutingError:
            return []


def build_router(desk: Desk) -> APIRouter:
    """Pages to read."""
    router = APIRouter(prefix="/console", dependencies=[Depends(desk.guard.require(Right.READ_MESSAGES))])

    @router.get("")
    def messages(request: Request) -> Response:
        wanted, reader = read_filter(request.query_params), desk.reader(request)
        place = read_place(request.query_params.get("apres", ""), request.query_params.get("avant", ""))
        with desk.sessions() as session:
            agents = desk.agents(session)
            found = lists.page(session, wanted, reader, place)
            terms = wanted.terms()
            told = desk.common(request, session, wanted, agents) | {
                "page": found,
                "rows": found.rows,
                "found": {row.id: pieces(f"{row.subject}\n{row.text}", terms) for row in found.rows} if terms else {},
                "open_by": presence.others(session, [row.id for row in found.rows], reader.agent_id, desk.local_clock()),
                "newest": lists.newest(session),
                "queues": desk.queues(),
                "picked": bool(wanted.address()),
                "order": IN_WORDS if wanted.by_risk() else "Les plus récents d'abord.",
                "title": words.list_title(wanted, agents),
            }
        return desk.templates.TemplateResponse(request, "desk_queue.html", told)

    @router.get("/messages/{reference}")
    def message(request: Request, reference: str) -> Response:
        wanted, reader, now = read_filter(request.query_params), desk.reader(request), desk.local_clock()
        agent = request.state.agent
        with desk.sessions.begin() as session:
            row = desk.item(session, reference)
            agents = desk.agents(session)
            presence.look_at(session, row.id, agent, now)
            notes.see(session, row.id, agent.id, now)
            history = changes.history(session, row.id)
            proposed = desk.proposed(row) if any(one.field in changes.LABELS for one in history) else None
            told = desk.common(request, session, wanted, agents) | {
                "row": row,
                "passages": words.passages(row.text, [(label.slug, label.evidence) for label in row.labels]),
                "carried": {label.slug: label for label in row.labels},
                "next": lists.neighbour(session, wanted, reader, row),
                "previous": lists.neighbour(session, wanted, reader, row, back=True),
                "follows": session.get(FeedbackItemRow, row.follows_id) if row.follows_id else None,
                "earlier": lists.of_sender(session, row),
                "files": [(one, explain(one, None, now.date())) for one in dossiers.store.of_email(session, row.sender_email)],
                "history": history,
                "open_by": presence.others(session, [row.id], agent.id, now).get(row.id, []),
                "lease": presence.lease(session, row.id, now),
                "why": desk.why(row),
                "move_to": proposed if proposed and proposed.queue != row.queue else None,
                "queues": desk.queues(),
                "picked": True,
                "too_late": bool(request.query_params.get("parti")),
                "danger": find_danger(f"{row.subject}\n{row.text}") is not None,
                "strangers": [one[:60] for one in request.query_params.getlist("inconnu")[:5]],
            }
            told |= view(
                session, desk.answering, row, agent, agent.may(Right.VALIDATE_ANSWERS), now, bool(request.query_params.get("essai"))
            )
            # Messages whose words stand on this page beside its own are read with it.
            for about in (reference, *(one.reference for one in told["similar"]), *(one.merged for one in told["said"] if one.merged)):
                note_reading(session, agent, about, at=now)
        return desk.templates.TemplateResponse(request, "desk_message.html", told)

    @router.post("/filtres")
    def keep(request: Request, nom: str = Form(""), adresse: str = Form("")) -> Response:
        name, path = " ".join(nom.replace("\x00", "").split())[:100], inside_console(f"/console?{adresse}")
        if name:
            with desk.sessions.begin() as session:
                lists.save_filter(session, request.state.agent.id, name, path.partition("?")[2][:1000])
        return RedirectResponse(path, 303)

    @router.post("/filtres/{number}/retirer")
    def forget(request: Request, number: int) -> Response:
        with desk.sessions.begin() as session:
            lists.forget_filter(session, request.state.agent.id, number)
        return RedirectResponse("/console", 303)

    return router


def reading_of(item: FeedbackItemRow) -> Reading:
    """The labels of an item as they are now."""
    labels = tuple(Label(Commitment(one.slug), one.confidence, tuple(one.evidence)) for one in item.labels)
    return Reading(
        Kind(item.kind),
        item.kind_confidence,
        labels,
        Sentiment(item.sentiment),
        item.sentiment_confidence,
        item.urgent,
        item.urgent_confidence,
        item.model,
        item.language,
    )


def message_of(item: FeedbackItemRow) -> Message:
    """The words of an item, for the conditions of the routing table. To whom it was sent is no longer known."""
    return Message(item.message_id, item.subject, item.sender_name, item.sender_email, item.received_at, item.text, item.quoted, (), None)


def _here(request: Request) -> str:
    """The address of the page, without what an action before it told."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in TOLD]
    return request.url.path + (f"?{urlencode(kept)}" if kept else "")
