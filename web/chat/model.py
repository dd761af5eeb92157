"""What a conversation is made of, and the rules for what may be said in it. Pure.

A message is a JSON object with a `type`:
- text: `text`
- choices: `text`, `choices` [{`label`, `message`}]: buttons; pressing one sends its message
- link: `label`, `url`
- form: `text`, `label`, `submit`: one field, whose value is sent as a message
- card: `title`, `purpose`, `facts` [{`label`, `value`}], `steps` [{`label`, `state`: done|current|todo}], `details` [{`label`, `text` | `items`, `open`}],
  `links` [{`label`, `url`}], `source` {`label`, `url`}, `checked`, `notice`; only the title is needed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from answers.model import Answer
from web.chat.errors import MessageRefused

Content = dict[str, Any]

TYPES = frozenset({"text", "choices", "card", "link", "form"})
AGENT_CHOICE = {"label": "Parler à un agent", "message": "Je veux parler à un agent"}
LAST_RESORT = "L'assistant est en panne. Votre dernier message est resté sans réponse. Réessayez plus tard."


_LEADING = re.compile(r"^[\s/]+")


class Speaker(StrEnum):
    """Who answers the user."""

    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Author(StrEnum):
    """Who wrote a message."""

    USER = "user"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True)
class Limits:
    """Bounds of a conversation. Lengths in characters, times in seconds, `body` in bytes."""

    text: int = 2000
    per_minute: int = 20
    in_all: int = 200
    rasa_seconds: float = 8.0
    poll_seconds: float = 1.0
    heartbeat_seconds: float = 15.0
    body: int = 64_000


@dataclass(frozen=True)
class Conversation:
    """A conversation known by its internal id, never by its token."""

    id: str
    speaker: Speaker


@dataclass(frozen=True)
class Message:
    """A message kept in a conversation. Ids grow with time."""

    id: int
    author: Author
    content: Content
    at: datetime

    def shown(self) -> Content:
        """The message as the widget reads it."""
        return {**self.content, "id": self.id, "author": self.author.value, "at": self.at.isoformat()}


MINUTE = timedelta(minutes=1)


def clean(text: str) -> str:
    """The text without what databases refuse (NUL, lone surrogates), and without Rasa's command sign.

    Rasa obeys a message that starts with "/": intents and entities could be forged by hand.
    """
    return _LEADING.sub("", text.replace("\x00", "").encode("utf-8", "replace").decode()).strip()


def check(text: str, said_this_minute: int, said_in_all: int, limits: Limits) -> None:
    """Raises MessageRefused when the cleaned text is empty or too long, or when too much was said, within the minute or in all."""
    if not text:
        raise MessageRefused(422, "Votre message est vide. Écrivez votre question, puis envoyez-la.")
    if len(text) > limits.text:
        most = f"{limits.text:,}".replace(",", "\u00a0")
        raise MessageRefused(422, f"Votre message est trop long. Raccourcissez-le à {most}\u00a0caractères au plus.")
    if said_this_minute >= limits.per_minute:
        raise MessageRefused(429, "Vous avez envoyé beaucoup de messages en une minute. Attendez une minute, puis renvoyez le dernier.")
    if said_in_all >= limits.in_all:
        raise MessageRefused(409, "Cette conversation est devenue trop longue. Commencez-en une nouvelle.")


def from_rasa(reply: Mapping[str, Any]) -> list[Content]:
    """Messages in one reply of Rasa's REST channel; none when it holds nothing that can be shown."""
    custom = reply.get("custom")
    if isinstance(custom, dict) and custom.get("type") in TYPES:
        return [custom]
    text, buttons = reply.get("text"), reply.get("buttons")
    if isinstance(buttons, list) and buttons:
        choices = [{"label": str(b.get("title", "")), "message": str(b.get("payload", ""))} for b in buttons if isinstance(b, dict)]
        return [{"type": "choices", "text": str(text or ""), "choices": choices}]
    return [{"type": "text", "text": text}] if isinstance(text, str) and text else []


def breakdown(answer: Answer | None) -> list[Content]:
    """What is said when the bot is silent: the written answer, its links, and a person."""
    text = answer.text if answer else LAST_RESORT
    links = [{"type": "link", "label": link.label, "url": link.url} for link in (answer.links if answer else ())]
    return [{"type": "choices", "text": text, "choices": [AGENT_CHOICE]}, *links]
