"""The website, as a browser meets it."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as HttpRoute
from starlette.testclient import TestClient

from answers.book import AnswerBook
from store.base import Base
from store.engine import open_engine, session_factory
from triage import store as triage_store
from triage.model import Attachment, Autonomy, Channel, Commitment, Kind, Label, Message, Reading, Route, Sentiment
from web.accounts.store import create_account
from web.app import Deps, create_app
from web.chat import store as chat_store
from web.chat.model import Author, Limits, Speaker

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
        "pas une liste": {"a": 1},
    }
    if said["message"] == "lent":
        await asyncio.sleep(0.05)
    if said["message"] == "erreur":
        return JSONResponse({}, 500)
    return JSONResponse(replies.get(said["message"], [{"recipient_id": said["sender"], "text": f"Vous dites : {said['message']}"}]))


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")
    Base.metadata.create_all(engine)
    yield session_factory(engine)
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opinions() -> list[tuple[str, str, str, str]]:
    return []


@pytest.fixture
def client(sessions: sessionmaker[Session], clock: Clock, opinions: list[tuple[str, str, str, str]]) -> Iterator[TestClient]:
    def receive(name: str, email: str, subject: str, text: str) -> str:
        opinions.append((name, email, subject, text))
        return "AV-2026-000001"

    rasa = Starlette(routes=[HttpRoute("/webhooks/rest/webhook", fake_rasa, methods=["POST"])])
    deps = Deps(
        sessions,
        "http://rasa",
        AnswerBook(),
        receive,
        clock,
        limits=Limits(poll_seconds=0.01, heartbeat_seconds=0.03),
        rasa_transport=httpx.ASGITransport(rasa),
    )
    with TestClient(create_app(deps), base_url="http://region.test", follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


def begin(client: TestClient) -> str:
    answer = client.post("/api/conversations")
    assert answer.status_code == 201
    return str(answer.json()["token"])


def say(client: TestClient, token: str, text: object) -> httpx.Response:
    return client.post(f"/api/conversations/{token}/messages", json={"text": text})


def sign_in(client: TestClient, sessions: sessionmaker[Session], password: str = PASSWORD, login: str = "Agnes") -> httpx.Response:
    with sessions.begin() as session:
        if not triage_or_account(session):
            create_account(session, "agnes", "Agnès Martin", PASSWORD, START)
    form = {"identifiant": login, "mot_de_passe": password, "suite": "/console"}
    return client.post("/connexion", data=form, headers={"sec-fetch-site": "same-origin"})


def triage_or_account(session: Session) -> bool:
    from web.accounts.store import find_account

    return find_account(session, "agnes") is not None


def add_opinion(sessions: sessionmaker[Session], kind: Kind = Kind.AVIS) -> str:
    message = Message(
        None,
        "Dossier en retard",
        "Luc Petit",
        "luc@exemple.fr",
        START,
        TEXT,
        "Le 3, vous écriviez",
        (Attachment("rib.pdf", "application/pdf", 12_400),),
        None,
    )
    label = Label(Commitment.DELAIS, 0.61, ("Le délai annoncé est dépassé.",))
    reading = Reading(kind, 0.95, (label,), Sentiment.NEGATIF, 0.4, True, 0.9, "v1")
    route = Route("Délais", "Engagements/Delais", 1, 5, Autonomy.PRESELECT, "avis négatif sur les délais")
    with sessions.begin() as session:
        return triage_store.add_item(session, message, reading, route, date(2026, 11, 22), Channel.MAIL, None, START).reference


# -- conversation


def test_a_message_is_answered_and_kept(client: TestClient) -> None:
    token = begin(client)
    answer = say(client, token, "Bonjour").json()
    assert answer["speaker"] == "bot"
    assert [(m["type"], m["text"], m["author"]) for m in answer["messages"]] == [("text", "Vous dites : Bonjour", "bot")]
    history = client.get(f"/api/conversations/{token}/messages").json()["messages"]
    assert [m["author"] for m in history] == ["user", "bot"]


def test_the_token_is_not_in_the_database(client: TestClient, sessions: sessionmaker[Session], tmp_path: Path) -> None:
    token = begin(client)
    say(client, token, "Bonjour")
    assert all(token.encode() not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("carte", {"type": "card", "title": "Prim'Export"}),
        ("type inconnu", {"type": "text", "text": "repli"}),
        ("boutons", {"type": "choices", "text": "Lequel ?", "choices": [{"label": "A", "message": "Le premier"}]}),
        ("/restart", {"type": "text", "text": "Vous dites : restart"}),
    ],
)
def test_replies_become_messages_of_known_types(client: TestClient, text: str, wanted: dict[str, object]) -> None:
    message = say(client, begin(client), text).json()["messages"][0]
    assert {key: message[key] for key in wanted} == wanted


@pytest.mark.parametrize("text", ["silence", "erreur", "pas une liste"])
def test_a_silent_bot_gives_a_person(client: TestClient, text: str) -> None:
    answer = say(client, begin(client), text).json()
    assert answer["speaker"] == "system"
    assert "01 99 00 12 34" in answer["messages"][0]["text"]
    assert answer["messages"][0]["choices"][0]["label"] == "Parler à un agent"


@pytest.mark.parametrize(("text", "word"), [("", "vide"), ("  / ", "vide"), ("a" * 2001, "trop long"), (None, "mal formée")])
def test_a_message_that_cannot_be_taken_is_refused_in_words(client: TestClient, text: object, word: str) -> None:
    answer = say(client, begin(client), text)
    assert answer.status_code == 422
    assert word in answer.json()["detail"]


def test_twenty_messages_a_minute(client: TestClient, clock: Clock) -> None:
    token = begin(client)
    assert all(say(client, token, "a").status_code == 200 for _ in range(20))
    refused = say(client, token, "a")
    assert (refused.status_code, "Attendez" in refused.json()["detail"]) == (429, True)
    clock.now += timedelta(seconds=61)
    assert say(client, token, "a").status_code == 200


@pytest.mark.parametrize("path", ["messages", "events"])
def test_an_unknown_token_is_told(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/conversations/inconnu/{path}")
    assert (answer.status_code, "conversation" in answer.json()["detail"]) == (404, True)


def test_the_bot_is_silent_once_an_agent_has_the_conversation(client: TestClient, sessions: sessionmaker[Session]) -> None:
    token = begin(client)
    with sessions.begin() as session:
        conversation = chat_store.find(session, token)
        assert conversation
        chat_store.give_to(session, conversation.id, Speaker.AGENT)
    assert say(client, token, "Bonjour").json() == {"messages": [], "speaker": "agent"}


def test_purge_erases_old_conversations_only(client: TestClient, sessions: sessionmaker[Session], clock: Clock) -> None:
    old = begin(client)
    say(client, old, "Bonjour")
    clock.now += timedelta(days=31)
    recent = begin(client)
    with sessions.begin() as session:
        assert chat_store.purge(session, clock.now - timedelta(days=30)) == 1
    assert client.get(f"/api/conversations/{old}/messages").status_code == 404
    assert client.get(f"/api/conversations/{recent}/messages").status_code == 200


# -- opinions


def test_an_opinion_is_received_and_its_reference_shown(client: TestClient, opinions: list[tuple[str, str, str, str]]) -> None:
    sent = client.post("/avis", data={"nom": "Luc\nBcc: x", "courriel": "luc@exemple.fr", "texte": "Merci"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/avis/recu/AV-2026-000001")
    assert "AV-2026-000001" in client.get(sent.headers["location"]).text
    assert opinions == [("Luc Bcc: x", "luc@exemple.fr", "Avis déposé sur le site", "Merci")]


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"texte": " "}, "vide"),
        ({"texte": "a", "courriel": "luc"}, "adresse"),
        ({"texte": "a" * 5001}, "Raccourcissez"),
        ({"texte": "a", "site_web": "x"}, "Videz"),
    ],
)
def test_a_wrong_opinion_is_shown_again_with_what_to_mend(
    client: TestClient, opinions: list[tuple[str, str, str, str]], form: dict[str, str], word: str
) -> None:
    answer = client.post("/avis", data=form)
    assert answer.status_code == 422
    assert word in answer.text
    assert form["texte"].strip() in answer.text
    assert opinions == []


# -- agents


def test_the_console_asks_who_comes(client: TestClient) -> None:
    answer = client.get("/console?file=D%C3%A9lais")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion?suite=%2Fconsole%3Ffile")


def test_an_agent_signs_in_and_out(client: TestClient, sessions: sessionmaker[Session], clock: Clock) -> None:
    answer = sign_in(client, sessions)
    assert answer.headers["location"] == "/console"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "samesite=lax" in answer.headers["set-cookie"].lower()
    assert "Agnès Martin" in client.get("/console").text
    kept = client.cookies["ecoute_session"]
    client.post("/deconnexion")
    client.cookies.set("ecoute_session", kept)
    assert client.get("/console").status_code == 303


def test_a_session_ends(client: TestClient, sessions: sessionmaker[Session], clock: Clock) -> None:
    sign_in(client, sessions)
    clock.now += timedelta(hours=10)
    assert client.get("/console").status_code == 303


def test_five_failures_and_a_login_waits(client: TestClient, sessions: sessionmaker[Session], clock: Clock) -> None:
    assert [sign_in(client, sessions, "non").status_code for _ in range(5)] == [401] * 5
    assert sign_in(client, sessions).status_code == 429
    clock.now += timedelta(minutes=15, seconds=1)
    assert sign_in(client, sessions).status_code == 303


def test_a_login_leads_to_the_console_only(client: TestClient, sessions: sessionmaker[Session]) -> None:
    sign_in(client, sessions)
    form = {"identifiant": "agnes", "mot_de_passe": PASSWORD, "suite": "//ailleurs.example"}
    assert client.post("/connexion", data=form).headers["location"] == "/console"


def test_a_message_is_shown_with_its_reading(client: TestClient, sessions: sessionmaker[Session]) -> None:
    reference = add_opinion(sessions)
    sign_in(client, sessions)
    page = client.get("/console").text
    assert all(words in page for words in ("Dossier en retard", "▼", "négatif", "en retard de 2", "Délais", "Urgent"))
    page = client.get(f"/console/messages/{reference}").text
    assert "<mark>Le délai annoncé est dépassé.</mark>" in page
    assert "&lt;b&gt;Merci" in page
    assert all(
        words in page for words in ("probable", "à vérifier", "sûr", "rib.pdf", "12\u00a0ko", "avis négatif sur les délais", "<details>")
    )
    assert client.get("/console/messages/AV-0").status_code == 404


# -- published results


def test_results_say_when_nothing_is_known(client: TestClient) -> None:
    assert "pas encore reçu d'avis" in client.get("/qualite").text


def test_results_count_opinions(client: TestClient, sessions: sessionmaker[Session]) -> None:
    add_opinion(sessions)
    add_opinion(sessions)
    add_opinion(sessions, Kind.DEMANDE)
    assert "0\u00a0% d'avis positifs, sur 2 avis reçus." in client.get("/qualite").text
    told = client.get("/qualite/donnees.json").json()
    assert (told["avis"], told["ressentis"]["negatif"]) == (2, 2)
    assert {line["slug"]: line["negatif"] for line in told["engagements"]}["delais"] == 2
    lines = client.get("/qualite/donnees.csv").text.splitlines()
    assert lines[0] == "engagement;nom;ressenti;avis"
    assert "delais;Votre demande est traitée dans les délais annoncés;negatif;2" in lines


# -- guards


@pytest.mark.parametrize("path", ["/", "/avis", "/qualite", "/connexion", "/inconnue"])
def test_pages_run_no_code_but_ours(client: TestClient, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert " style=" not in answer.text
    assert "<style" not in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert "onclick" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://ailleurs.example"}, {"origin": "null"}],
)
def test_another_site_cannot_send(client: TestClient, opinions: list[tuple[str, str, str, str]], headers: dict[str, str]) -> None:
    assert client.post("/avis", data={"texte": "a"}, headers=headers).status_code == 403
    assert opinions == []


def test_a_huge_body_is_refused(client: TestClient) -> None:
    assert say(client, begin(client), "a" * 70_000).status_code == 413


def test_health_and_script(client: TestClient) -> None:
    assert client.get("/sante").json() == {"status": "ok"}
    script = client.get("/assistant.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(script.content) < 30_000
    assert "innerHTML" not in script.text
    assert client.get("/assistant.js", headers={"if-none-match": script.headers["etag"]}).status_code == 304


def test_health_tells_a_lost_database(tmp_path: Path) -> None:
    sessions = session_factory(open_engine(f"sqlite:///{tmp_path}"))  # a folder is no database
    with TestClient(create_app(Deps(sessions, "http://rasa", AnswerBook(), lambda *_: "", Clock()))) as client:
        assert client.get("/sante").status_code == 503


async def read_events(client: TestClient, sessions: sessionmaker[Session], token: str) -> list[str]:
    """Lines of the stream until the agent's message has come and a heartbeat after it."""
    from web.chat.events import stream
    from web.chat.gateway import Gateway
    from web.chat.rasa import Rasa

    gateway = Gateway(sessions, Rasa("http://rasa", 1), AnswerBook(), Clock(), Limits(poll_seconds=0.01, heartbeat_seconds=0.02))
    parts: list[str] = []
    async for part in stream(gateway, token, 0):
        parts.append(part)
        if part.startswith(": vivant") and any("event: message" in p for p in parts):
            return parts
        if len(parts) == 1:
            with sessions.begin() as session:
                conversation = chat_store.find(session, token)
                assert conversation
                chat_store.add(session, conversation.id, Author.AGENT, {"type": "text", "text": "Ici Agnès"}, START)
    return parts


def test_events_bring_what_an_agent_writes(client: TestClient, sessions: sessionmaker[Session]) -> None:
    parts = asyncio.run(read_events(client, sessions, begin(client)))
    message = next(part for part in parts if "event: message" in part)
    assert json.loads(message.split("data: ")[1])["text"] == "Ici Agnès"
