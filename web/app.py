"""The web application: builds every part and puts them together."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from secrets import token_urlsafe

import httpx
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware

import desk.action_pages
import desk.answer_pages
import desk.chat_pages
import desk.editing_pages
import desk.entry_pages
import desk.forward_pages
import desk.live_pages
import desk.model_pages
import desk.original_pages
import desk.pages
import desk.quarantine_pages
import desk.sharing_pages
import desk.sharing_store
import desk.steering_pages
import quality.pages
import quality.survey
import web.accounts.account_pages
import web.accounts.history_pages
import web.accounts.oidc_pages
import web.accounts.pages
import web.accounts.team_pages
import web.chat.pages
import web.chat.plain_page
import web.home
import web.opinion
from answers.book import CONTENT, WEEKDAYS, AnswerBook
from answers.hours import closing_in_words, is_open
from answers.mails import WHEN_PASSED_ON, MailTexts
from answers.templates import Templates
from conversations.speaking import Patience
from conversations.switchboard import Switchboard
from desk.answer_view import Answering
from desk.editing import Shelf
from desk.following import bring_back, wake
from desk.forwarding import Directory
from desk.original import Original, open_original
from desk.steering_store import KEPT, Figures
from quality.actions import Actions
from quality.results import Results
from triage.correspondence import Correspondence
from triage.model import Autonomy, Kept, Letter
from triage.route import Row, Table, When
from web.accounts import store as accounts
from web.accounts.entrance import Entrance
from web.accounts.guard import AgentGuard, build_guard
from web.accounts.model import Rules
from web.accounts.oidc import OidcSettings, Provider
from web.chat.gateway import Gateway
from web.chat.model import Limits
from web.chat.rasa import Rasa
from web.failures import tell_failures
from web.pace import Pace
from web.pages import build_templates
from web.published import published
from web.region import Region
from web.shield import BoundedBody, SafeHeaders, SameOrigin

log = logging.getLogger(__name__)

BODIES = {
    web.opinion.PATH: None,
    desk.entry_pages.PATH: desk.entry_pages.BODY,
    desk.answer_pages.PATH: desk.answer_pages.BODY,
    desk.answer_pages.AUTOSAVE: desk.answer_pages.TEXT_BODY,
    desk.answer_pages.VALIDATE: desk.answer_pages.BODY,
    f"{desk.editing_pages.HOME}/": desk.editing_pages.BODY,
}
SHARE_SECONDS = 30
TEN_MINUTES = timedelta(minutes=10)
ONE_QUEUE = Table((Row("tout", When(), "À qualifier", "A qualifier", 3, Autonomy.SUGGEST, 5),))


@dataclass(frozen=True)
class Deps:
    """What the application needs from outside.

    `widget_sites`: origins of other sites whose pages carry the widget; `clock` gives the time with its zone;
    `receive` keeps a letter for the agents; `routing` is the table in force (raises RoutingError); `open_original` reads what a mail holds beside
    its text (raises UnreadableMail); `actions`: what changed thanks to opinions; `models`: the triage models, which a console without them does
    not show; `contents`: what is edited in the console; `live`: pace of the desk's news; `forget(conversation)` erases Rasa's copy of a
    conversation; `holiday` knows public holidays;
    `rules` of the accounts (without a secret that lasts, second factors are lost at the next start); `oidc`: the identity provider, if any;
    `secret` seals the stamps of forms (each application its own by default); `attachments`: bytes of the files of one opinion;
    `letters`: how agents write to people, None when no mail can go; `templates`: what they start from; `forwarding`: mails by which a message is
    passed on; `agent_names`: whether their first name stands in the signature;
    `chats_each`: live conversations of one agent;
    `rasa_transport` is another way to Rasa than the network.
    """

    sessions: sessionmaker[Session]
    rasa_url: str
    answers: AnswerBook
    receive: Callable[[Letter], Kept]
    forget: Callable[[str], None]
    clock: Callable[[], datetime]
    region: Region = field(default_factory=Region)
    holiday: Callable[[date], bool] = lambda _day: False
    patience: Patience = field(default_factory=Patience)
    chats_each: int = 3
    secret: str = field(default_factory=token_urlsafe)
    attachments: int = 10_000_000
    widget_sites: tuple[str, ...] = ()
    rules: Rules = field(default_factory=lambda: Rules(secrets.token_urlsafe(32)))
    oidc: OidcSettings | None = None
    limits: Limits = field(default_factory=Limits)
    rasa_transport: httpx.AsyncBaseTransport | None = None
    letters: Correspondence | None = None
    templates: Templates = field(default_factory=lambda: Templates(CONTENT / "templates", AnswerBook().service))
    forwarding: MailTexts = field(default_factory=lambda: MailTexts(CONTENT / "forwarding", AnswerBook().service, WHEN_PASSED_ON))
    agent_names: bool = False
    routing: Callable[[], Table] = lambda: ONE_QUEUE
    open_original: Callable[[bytes], Original] = open_original
    actions: Actions = field(default_factory=Actions)
    models: desk.model_pages.Models | None = None
    live: desk.pages.Live = field(default_factory=desk.pages.Live)
    contents: tuple[Shelf, ...] = ()


def create_app(deps: Deps) -> FastAPI:
    """The application. Its own documentation pages are off: they would load code from elsewhere."""
    rasa = Rasa(deps.rasa_url, deps.limits.rasa_seconds, deps.rasa_transport)
    switchboard = Switchboard(deps.answers, partial(_agents_answer, deps), deps.clock, deps.patience, deps.chats_each)
    figures = Figures(deps.sessions, lambda: deps.clock().astimezone(deps.region.timezone()), deps.holiday, quality.survey.answers)
    gateway = Gateway(deps.sessions, rasa, deps.answers, switchboard, deps.receive, deps.forget, deps.clock, deps.limits)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        working = [asyncio.create_task(each) for each in (_sweep(gateway, partial(_wake, deps)), _count(figures), _share(deps))]
        yield
        for task in working:
            task.cancel()
        await rasa.close()

    app = FastAPI(title="Écoute+", redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    templates = build_templates(deps.region, deps.answers)
    _add_routes(app, deps, templates, gateway, switchboard, figures)
    tell_failures(app, templates)
    app.add_middleware(BoundedBody, most=deps.limits.body, but=BODIES)
    app.add_middleware(SameOrigin, sites=deps.widget_sites)
    app.add_middleware(SafeHeaders, https=deps.rules.secure)
    if deps.widget_sites:
        # No cookie goes along: another site's page sees what any visitor sees.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=deps.widget_sites,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Content-Type"],
            max_age=3600,
        )
    return app


async def _sweep(gateway: Gateway, remind: Callable[[], None]) -> None:
    """Lets time do its work in conversations and reminders, for as long as the application runs."""
    while True:
        await asyncio.sleep(gateway.limits.sweep_seconds)
        try:
            await gateway.sweep()
            await run_in_threadpool(remind)
        except SQLAlchemyError as error:
            log.error("conversations and reminders not looked after: %s", type(error).__name__)


def _wake(deps: Deps) -> None:
    """Opens again the messages whose reminder has come, and those whose answer could not be delivered."""
    now = deps.clock().astimezone(deps.region.timezone())
    with deps.sessions.begin() as session:
        wake(session, now.date(), now)
        bring_back(session, now)


def _answering(deps: Deps) -> Answering:
    def signature(name: str) -> str:
        try:
            service = deps.answers.service()
        except KeyError:  # said by `ecoute doctor`
            return deps.region.name
        who = f"{name.split()[0]}, pour le" if deps.agent_names and name.split() else "Le"
        lines = (f"{who} {service.facts.get('service', 'service')} de {service.region}", service.address, service.phone)
        return "\n".join(line for line in lines if line)

    def write(name: str, values: dict[str, str]) -> tuple[str, str] | None:
        try:
            return deps.forwarding.get(name, **values)
        except KeyError:  # said by `ecoute doctor`
            return None

    def suited(text: str) -> str:
        found, bodies = deps.answers.elsewhere(text), deps.answers.bodies()
        return next((slug for slug, body in bodies.items() if found and body == found.body), "")

    directory = Directory(deps.answers.bodies, suited, write)
    return Answering(deps.letters, deps.templates, signature, accounts.logins, deps.receive, directory)


async def _count(figures: Figures) -> None:
    """Keeps the figures of the steering page at hand, from the start on: no page waits for them."""
    while True:
        await asyncio.to_thread(figures.renew)
        await asyncio.sleep(KEPT.total_seconds())


async def _share(deps: Deps) -> None:
    """Shares messages between agents by the rules of their queues, for as long as the application runs."""

    def share() -> None:
        with deps.sessions.begin() as session:
            now = deps.clock().astimezone(deps.region.timezone())
            desk.sharing_store.apply_rule(session, accounts.accounts(session), now)

    while True:
        try:
            await run_in_threadpool(share)
        except SQLAlchemyError as error:
            log.error("messages not shared: %s", type(error).__name__)
        await asyncio.sleep(SHARE_SECONDS)


def _agents_answer(deps: Deps) -> bool:
    """Whether it is within the hours in which agents answer in conversations."""
    here = deps.clock().astimezone(deps.region.timezone())
    hours = deps.answers.service().agent_hours
    return is_open(hours, WEEKDAYS[here.weekday()], here.hour * 60 + here.minute, deps.holiday(here.date()))


def _closing(deps: Deps, day: date) -> str:
    """The hour at which the service closes on a day, in words: an answer due that day is due by then."""
    return closing_in_words(deps.answers.service().hours.get(WEEKDAYS[day.weekday()], ()))


def _add_routes(app: FastAPI, deps: Deps, templates: Jinja2Templates, gateway: Gateway, switchboard: Switchboard, figures: Figures) -> None:
    guard = build_guard(deps.sessions, deps.clock, deps.rules)

    def local_clock() -> datetime:
        return deps.clock().astimezone(deps.region.timezone())

    app.include_router(web.home.build_router(deps.sessions, templates, deps.answers, deps.region, deps.limits.text))
    leaving = Pace(20, TEN_MINUTES, deps.clock)
    opening = Pace(60, TEN_MINUTES, deps.clock)
    app.include_router(web.chat.pages.build_router(gateway, opening, leaving))
    app.include_router(web.chat.plain_page.build_router(gateway, templates, deps.answers, opening, leaving))
    forms = web.opinion.Rules(deps.secret, deps.attachments, deps.clock)
    app.include_router(web.opinion.build_router(templates, deps.receive, leaving, forms))
    _add_accounts(app, deps, templates, guard, local_clock)
    queues = desk.pages.Desk(
        guard,
        deps.sessions,
        templates,
        local_clock,
        accounts.names,
        partial(_closing, deps),
        deps.routing,
        deps.open_original,
        _answering(deps),
        deps.live,
    )
    for room in (desk.pages, desk.action_pages, desk.answer_pages, desk.forward_pages, desk.live_pages, desk.original_pages):
        app.include_router(room.build_router(queues))
    app.include_router(desk.sharing_pages.build_router(queues, accounts.accounts))
    app.include_router(desk.chat_pages.build_router(guard, deps.sessions, templates, switchboard, deps.receive, local_clock))
    app.include_router(desk.entry_pages.build_router(guard, deps.sessions, templates, deps.receive, local_clock))
    for contents in desk.editing_pages.build_routers(guard, deps.sessions, templates, deps.contents, local_clock):
        app.include_router(contents)
    app.include_router(desk.quarantine_pages.build_router(guard, deps.sessions, templates, local_clock))
    app.include_router(desk.steering_pages.build_router(guard, templates, figures, local_clock))

    def results() -> Results:
        return published(figures.get().facts, local_clock().date())

    app.include_router(quality.pages.build_router(deps.sessions, templates, local_clock, results, deps.actions))
    app.include_router(desk.model_pages.build_confirm_router(guard, deps.sessions, local_clock))
    if deps.models:
        app.include_router(desk.model_pages.build_router(guard, deps.sessions, templates, deps.models, local_clock))
    app.mount("/static", StaticFiles(directory=web.home.STATIC), name="static")


def _add_accounts(app: FastAPI, deps: Deps, templates: Jinja2Templates, guard: AgentGuard, local_clock: Callable[[], datetime]) -> None:
    entrance = Entrance(deps.sessions, deps.clock, deps.rules)
    provider = Provider(deps.oidc, deps.rules.secret, deps.clock) if deps.oidc else None
    app.include_router(web.accounts.pages.build_router(deps.sessions, templates, entrance, provider))
    if provider:
        app.include_router(web.accounts.oidc_pages.build_router(deps.sessions, templates, entrance, provider))
    app.include_router(web.accounts.account_pages.build_router(guard, deps.sessions, templates, entrance))
    app.include_router(web.accounts.team_pages.build_router(guard, deps.sessions, templates, entrance, provider))
    app.include_router(web.accounts.history_pages.build_router(guard, deps.sessions, templates, local_clock))
