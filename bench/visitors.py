"""Visitors who write to the assistant all at once, each writing again as soon as the answer is there."""

import asyncio
import itertools
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import httpx

from bench.figures import percentile

TURNS = 8
"""Messages of a conversation; the visitor then begins another."""
PATIENCE_SECONDS = 60


@dataclass
class Round:
    """Turns of one round: how long each took, in milliseconds; `failed`: without an answer; `seconds`: from first word to last answer."""

    visitors: int
    took: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0

    def figures(self) -> dict[str, float]:
        """p50 and p95 in milliseconds, `rate` in turns a second."""
        shares = {"p50": percentile(self.took, 0.5), "p95": percentile(self.took, 0.95)}
        return shares | {"visitors": self.visitors, "turns": len(self.took), "rate": len(self.took) / self.seconds, "failed": self.failed}


async def visit(rasa: str, texts: Sequence[str], visitors: int, seconds: float) -> Round:
    """Has `visitors` people write for `seconds`; what was asked by then is waited for. No time to read or to type: real people ask less."""
    done = Round(visitors)
    async with open_client() as client:
        start = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(visitors):
                group.create_task(_visitor(client, rasa, from_place(texts, number * 13), start + seconds, done))
        done.seconds = time.perf_counter() - start
    return done


async def ask(client: httpx.AsyncClient, rasa: str, sender: str, text: str) -> bool:
    """Says `text` on Rasa's REST channel; whether it was answered. An empty list is no answer: the channel says nothing of its errors."""
    response = await client.post(f"{rasa}/webhooks/rest/webhook", json={"sender": sender, "message": text})
    return response.status_code == 200 and bool(response.json())


def from_place(texts: Sequence[str], place: int) -> Iterator[str]:
    """The texts again and again, from this place on."""
    return itertools.islice(itertools.cycle(texts), place % len(texts), None)


def open_client() -> httpx.AsyncClient:
    """A client that keeps its connections, however many."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False, limits=limits)


async def _visitor(client: httpx.AsyncClient, rasa: str, texts: Iterator[str], end: float, done: Round) -> None:
    for turn in itertools.count():
        if turn % TURNS == 0:
            sender = uuid.uuid4().hex
        asked = time.perf_counter()
        if asked >= end and turn:
            return
        try:
            answered = await ask(client, rasa, sender, next(texts))
        except httpx.HTTPError:
            answered = False
        done.took.append((time.perf_counter() - asked) * 1000)
        done.failed += not answered
