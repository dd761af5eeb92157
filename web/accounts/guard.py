"""Opens the console to agents who have signed in, and to nobody else."""

from collections.abc import Callable
from datetime import datetime

from fastapi import Request
from sqlalchemy.orm import Session, sessionmaker

from web.accounts import store
from web.accounts.model import Agent

COOKIE = "ecoute_session"


class LoginNeeded(Exception):
    """Connectez-vous pour ouvrir cette page."""


def build_guard(sessions: sessionmaker[Session], clock: Callable[[], datetime]) -> Callable[[Request], Agent]:
    """A dependency that gives the agent, or raises LoginNeeded; pages find the agent in `request.state.agent`."""

    def require_agent(request: Request) -> Agent:
        token = request.cookies.get(COOKIE)
        if token:
            with sessions() as session:
                agent = store.find_agent(session, token, clock())
            if agent:
                request.state.agent = agent
                return agent
        raise LoginNeeded

    return require_agent
