"""The rules for what may be said in a conversation, and how Rasa's replies become messages. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from conversations.model import TYPES, Content
from web.chat.errors import MessageRefused

ERASE = "Effacer cette conversation"
"""What the button that erases the conversation sends."""

HANDOVER, OPINION, SURVEY = "handover", "opinion", "survey"
COMMANDS = frozenset({HANDOVER, OPINION, SURVEY})
"""Types of message by which the assistant asks the gateway for what it cannot do itself: it has no hold on who speaks.

handover: `reason`; opinion: `text` already written; survey: nothing more.
"""

_LEADING = re.compile(r"^[\s/]+")


@dataclass(frozen=True)
class Limits:
    """Bounds of a conversation. Lengths in characters, times in seconds, `body` in bytes; `streams`: open at once for one client."""

    text: int = 2000
    per_minute: int = 20
    in_all: int = 200
    rasa_seconds: float = 8.0
    poll_seconds: float = 1.0
    heartbeat_seconds: float = 15.0
    sweep_seconds: float = 5.0
    streams: int = 20
    body: int = 64_000


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
    """Messages and commands in one reply of Rasa's REST channel; none when it holds nothing that can be shown."""
    custom = reply.get("custom")
    if isinstance(custom, dict) and custom.get("type") in TYPES | COMMANDS:
        return [custom]
    text, buttons = reply.get("text"), reply.get("buttons")
    if isinstance(buttons, list) and buttons:
        choices = [{"label": str(b.get("title", "")), "message": str(b.get("payload", ""))} for b in buttons if isinstance(b, dict)]
        return [{"type": "choices", "text": str(text or ""), "choices": choices}]
    return [{"type": "text", "text": text}] if isinstance(text, str) and text else []
