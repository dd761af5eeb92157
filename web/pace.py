"""Slows down who asks too often. Kept in memory, by client, for minutes: nothing is written anywhere."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from starlette.requests import HTTPConnection

MOST_CLIENTS = 10_000


class Pace:
    """At most `most` calls of one client within `window`."""

    def __init__(self, most: int, window: timedelta, clock: Callable[[], datetime]) -> None:
        self._most, self._window, self._clock = most, window, clock
        self._calls: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def too_fast(self, client: str) -> bool:
        """Counts a call; whether it is one too many. A refused call does not count."""
        now = self._clock()
        with self._lock:
            calls = self._calls.pop(client, deque())
            while calls and calls[0] <= now - self._window:
                calls.popleft()
            refused = len(calls) >= self._most
            if not refused:
                calls.append(now)
            self._calls[client] = calls  # last: the longest silent come first
            while len(self._calls) > MOST_CLIENTS:
                del self._calls[next(iter(self._calls))]
        return refused


def client_of(request: HTTPConnection) -> str:
    """By what a client is told from others: its address, as the server sees it."""
    return request.client.host if request.client else ""
