"""Opens the console to people who have signed in, and each page to those who have its right."""

from collections.abc import Callable
from datetime import datetime

from fastapi import HTTPException, Request
from sqlalchemy.orm import Session, sessionmaker

from people.rights import RIGHTS, Right
from web.accounts import sessions as kept
from web.accounts.model import Agent, Rules

COOKIE = "ecoute_session"


class LoginNeeded(Exception):
    """Connectez-vous pour ouvrir cette page."""


class Requirement:
    """A dependency that lets in those who have one right; 403 to the others. A test reads `right` on every route."""

    def __init__(self, guard: "AgentGuard", right: Right) -> None:
        self._guard, self.right = guard, right

    def __call__(self, request: Request) -> Agent:
        agent = self._guard(request)
        if not agent.may(self.right):
            raise HTTPException(
                403,
                f"Votre rôle ne permet pas d'ouvrir cette page ({RIGHTS[self.right][1].lower()}). "
                "Si vous en avez besoin, demandez-le à un administrateur du service.",
            )
        return agent


class AgentGuard:
    """Called with a request, gives who signed in or raises LoginNeeded; pages find them in `request.state.agent`."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime], rules: Rules) -> None:
        self._sessions, self._clock, self._rules = sessions, clock, rules

    def __call__(self, request: Request) -> Agent:
        token = request.cookies.get(COOKIE)
        if token:
            # What a page asks by itself, every few seconds, does not keep a forgotten session open.
            by_itself = request.method == "GET" and request.headers.get("sec-fetch-dest") == "empty"
            with self._sessions.begin() as session:
                agent = kept.find_agent(session, token, self._clock(), self._rules.idle, not by_itself)
            if agent:
                request.state.agent = agent
                return agent
        raise LoginNeeded

    def require(self, right: Right) -> Requirement:
        """A dependency that lets in those who have the right."""
        return Requirement(self, right)


def build_guard(sessions: sessionmaker[Session], clock: Callable[[], datetime], rules: Rules) -> AgentGuard:
    """The guard of all pages."""
    return AgentGuard(sessions, clock, rules)
