"""Signing in and out: password, code, first password by a one-time link."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from desk.model import inside_console
from history.model import What
from history.store import note
from web.accounts import second_factor, store
from web.accounts import sessions as kept
from web.accounts.came import DEVICE_COOKIE, came_from
from web.accounts.entrance import Entered, Entrance, Refused, SignInOver
from web.accounts.guard import COOKIE
from web.accounts.model import MIN_PASSWORD, Rules, Stage, first_page
from web.accounts.oidc import Provider

LINK_OVER = "Ce lien a déjà servi ou n'est plus valable. Demandez-en un autre à l'administrateur du service."
DIFFERENT = "Les deux mots de passe ne sont pas les mêmes. Saisissez-les à nouveau."
NEXT = {Stage.CODE: "/connexion/code", Stage.ENROL: "/connexion/second-facteur"}
DEVICE_SECONDS = int(kept.DEVICE_LIFE.total_seconds())


def build_router(sessions: sessionmaker[Session], templates: Jinja2Templates, entrance: Entrance, provider: Provider | None) -> APIRouter:
    """`/connexion` and below, `/deconnexion`. `provider`: the identity provider, when there is one."""
    router = APIRouter()
    rules = entrance.rules

    def page(request: Request, name: str, status: int = 200, **told: object) -> Response:
        response = templates.TemplateResponse(request, name, {"provider": provider, **told}, status_code=status)
        if seconds := told.get("seconds"):
            response.headers["Retry-After"] = str(seconds)
        return response

    @router.get("/connexion")
    def form(request: Request, suite: str = "/console", sorti: bool = False) -> Response:
        return page(request, "login.html", next_path=inside_console(suite), left=sorti)

    @router.post("/connexion")
    def sign_in(
        request: Request,
        identifiant: Annotated[str, Form()] = "",
        mot_de_passe: Annotated[str, Form()] = "",
        suite: Annotated[str, Form()] = "",
    ) -> Response:
        try:
            entered = entrance.by_password(identifiant, mot_de_passe, came_from(request))
        except Refused as no:
            told = {"error": str(no), "login": identifiant, "next_path": inside_console(suite), "seconds": no.seconds}
            return page(request, "login.html", no.status, **told)
        end_session(sessions, request)
        return step_done(entered, suite, rules)

    @router.get("/connexion/code")
    def ask_code(request: Request, suite: str = "/console") -> Response:
        with sessions() as session:
            entrance.halfway(session, request.cookies.get(COOKIE, ""), Stage.CODE)
        return page(request, "code.html", next_path=inside_console(suite))

    @router.post("/connexion/code")
    def check_code(request: Request, code: Annotated[str, Form()] = "", suite: Annotated[str, Form()] = "") -> Response:
        try:
            entered = entrance.by_code(request.cookies.get(COOKIE, ""), code[:100], came_from(request))
        except Refused as no:
            return page(request, "code.html", no.status, error=str(no), next_path=inside_console(suite), seconds=no.seconds)
        return step_done(entered, suite, rules)

    @router.get("/connexion/second-facteur")
    def show_secret(request: Request, suite: str = "/console") -> Response:
        return _show_secret(request, suite)

    def _show_secret(request: Request, suite: str, status: int = 200, **told: object) -> Response:
        with sessions.begin() as session:
            _, account = entrance.halfway(session, request.cookies.get(COOKIE, ""), Stage.ENROL)
            told |= secret_shown(entrance, session, account.id)
        return page(request, "enrol.html", status, next_path=inside_console(suite), **told)

    @router.post("/connexion/second-facteur")
    def confirm_secret(request: Request, code: Annotated[str, Form()] = "", suite: Annotated[str, Form()] = "") -> Response:
        try:
            entered, codes = entrance.by_enrolment(request.cookies.get(COOKIE, ""), code[:100], came_from(request))
        except Refused as no:
            return _show_secret(request, suite, no.status, error=str(no))
        shown = page(request, "recovery_codes.html", codes=codes, next_path=first_page(entered.role, suite))
        set_cookies(shown, entered, rules)
        return shown

    @router.get("/connexion/premiere/{token}")
    def first(request: Request, token: str) -> Response:
        with sessions() as session:
            account = store.find_link(session, token, entrance.now())
        if account is None:
            return page(request, "failure.html", 404, text=LINK_OVER)
        return page(request, "first_password.html", login=account.login, least=MIN_PASSWORD)

    @router.post("/connexion/premiere/{token}")
    def choose(request: Request, token: str, nouveau: Annotated[str, Form()] = "", encore: Annotated[str, Form()] = "") -> Response:
        now = entrance.now()
        with sessions.begin() as session:
            account = store.find_link(session, token, now)
            if account is None:
                return page(request, "failure.html", 404, text=LINK_OVER)
            try:
                if nouveau != encore:
                    raise ValueError(DIFFERENT)
                store.set_password(session, account, nouveau)
            except ValueError as error:
                return page(request, "first_password.html", 422, login=account.login, least=MIN_PASSWORD, error=str(error))
            note(
                session,
                kept.agent_of(account),
                What.PASSWORD_CHANGED,
                f"compte {account.login}",
                after="par un lien à usage unique",
                at=now,
            )
            entered = entrance.begin(session, account, came_from(request), False, "lien à usage unique")
        return step_done(entered, "", rules)

    @router.post("/deconnexion")
    def sign_out(request: Request) -> Response:
        closed = end_session(sessions, request)
        elsewhere = provider.leave(entrance.id_token(closed)) if provider and closed else None
        # Not a redirection: a form that is sent may not lead to another site (form-action), whereas a page that says so may.
        response: Response = page(request, "leave.html", address=elsewhere) if elsewhere else RedirectResponse("/connexion?sorti=1", 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=rules.secure)
        return response

    return router


def secret_shown(entrance: Entrance, session: Session, account_id: int) -> dict[str, object]:
    """What the page says to somebody who sets up a second factor."""
    account = store.get_account(session, account_id)
    if account is None:
        raise SignInOver
    secret = entrance.pending_secret(session, account)
    address = second_factor.address(secret, account.login, entrance.rules.service)
    return {"qr": second_factor.picture(address, "Code QR à lire avec votre application"), "secret": second_factor.spaced(secret)}


def end_session(sessions: sessionmaker[Session], request: Request) -> str | None:
    """Ends the session of the request; gives the provider's sealed token, if it came from there."""
    with sessions.begin() as session:
        closed = kept.close_session(session, request.cookies.get(COOKIE, ""))
        return closed.id_token if closed else None


def step_done(entered: Entered, suite: str, rules: Rules) -> Response:
    """Leads to what comes next, with the session's new identifier."""
    path, there = first_page(entered.role, suite), NEXT.get(entered.stage)
    response = RedirectResponse(f"{there}?suite={quote(path, safe='')}" if there else path, 303)
    set_cookies(response, entered, rules)
    return response


def set_cookies(response: Response, entered: Entered, rules: Rules) -> None:
    """The session's identifier; and, once everything is proved, the mark by which this browser is known again."""
    seconds = int(rules.life.total_seconds())
    response.set_cookie(COOKIE, entered.token, max_age=seconds, httponly=True, samesite="lax", secure=rules.secure)
    if entered.device:
        response.set_cookie(DEVICE_COOKIE, entered.device, max_age=DEVICE_SECONDS, httponly=True, samesite="lax", secure=rules.secure)
