"""The web application: builds every part and puts them together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker
from starlette.middleware.cors import CORSMiddleware

import desk.pages
import quality.pages
import web.accounts.pages
import web.chat.pages
import web.home
import web.opinion
from answers.book import AnswerBook
from web.accounts.guard import build_guard
from web.chat.gateway import Gateway
from web.chat.model import Limits
from web.chat.rasa import Rasa
from web.failures import tell_failures
from web.pace import Pace
from web.pages import build_templates
from web.region import Region
from web.shield import BoundedBody, SafeHeaders, SameOrigin

TEN_MINUTES = timedelta(minutes=10)


@dataclass(frozen=True)
class Deps:
    """What the application needs from outside.

    `widget_sites`: origins of other sites whose pages carry the widget; `clock` gives the time with its zone;
    `receive_opinion(name, email, subject, text)` keeps an opinion and gives its reference; `rasa_transport` is another way to Rasa than the network.
    """

    sessions: sessionmaker[Session]
    rasa_url: str
    answers: AnswerBook
    receive_opinion: Callable[[str, str, str, str], str]
    clock: Callable[[], datetime]
    region: Region = field(default_factory=Region)
    widget_sites: tuple[str, ...] = ()
    secure_cookies: bool = False
    session_hours: int = 10
    limits: Limits = field(default_factory=Limits)
    rasa_transport: httpx.AsyncBaseTransport | None = None


def create_app(deps: Deps) -> FastAPI:
    """The application. Its own documentation pages are off: they would load code from elsewhere."""
    rasa = Rasa(deps.rasa_url, deps.limits.rasa_seconds, deps.rasa_transport)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await rasa.close()

    app = FastAPI(title="Écoute+", redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    templates = build_templates(deps.region, deps.answers)
    _add_routes(app, deps, templates, Gateway(deps.sessions, rasa, deps.answers, deps.clock, deps.limits))
    tell_failures(app, templates)
    app.add_middleware(BoundedBody, most=deps.limits.body)
    app.add_middleware(SameOrigin, sites=deps.widget_sites)
    app.add_middleware(SafeHeaders, https=deps.secure_cookies)
    if deps.widget_sites:
        # No cookie goes along: another site's page sees what any visitor sees.
        app.add_middleware(
            CORSMiddleware, allow_origins=deps.widget_sites, allow_methods=["GET", "POST"], allow_headers=["Content-Type"], max_age=3600
        )
    return app


def _add_routes(app: FastAPI, deps: Deps, templates: Jinja2Templates, gateway: Gateway) -> None:
    life = timedelta(hours=deps.session_hours)
    guard = build_guard(deps.sessions, deps.clock)

    def local_clock() -> datetime:
        return deps.clock().astimezone(deps.region.timezone())

    app.include_router(web.home.build_router(deps.sessions, templates, deps.answers, deps.region, deps.limits.text))
    app.include_router(web.chat.pages.build_router(gateway, Pace(60, TEN_MINUTES, deps.clock)))
    app.include_router(web.opinion.build_router(templates, deps.receive_opinion, Pace(20, TEN_MINUTES, deps.clock)))
    app.include_router(
        web.accounts.pages.build_router(deps.sessions, templates, deps.clock, life, deps.secure_cookies, Pace(20, TEN_MINUTES, deps.clock))
    )
    app.include_router(desk.pages.build_router(guard, deps.sessions, templates, local_clock))
    app.include_router(quality.pages.build_router(deps.sessions, templates, local_clock))
    app.mount("/static", StaticFiles(directory=web.home.STATIC), name="static")
