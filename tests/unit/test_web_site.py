"""A whole website for the tests beside this file. Holds no test itself."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as HttpRoute

from answers.book import AnswerBook
from conversations.switchboard import Switchboard
from desk.pages import Live
from ecoute.learning import Learning
from language.embed import HashEmbedder
from people.rights import Role
from store.base import Base
from store.engine import open_engine, session_factory
from triage import store as triage_store
from triage.model import Attachment, Autonomy, Channel, Commitment, Kept, Kind, Label, Letter, Message, Origin, Reading, Route, Sentiment
from triage.versions import Versions
from triage.views import MessageFeatures
from web.accounts.model import Rules
from web.accounts.store import create_account
from web.app import Deps, create_app
from web.chat.gateway import Gateway
from web.chat.model import Limits
from web.chat.rasa import Rasa

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
PASSWORD = "un mot de passe long"
TEXT = "Bonjour. Le délai annoncé est dépassé. <b>Merci</b>"


class Clock:
    """A clock that tests move by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


async def fake_rasa(request: Request) -> Response:
    """Answers as Rasa's REST channel does, right or wrong, as the message asks."""
    said = await request.json()
    replies: dict[str, Any] = {
        "carte": [{"recipient_id": "x", "custom": {"type": "card", "title": "Prim'Export"}}],
        "type inconnu": [{"custom": {"type": "script", "code": "1"}, "text": "repli"}],
        "boutons": [{"text": "Lequel ?", "buttons": [{"title": "A", "payload": "Le premier"}]}],
        "silence": [],
        "une personne": [{"custom": {"type": "handover", "reason": "demande"}}],
        "un avis": [{"custom": {"type": "opinion", "text": "Deux mois sans nouvelles"}}],
        "au revoir": [{"custom": {"type": "survey"}}],
        "pas une liste": {"a": 1},
    }
    if said["message"] == "lent":
        await asyncio.sleep(0.05)
    if said["message"] == "erreur":
        return JSONResponse({}, 500)
    return JSONResponse(replies.get(said["message"], [{"recipient_id": said["sender"], "text": f"Vous dites : {said['message']}"}]))


class Site:
    """The website on a database of its own, with a browser that keeps cookies and follows no redirection.

    One event loop serves all its requests, as in a server.
    """

    def __init__(
        self,
        folder: Path,
        widget_sites: tuple[str, ...] = (),
        role: Role = Role.AGENT,
        receive: Callable[[Letter], Any] | None = None,
        **deps: Any,
    ) -> None:
        self.folder, self.clock = folder, Clock()
        self.letters: list[Letter] = []
        self.forgotten: list[str] = []
        self._engine = open_engine(f"sqlite:///{folder / 'test.db'}")
        Base.metadata.create_all(self._engine)
        self.sessions = session_factory(self._engine)
        with self.sessions.begin() as session:
            create_account(session, "agnes", "Agnès Martin", PASSWORD, START, role)
        rasa = Starlette(routes=[HttpRoute("/webhooks/rest/webhook", fake_rasa, methods=["POST"])])
        limits = Limits(poll_seconds=0.01, heartbeat_seconds=0.03)
        self._deps = Deps(
            self.sessions,
            "http://rasa",
            AnswerBook(),
            receive or self._receive,
            self.forgotten.append,
            self.clock,
            widget_sites=widget_sites,
            limits=limits,
            live=Live(0.01, 2),
            rasa_transport=httpx.ASGITransport(rasa),
            **{"rules": Rules("un secret d'essai", second_factor=frozenset()), "models": self._learning(folder)} | deps,
        )
        self.app = create_app(self._deps)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://region.test")
        self._runner = asyncio.Runner()
        self.cookies = self._client.cookies

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()
        self._engine.dispose()

    def _receive(self, letter: Letter) -> Kept:
        self.letters.append(letter)
        return Kept("AV-2026-000001", date(2026, 12, 3))

    def _learning(self, folder: Path) -> Learning:
        """Where models are kept: there is none yet."""
        features = MessageFeatures(HashEmbedder(), HashEmbedder())
        return Learning(self.sessions, Versions(folder / "models"), lambda: features, lambda: "essai", self.clock)

    def switchboard(self) -> Switchboard:
        """Who puts visitors through, as in the application; the hours are on."""
        return Switchboard(self._deps.answers, lambda: True, self.clock, self._deps.patience)

    def gateway(self) -> Gateway:
        """A gateway beside the application's own, whose Rasa is silent."""
        deps = self._deps
        rasa = Rasa("http://rasa", 1)
        return Gateway(
            deps.sessions,
            rasa,
            deps.answers,
            self.switchboard(),
            deps.receive,
            deps.forget,
            deps.clock,
            Limits(poll_seconds=0.01, heartbeat_seconds=0.02),
        )

    def sweep(self) -> None:
        """Lets time do its work, as the application does every few seconds."""
        self._runner.run(self.gateway().sweep())

    def submit(self, token: str, form: str, **values: object) -> httpx.Response:
        return self.post(f"/api/conversations/{token}/forms/{form}", json={"values": values})

    def delete(self, path: str) -> httpx.Response:
        return self._runner.run(self._client.delete(path))

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self._runner.run(self._client.get(path, **given))

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self._runner.run(self._client.post(path, **given))

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **given))

    def begin(self) -> str:
        answer = self.post("/api/conversations")
        assert answer.status_code == 201
        return str(answer.json()["token"])

    def say(self, token: str, text: object) -> httpx.Response:
        return self.post(f"/api/conversations/{token}/messages", json={"text": text})

    def say_at_once(self, token: str, texts: list[str]) -> None:
        async def send() -> None:
            await asyncio.gather(*(self._client.post(f"/api/conversations/{token}/messages", json={"text": text}) for text in texts))

        self._runner.run(send())

    def sign_in(self, password: str = PASSWORD) -> httpx.Response:
        form = {"identifiant": " Agnes", "mot_de_passe": password, "suite": "/console"}
        return self.post("/connexion", data=form, headers={"sec-fetch-site": "same-origin"})

    def add_opinion(self, kind: Kind = Kind.AVIS, origin: Origin | None = None, text: str = TEXT) -> str:
        file = Attachment("rib.pdf", "application/pdf", 12_400)
        message = Message(None, "Dossier en retard", "Luc Petit", "luc@exemple.fr", START, text, "Le 3, vous écriviez", (file,), None)
        label = Label(Commitment.DELAIS, 0.61, ("Le délai annoncé est dépassé.",))
        reading = Reading(kind, 0.95, (label,), Sentiment.NEGATIF, 0.4, True, 0.9, "v1")
        route = Route("Délais", "Engagements/Delais", 1, 5, Autonomy.PRESELECT, "avis négatif sur les délais")
        with self.sessions.begin() as session:
            return triage_store.add_item(
                session, message, reading, route, date(2026, 11, 22), Channel.MAIL, None, START, origin=origin
            ).reference
