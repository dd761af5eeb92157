"""Server-sent events of a conversation: what an agent writes shows without asking again."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress

from web.chat.errors import UnknownConversation
from web.chat.gateway import ERASED, Gateway


async def stream(gateway: Gateway, token: str, after: int) -> AsyncIterator[str]:
    """New messages after message number `after`, who speaks when it changes, and a comment now and then so that proxies keep the line open.

    The database is polled: an agent may write from another process. Ends when the conversation is erased.
    """
    limits, last_sent = gateway.limits, time.monotonic()
    known: tuple[str, bool] | None = None
    yield "retry: 3000\n\n"
    await gateway.hear_of(token)
    while True:
        try:
            turn = await gateway.history(token, after)
        except UnknownConversation:
            yield _event("state", {"speaker": "system", "state": ERASED})
            return
        for message in turn.messages:
            after, last_sent = message.id, time.monotonic()
            yield f"id: {message.id}\n" + _event("message", {**message.shown(), "speaker": turn.speaker.value, "state": turn.state})
        if (turn.state, turn.typing) != known:
            known = (turn.state, turn.typing)
            yield _event("state", {"speaker": turn.speaker.value, "state": turn.state, "typing": turn.typing})
        if time.monotonic() - last_sent >= limits.heartbeat_seconds:
            last_sent = time.monotonic()
            yield ": vivant\n\n"
            await _still_there(gateway, token)
        await asyncio.sleep(limits.poll_seconds)


def _event(name: str, told: dict[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"


async def _still_there(gateway: Gateway, token: str) -> None:
    with suppress(UnknownConversation):  # told at the next look
        await gateway.hear_of(token)


class Streams:
    """Bounds the streams that one client holds open: each costs a look at the database every second."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def full(self, client: str) -> bool:
        """Whether this client holds as many as it may."""
        return self._open[client] >= self._most

    async def counted(self, client: str, told: AsyncIterator[str]) -> AsyncIterator[str]:
        """`told`, counted while it lasts."""
        self._open[client] += 1
        try:
            async for part in told:
                yield part
        finally:
            self._open[client] -= 1
            if self._open[client] <= 0:
                del self._open[client]
