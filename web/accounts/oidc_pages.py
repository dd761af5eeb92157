"""The way to the identity provider and back."""

import logging

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from desk.model import inside_console
from history.model import What
from history.store import note
from web.accounts import sessions as kept
from web.accounts import store
from web.accounts.came import came_from
from web.accounts.entrance import Entrance
from web.accounts.oidc import LEFT, RETURN, VISIT_SECONDS, Identity, Provider, ProviderDown, VisitRefused
from web.accounts.pages import end_session, step_done
from web.accounts.tables import AgentAccountRow

log = logging.getLogger(__name__)

VISIT_COOKIE = "ecoute_visite"
VISIT_PATH = "/connexion/fournisseur"


def build_router(sessions: sessionmaker[Session], templates: Jinja2Templates, entrance: Entrance, provider: Provider) -> APIRouter:
    """`/connexion/fournisseur` and below."""
    router = APIRouter()
    secure = entrance.rules.secure

    def told(request: Request, status: int, error: str, **more: object) -> Response:
        found = {"provider": provider, "error": error, "next_path": "/console", **more}
        return templates.TemplateResponse(request, "login.html", found, status_code=status)

    @router.get(VISIT_PATH)
    def start(request: Request, suite: str = "/console") -> Response:
        try:
            address, visit = provider.start(inside_console(suite))
        except ProviderDown as down:
            log.warning("identity provider: %s", down)
            return told(request, 503, str(ProviderDown.__doc__))
        response = RedirectResponse(address, 303)
        # Lax: the way back is a link followed from another site.
        response.set_cookie(VISIT_COOKIE, visit, max_age=VISIT_SECONDS, path=VISIT_PATH, httponly=True, samesite="lax", secure=secure)
        return response

    @router.get(RETURN)
    def back(request: Request) -> Response:
        response = _welcome(request)
        response.delete_cookie(VISIT_COOKIE, path=VISIT_PATH, httponly=True, samesite="lax", secure=secure)
        return response

    def _welcome(request: Request) -> Response:
        try:
            who, wanted = provider.finish(request.cookies.get(VISIT_COOKIE, ""), request.query_params)
        except ProviderDown as down:
            log.warning("identity provider: %s", down)
            return told(request, 503, str(ProviderDown.__doc__))
        except VisitRefused:
            return told(request, 400, str(VisitRefused.__doc__))
        with sessions.begin() as session:
            account = find_invited(session, who, provider, entrance)
            if account is not None:
                entered = entrance.begin(session, account, came_from(request), who.strong, provider.label, who.id_token)
        if account is None:
            return templates.TemplateResponse(
                request, "not_invited.html", {"provider": provider, "leave": provider.leave(who.id_token)}, status_code=403
            )
        end_session(sessions, request)
        return step_done(entered, wanted, entrance.rules)

    @router.get(LEFT)
    def left() -> Response:
        """Nothing is left to do here: the session ended before the provider was asked to end its own. So its state is not read."""
        return RedirectResponse("/connexion?sorti=1", 303)

    return router


def find_invited(session: Session, who: Identity, provider: Provider, entrance: Entrance) -> AgentAccountRow | None:
    """The account of this person: the one known by its subject, else the one that an administrator invited at the verified address."""
    if not provider.admits(who):
        return None
    subject = kept.digest(f"{provider.settings.issuer}\x00{who.subject}")
    account = store.find_subject(session, subject)
    if account is None and who.email:
        account = store.find_email(session, who.email)
        if account is not None and account.subject is None and not account.disabled:
            account.subject = subject
            told = f"relié à {provider.label}"
            note(session, kept.agent_of(account), What.ACCOUNT_CHANGED, f"compte {account.login}", after=told, at=entrance.now())
    if account is None or account.disabled or account.subject != subject:
        return None
    account.unit = who.unit or account.unit
    return account
