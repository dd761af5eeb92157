"""Server-sent events of a conversation: what an agent writes shows without asking again."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

from web.chat.errors import UnknownConversation
from web.chat.gateway import Gateway


async def stream(gateway: Gateway, token: str, after: int) -> AsyncIterator[str]:
    """New messages after message number `after`, and a comment now and then so that proxies keep the line open.

    The database is polled: an agent may write from another process. Ends when the conversation is erased.
    """
    limits, last_sent = gateway.limits, time.monotonic()
    yield "retry: 3000\n\n"
    while True:
        try:
            turn = await gateway.history(token, after)
        except UnknownConversation:
            return
        for message in turn.messages:
            after, last_sent = message.id, time.monotonic()
            data = json.dumps({**message.shown(), "speaker": turn.speaker.value}, ensure_ascii=False)
            yield f"id: {message.id}\nevent: message\ndata: {data}\n\n"
        if time.monotonic() - last_sent >= limits.heartbeat_seconds:
            last_sent = time.monotonic()
            yield ": vivant\n\n"
        await asyncio.sleep(limits.poll_seconds)
