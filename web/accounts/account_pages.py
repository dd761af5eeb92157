"""`/console/compte`: one's own password, second factor and sessions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from history.model import What
from history.store import note
from people.rights import RIGHTS, ROLE_NAMES, Guard, Right, Role, may
from web.accounts import sessions as kept
from web.accounts import store
from web.accounts.came import came_from
from web.accounts.entrance import WRONG_CODE, Entrance, Refused
from web.accounts.model import MIN_PASSWORD, Agent
from web.accounts.pages import DIFFERENT, secret_shown
from web.accounts.tables import AgentAccountRow

HOME = "/console/compte"
NEEDED = "Votre rôle demande un second facteur. Vous pouvez en changer, pas le retirer."


def build_router(guard: Guard, sessions: sessionmaker[Session], templates: Jinja2Templates, entrance: Entrance) -> APIRouter:
    """Everyone who has signed in has these pages."""
    router = APIRouter(prefix=HOME, dependencies=[Depends(guard.require(Right.OWN_ACCOUNT))])
    rules = entrance.rules

    def own(session: Session, request: Request) -> AgentAccountRow:
        account = store.get_account(session, request.state.agent.id)
        if account is None:
            raise HTTPException(404)
        return account

    def page(request: Request, status: int = 200, **told: object) -> Response:
        agent: Agent = request.state.agent
        with sessions() as session:
            account = own(session, request)
            found = {
                "account": account,
                "role_name": ROLE_NAMES[agent.role],
                "rights": [words for right, (_, words) in RIGHTS.items() if may(agent.role, right)],
                "sessions": kept.sessions_of(session, agent.id, entrance.now(), rules.idle),
                "codes_left": store.recovery_codes_left(session, [agent.id]).get(agent.id, 0),
                "needed": Role(account.role) in rules.second_factor,
                "least": MIN_PASSWORD,
            }
        return templates.TemplateResponse(request, "account.html", found | told, status_code=status)

    @router.get("")
    def account(request: Request, fait: str = "") -> Response:
        return page(request, done=DONE.get(fait, ""))

    @router.post("/mot-de-passe")
    def change_password(
        request: Request,
        ancien: Annotated[str, Form()] = "",
        nouveau: Annotated[str, Form()] = "",
        encore: Annotated[str, Form()] = "",
    ) -> Response:
        if error := asked_again(request, ancien):
            return page(request, error.status, password_error=str(error))
        try:
            if nouveau != encore:
                raise ValueError(DIFFERENT)
            with sessions.begin() as session:
                account = own(session, request)
                store.set_password(session, account, nouveau, keep=request.state.agent.session)
                note(session, request.state.agent, What.PASSWORD_CHANGED, f"compte {account.login}", at=entrance.now())
        except ValueError as fault:
            return page(request, 422, password_error=str(fault))
        return RedirectResponse(f"{HOME}?fait=mot-de-passe", 303)

    @router.post("/sessions/{handle}")
    def close(request: Request, handle: str) -> Response:
        agent: Agent = request.state.agent
        with sessions.begin() as session:
            if kept.close_one(session, agent.id, handle):
                note(session, agent, What.SESSION_CLOSED, f"compte {agent.login}", at=entrance.now())
        return RedirectResponse(f"{HOME}?fait=session", 303)

    @router.post("/sessions")
    def close_others(request: Request) -> Response:
        agent: Agent = request.state.agent
        with sessions.begin() as session:
            kept.close_all(session, agent.id, agent.session)
            note(session, agent, What.SESSION_CLOSED, f"compte {agent.login}", after="toutes les autres", at=entrance.now())
        return RedirectResponse(f"{HOME}?fait=sessions", 303)

    @router.get("/second-facteur")
    def show_secret(request: Request) -> Response:
        return _show_secret(request)

    def _show_secret(request: Request, status: int = 200, **told: object) -> Response:
        with sessions.begin() as session:
            told |= secret_shown(entrance, session, request.state.agent.id)
        return templates.TemplateResponse(request, "enrol.html", {"signed_in": True, **told}, status_code=status)

    @router.post("/second-facteur")
    def confirm(request: Request, code: Annotated[str, Form()] = "", ancien: Annotated[str, Form()] = "") -> Response:
        if error := asked_again(request, ancien):
            return _show_secret(request, error.status, error=str(error))
        with sessions.begin() as session:
            codes = entrance.confirm_secret(session, own(session, request), code[:100])
        if codes is None:
            return _show_secret(request, 401, error=WRONG_CODE)
        return templates.TemplateResponse(request, "recovery_codes.html", {"codes": codes, "next_path": HOME})

    @router.post("/codes")
    def new_codes(request: Request, ancien: Annotated[str, Form()] = "") -> Response:
        if error := asked_again(request, ancien):
            return page(request, error.status, factor_error=str(error))
        with sessions.begin() as session:
            account = own(session, request)
            if not account.totp_secret:
                raise HTTPException(404)
            codes = store.renew_recovery_codes(session, account)
            told = "nouveaux codes de récupération"
            note(session, request.state.agent, What.SECOND_FACTOR, f"compte {account.login}", after=told, at=entrance.now())
        return templates.TemplateResponse(request, "recovery_codes.html", {"codes": codes, "next_path": HOME})

    @router.post("/second-facteur/retirer")
    def drop(request: Request, ancien: Annotated[str, Form()] = "") -> Response:
        if Role(request.state.agent.role) in rules.second_factor:
            return page(request, 422, factor_error=NEEDED)
        if error := asked_again(request, ancien):
            return page(request, error.status, factor_error=str(error))
        with sessions.begin() as session:
            account = own(session, request)
            store.drop_second_factor(session, account)
            note(session, request.state.agent, What.SECOND_FACTOR, f"compte {account.login}", "actif", "aucun", at=entrance.now())
        return RedirectResponse(f"{HOME}?fait=retire", 303)

    def asked_again(request: Request, password: str) -> Refused | None:
        """None when the password is theirs, else why not."""
        try:
            entrance.ask_again(request.state.agent.login, password, came_from(request))
        except Refused as refused:
            return refused
        return None

    return router


DONE = {
    "mot-de-passe": "Votre mot de passe est changé. Vos autres sessions sont fermées.",
    "session": "La session est fermée.",
    "sessions": "Vos autres sessions sont fermées.",
    "retire": "Le second facteur est retiré.",
}
