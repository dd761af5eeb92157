"""Signing in and out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from store.engine import exclusive
from web.accounts import store
from web.accounts.guard import COOKIE
from web.accounts.model import blocked, local_path, plain_login
from web.accounts.passwords import right_password
from web.pace import Pace, client_of

WRONG = "L'identifiant ou le mot de passe ne convient pas. Vérifiez-les, puis recommencez."
TOO_MANY = "Trop d'essais pour cet identifiant. Attendez 15 minutes, puis recommencez."
TOO_FAST = "Trop d'essais en même temps. Attendez quelques minutes, puis recommencez."
HASHING_SECONDS = 5.0
_hashing = BoundedSemaphore(2)
"""Checking a password takes 64 MiB and a core, by design: never many at once."""


class Refused(Exception):
    """The login failed. `status`: HTTP status; the text is for the agent."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def build_router(
    sessions: sessionmaker[Session], templates: Jinja2Templates, clock: Callable[[], datetime], life: timedelta, secure: bool, pace: Pace
) -> APIRouter:
    """`/connexion` and `/deconnexion`. `life`: of a session; `secure`: the cookie travels by HTTPS only; `pace`: of those who try."""
    router = APIRouter()

    def page(request: Request, status: int = 200, **told: str) -> Response:
        return templates.TemplateResponse(request, "login.html", told, status_code=status)

    @router.get("/connexion")
    def form(request: Request, suite: str = "/console") -> Response:
        return page(request, next_path=local_path(suite))

    @router.post("/connexion")
    def sign_in(
        request: Request,
        identifiant: Annotated[str, Form()] = "",
        mot_de_passe: Annotated[str, Form()] = "",
        suite: Annotated[str, Form()] = "",
    ) -> Response:
        try:
            if pace.too_fast(client_of(request)):
                raise Refused(429, TOO_FAST)
            token = _enter(sessions, identifiant, mot_de_passe, clock(), life)
        except Refused as refused:
            return page(request, refused.status, error=str(refused), login=identifiant, next_path=local_path(suite))
        response = RedirectResponse(local_path(suite), 303)
        seconds = int(life.total_seconds())
        response.set_cookie(COOKIE, token, max_age=seconds, httponly=True, samesite="lax", secure=secure)
        return response

    @router.post("/deconnexion")
    def sign_out(request: Request) -> Response:
        with sessions.begin() as session:
            store.close_session(session, request.cookies.get(COOKIE, ""))
        response = RedirectResponse("/connexion", 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=secure)
        return response

    return router


def _enter(sessions: sessionmaker[Session], login: str, password: str, now: datetime, life: timedelta) -> str:
    """Token of the new session. A try counts as failed until it has succeeded: tries at once cannot outrun the limit."""
    with sessions.begin() as session:
        store.purge_sessions(session, now)
        exclusive(session, f"login {plain_login(login)}")
        if blocked(store.failures(session, login, now)):
            raise Refused(429, TOO_MANY)
        store.count_failure(session, login, now)
        account = store.find_account(session, login)
    if not _hashing.acquire(timeout=HASHING_SECONDS):
        raise Refused(429, TOO_FAST)
    try:
        right = right_password(password, account.password_hash if account else None)
    finally:
        _hashing.release()
    if not right or account is None or account.disabled:
        raise Refused(401, WRONG)
    with sessions.begin() as session:
        store.forget_failures(session, login)
        return store.open_session(session, account.id, now, life)
