"""`/console/actions`: what agents do with one message or with many, and its undoing. Works without script."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from desk import changes, lists, presence, sharing_store
from desk.changes import Change, become, certain
from desk.model import MOST_AT_ONCE, WAIT, Outcome, Status, day_to_come, inside_console
from desk.pages import TOLD, Desk
from people.rights import Right
from triage.errors import RoutingError
from triage.model import Channel, Commitment, Kind, Reading, Sentiment
from triage.route import route

_STATUSES = {"clore": Status.CLOSED, "rouvrir": Status.OPEN, "attendre": Status.WAITING, "indesirable": Status.SPAM}


def build_router(desk: Desk) -> APIRouter:
    """Routes that change something."""
    router = APIRouter(prefix="/console", dependencies=[Depends(desk.guard.require(Right.HANDLE_MESSAGES))])

    @router.post("/actions")
    def act(
        request: Request,
        m: Annotated[Sequence[str], Form()] = (),
        faire: Annotated[str, Form()] = "",
        file: Annotated[str, Form()] = "",
        engagement: Annotated[str, Form()] = "",
        rappel: Annotated[str, Form()] = "",
        raison: Annotated[str, Form()] = "",
        retour: Annotated[str, Form()] = "/console",
    ) -> Response:
        verb, _, value = faire.partition(":")
        given = {"file": file, "attendre": rappel}.get(verb, engagement)
        wanted = _changes(desk, verb, value or given, request.state.agent.id)
        if wanted is None or len(m) > MOST_AT_ONCE:
            raise HTTPException(422)
        with desk.sessions.begin() as session:
            items = lists.by_references(session, [reference[:32] for reference in m])
            held = [one for one in items if one.assignee_id == request.state.agent.id]
            done = changes.apply(session, items, wanted, request.state.agent, desk.local_clock())
            if verb == "rendre":
                sharing_store.give_back(session, held, request.state.agent, raison, desk.local_clock())
        return _back(retour, done)

    @router.post("/actions/{batch}/annuler")
    def undo(request: Request, batch: str, retour: Annotated[str, Form()] = "/console") -> Response:
        with desk.sessions.begin() as session:
            done = changes.undo(session, batch[:32], request.state.agent, desk.local_clock())
        return _back(retour, done)

    @router.post("/messages/{reference}/reponse")
    def answer(
        request: Request,
        reference: str,
        faire: Annotated[str, Form()] = "commencer",
        retour: Annotated[str, Form()] = "/console",
    ) -> Response:
        """Takes, keeps or gives back the right to answer: one agent at a time answers a message."""
        with desk.sessions.begin() as session:
            item = desk.item(session, reference)
            if faire == "finir":
                presence.end_answer(session, item.id, request.state.agent)
            else:
                presence.begin_answer(session, item.id, request.state.agent, desk.local_clock(), knowingly=faire == "reprendre")
        return RedirectResponse(inside_console(retour), 303)

    @router.post("/messages/{reference}/quitter", status_code=204)
    def leave(request: Request, reference: str) -> Response:
        with desk.sessions.begin() as session:
            presence.leave(session, desk.item(session, reference).id, request.state.agent)
        return Response(status_code=204)

    return router


def _changes(desk: Desk, verb: str, value: str, agent_id: int) -> dict[str, Change] | None:
    """Changes that an action asks for, None when there is no such action."""
    today = desk.local_clock().date()
    if verb in _STATUSES:
        day = day_to_come(value, today) or today + WAIT
        status: dict[str, Change] = {
            "status": become(_STATUSES[verb].value),
            "remind_on": become(day.isoformat() if verb == "attendre" else None),
        }
        if verb == "clore":
            return status | ({"outcome": become(value)} if value in set(Outcome) else {})
        status |= {"outcome": become(None)}
        status |= {"merged_into_id": become(None)} if verb == "rouvrir" else {}
        return status | ({"kind": certain(Kind.HORS_PERIMETRE.value)} if verb == "indesirable" else {})
    if verb == "echeance" and (promised := day_to_come(value, today)):
        return {
            "due_on": become(promised.isoformat()),
            "promised": become(True),
            "status": become(Status.OPEN.value),
            "outcome": become(None),
        }
    if verb in ("prendre", "rendre"):
        return {"assignee_id": become(agent_id if verb == "prendre" else None)}
    if verb == "hors-perimetre":
        return {"kind": certain(Kind.HORS_PERIMETRE.value)} | _queue_of_kind(desk)
    if verb == "file":
        return _queue(desk, value)
    if verb == "urgent":
        return {"urgent": changes.toggle_urgent}
    if verb in ("engagement", "ajouter") and value in set(Commitment):
        return {"commitments": (changes.toggle_commitment if verb == "engagement" else changes.add_commitment)(value)}
    if verb == "ressenti" and value in set(Sentiment):
        return {"sentiment": certain(value)}
    if verb == "type" and value in set(Kind):
        return {"kind": certain(value)}
    return None


def _queue(desk: Desk, name: str) -> dict[str, Change] | None:
    """A move to a queue of the routing table."""
    try:
        row = next((row for row in desk.routing().rows if row.queue == name), None)
    except RoutingError:
        row = None
    return {"queue": become(row.queue)} if row else None


def _queue_of_kind(desk: Desk) -> dict[str, Change]:
    """The move that the table asks for of what is surely out of scope."""
    sure = Reading(Kind.HORS_PERIMETRE, 1.0, (), Sentiment.NEUTRE, 1.0, False, 1.0, "")
    try:
        found = route(sure, Channel.MAIL, desk.routing())
    except RoutingError:
        return {}
    return {"queue": become(found.queue)}


def _back(to: str, done: changes.Done) -> Response:
    """The page that the action came from, with what was done."""
    path, _, query = inside_console(to).partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name not in TOLD]
    kept += [("fait", done.batch)] if done.items else []
    kept += [("refus", "1")] if done.refused else []
    return RedirectResponse(path + (f"?{urlencode(kept)}" if kept else ""), 303)
