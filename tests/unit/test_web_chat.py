"""Conversations, from the widget's side."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from test_web_site import START, Site

from conversations import store as chat_store
from conversations.model import Author
from web.chat.events import Streams, stream


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        yield site


def test_a_message_is_answered_and_kept(site: Site) -> None:
    token = site.begin()
    answer = site.say(token, "Bonjour").json()
    assert answer["speaker"] == "bot"
    assert [(m["type"], m["text"], m["author"]) for m in answer["messages"]] == [("text", "Vous dites : Bonjour", "bot")]
    history = site.get(f"/api/conversations/{token}/messages").json()["messages"]
    assert [m["author"] for m in history] == ["user", "bot"]


def test_the_token_is_not_in_the_database(site: Site) -> None:
    token = site.begin()
    site.say(token, "Bonjour")
    assert all(token.encode() not in path.read_bytes() for path in site.folder.iterdir())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("carte", {"type": "card", "title": "Prim'Export"}),
        ("type inconnu", {"type": "text", "text": "repli"}),
        ("boutons", {"type": "choices", "text": "Lequel ?", "choices": [{"label": "A", "message": "Le premier"}]}),
        ("/restart", {"type": "text", "text": "Vous dites : restart"}),
    ],
)
def test_replies_become_messages_of_known_types(site: Site, text: str, wanted: dict[str, object]) -> None:
    message = site.say(site.begin(), text).json()["messages"][0]
    assert {key: message[key] for key in wanted} == wanted


@pytest.mark.parametrize("text", ["silence", "erreur", "pas une liste"])
def test_a_silent_bot_gives_a_person(site: Site, text: str) -> None:
    answer = site.say(site.begin(), text).json()
    assert answer["speaker"] == "system"
    assert "01 99 00 12 34" in answer["messages"][0]["text"]
    assert answer["messages"][0]["choices"][0]["label"] == "Parler à un agent"


@pytest.mark.parametrize(("text", "word"), [("", "vide"), ("  / ", "vide"), ("a" * 2001, "trop long"), (None, "mal formée")])
def test_a_message_that_cannot_be_taken_is_refused_in_words(site: Site, text: object, word: str) -> None:
    answer = site.say(site.begin(), text)
    assert answer.status_code == 422
    assert word in answer.json()["detail"]


def test_twenty_messages_a_minute(site: Site) -> None:
    token = site.begin()
    assert all(site.say(token, "a").status_code == 200 for _ in range(20))
    refused = site.say(token, "a")
    assert (refused.status_code, "Attendez" in refused.json()["detail"]) == (429, True)
    site.clock.now += timedelta(seconds=61)
    assert site.say(token, "a").status_code == 200


@pytest.mark.parametrize("path", ["messages", "events"])
def test_an_unknown_token_is_told(site: Site, path: str) -> None:
    answer = site.get(f"/api/conversations/inconnu/{path}")
    assert (answer.status_code, "conversation" in answer.json()["detail"]) == (404, True)


def test_purge_erases_old_conversations_only(site: Site) -> None:
    old = site.begin()
    site.say(old, "Bonjour")
    site.clock.now += timedelta(days=31)
    recent = site.begin()
    with site.sessions.begin() as session:
        assert chat_store.purge(session, site.clock.now - timedelta(days=30)) == 1
    assert site.get(f"/api/conversations/{old}/messages").status_code == 404
    assert site.get(f"/api/conversations/{recent}/messages").status_code == 200


def test_messages_of_a_conversation_are_answered_one_at_a_time(site: Site) -> None:
    token = site.begin()
    site.say_at_once(token, ["lent", "lent", "vite"])
    history = site.get(f"/api/conversations/{token}/messages").json()["messages"]
    assert [m["author"] for m in history] == ["user", "bot"] * 3


async def read_events(site: Site, token: str) -> list[str]:
    """The stream until an agent's message has come and a heartbeat after it."""
    parts: list[str] = []
    async for part in stream(site.gateway(), token, 0):
        parts.append(part)
        if part.startswith(":") and any("event: message" in p for p in parts):
            break
        if len(parts) == 1:
            with site.sessions.begin() as session:
                conversation = chat_store.find(session, token)
                assert conversation
                chat_store.add(session, conversation.id, Author.AGENT, {"type": "text", "text": "Ici Agnès"}, START)
    return parts


def test_events_bring_what_an_agent_writes(site: Site) -> None:
    parts = asyncio.run(read_events(site, site.begin()))
    message = next(part for part in parts if "event: message" in part)
    assert json.loads(message.split("data: ")[1])["text"] == "Ici Agnès"


def test_one_client_holds_a_bounded_number_of_streams() -> None:
    async def opened() -> list[bool]:
        async def endless() -> AsyncIterator[str]:
            yield "a"
            yield "b"

        streams = Streams(1)
        first = streams.counted("client", endless())
        full = [streams.full("client")]
        await anext(first)
        full += [streams.full("client"), streams.full("autre")]
        await first.aclose()
        return [*full, streams.full("client")]

    assert asyncio.run(opened()) == [False, True, False, False]
