"""`/console/partage`: how queues are shared and between whom; `/console/absences`: one's own absences. Plain forms."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from desk import sharing_store as store
from desk.pages import Desk
from desk.sharing import MOST_OPEN, Rule, Way
from desk.sharing_tables import AbsenceRow
from history.model import What
from history.store import note
from people.rights import Right

HOME, OWN = "/console/partage", "/console/absences"
WAYS = {Way.MANUAL: "À la main", Way.TURN: "Chacun son tour", Way.LOAD: "Selon la charge"}
MOST_ALLOWED = 500


def build_router(desk: Desk, accounts: Callable[[Session], Sequence[store.Account]]) -> APIRouter:
    """`accounts`: everybody who has an account."""
    router = APIRouter()
    may_see, may_set, may_be_away = (
        [Depends(desk.guard.require(right))] for right in (Right.SEE_SHARING, Right.SET_SHARING, Right.OWN_ACCOUNT)
    )

    def page(request: Request, own: bool, status: int = 200, error: str = "") -> Response:
        today, agent = desk.local_clock().date(), request.state.agent
        with desk.sessions() as session:
            team = store.able(accounts(session))
            rules = store.rules(session)
            told = {
                "own": own,
                "error": error,
                "today": today,
                "ways": WAYS,
                "queues": {queue: rules.get(queue, Rule()) for queue in desk.queues()},
                "people": {one.id: one for one in store.people(session, team, today)},
                "names": {one.id: one.name for one in team},
                "absences": [row for row in store.absences(session, today) if not own or row.agent_id == agent.id],
                "default_most": MOST_OPEN,
                "may_set": agent.may(Right.SET_SHARING),
                "done": "C'est enregistré." if request.query_params.get("fait") and not error else "",
            }
        return desk.templates.TemplateResponse(request, "desk_sharing.html", told, status_code=status)

    def keep_absence(request: Request, number: int, first: str, last: str, substitute: str) -> None:
        try:
            days = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            raise ValueError("Indiquez le premier et le dernier jour de l'absence.") from None
        now = desk.local_clock()
        with desk.sessions.begin() as session:
            names = {one.id: one.name for one in store.able(accounts(session))}
            other = int(substitute) if substitute.isdecimal() and int(substitute) in names else None
            if number not in names:
                raise ValueError("Choisissez une personne dans la liste.")
            store.add_absence(session, number, *days, other, now.date())
            said = f"absence du {days[0]} au {days[1]}" + (f", remplacement par {names[other]}" if other is not None else "")
            note(session, request.state.agent, What.CHANGED, f"absences de {names[number]}", after=said, at=now)

    def drop_absence(request: Request, number: int, owner: int | None) -> None:
        with desk.sessions.begin() as session:
            row = session.get(AbsenceRow, number)
            if row is None or (owner is not None and row.agent_id != owner):
                raise HTTPException(404)
            name = desk.agents(session).get(row.agent_id, "un agent")
            said = f"absence du {row.first_day} au {row.last_day}"
            session.delete(row)
            session.flush()
            note(session, request.state.agent, What.CHANGED, f"absences de {name}", said, "retirée", at=desk.local_clock())

    @router.get(HOME, dependencies=may_see)
    def sharing(request: Request) -> Response:
        return page(request, own=False)

    @router.post(f"{HOME}/file", dependencies=may_set)
    def set_queue(
        request: Request,
        file: Annotated[str, Form()] = "",
        partage: Annotated[str, Form()] = "",
        engagements: Annotated[bool, Form()] = False,
    ) -> Response:
        if file not in desk.queues() or partage not in set(Way):
            return page(request, False, 422, "Choisissez une file et un mode de partage dans les listes.")
        rule = Rule(Way(partage), engagements)
        with desk.sessions.begin() as session:
            before = store.rules(session).get(file, Rule())
            store.set_rule(session, file, rule)
            session.flush()
            note(session, request.state.agent, What.CHANGED, f"partage de {file}", _told(before), _told(rule), at=desk.local_clock())
        return RedirectResponse(f"{HOME}?fait=1", 303)

    @router.post(f"{HOME}/agent/{{number}}", dependencies=may_set)
    def set_agent(
        request: Request, number: int, files: Annotated[list[str] | None, Form()] = None, maximum: Annotated[str, Form()] = ""
    ) -> Response:
        if not (maximum.isdecimal() and maximum.isascii() and len(maximum) < 5 and int(maximum) <= MOST_ALLOWED):
            return page(request, False, 422, f"Indiquez un nombre de messages entre 0 et {MOST_ALLOWED}.")
        queues = [queue for queue in desk.queues() if queue in (files or [])]
        with desk.sessions.begin() as session:
            names = {one.id: one.name for one in store.able(accounts(session))}
            if number not in names:
                raise HTTPException(404)
            store.set_agent(session, number, queues, int(maximum))
            session.flush()
            said = f"{', '.join(queues) or 'aucune file'} ; {maximum} messages au plus"
            note(session, request.state.agent, What.CHANGED, f"partage, {names[number]}", after=said, at=desk.local_clock())
        return RedirectResponse(f"{HOME}?fait=1", 303)

    @router.post(f"{HOME}/absences", dependencies=may_set)
    def add_anybodys(
        request: Request,
        personne: Annotated[str, Form()] = "",
        du: Annotated[str, Form()] = "",
        au: Annotated[str, Form()] = "",
        remplacant: Annotated[str, Form()] = "",
    ) -> Response:
        try:
            keep_absence(request, int(personne) if personne.isdecimal() else 0, du, au, remplacant)
        except ValueError as error:
            return page(request, False, 422, str(error))
        return RedirectResponse(f"{HOME}?fait=1", 303)

    @router.post(f"{HOME}/absences/{{number}}/retirer", dependencies=may_set)
    def drop_anybodys(request: Request, number: int) -> Response:
        drop_absence(request, number, None)
        return RedirectResponse(f"{HOME}?fait=1", 303)

    @router.get(OWN, dependencies=may_be_away)
    def own_absences(request: Request) -> Response:
        return page(request, own=True)

    @router.post(OWN, dependencies=may_be_away)
    def add_own(
        request: Request, du: Annotated[str, Form()] = "", au: Annotated[str, Form()] = "", remplacant: Annotated[str, Form()] = ""
    ) -> Response:
        try:
            keep_absence(request, request.state.agent.id, du, au, remplacant)
        except ValueError as error:
            return page(request, True, 422, str(error))
        return RedirectResponse(f"{OWN}?fait=1", 303)

    @router.post(f"{OWN}/{{number}}/retirer", dependencies=may_be_away)
    def drop_own(request: Request, number: int) -> Response:
        drop_absence(request, number, request.state.agent.id)
        return RedirectResponse(f"{OWN}?fait=1", 303)

    return router


def _told(rule: Rule) -> str:
    """The rule in a line of the history."""
    return WAYS[rule.way] + (", d'abord au référent de l'engagement" if rule.by_commitment else "")
