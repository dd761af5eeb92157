"""The mailbox's stand-in, in memory: a server whose folders and faults a test commands. Passes the tests of `imap.Mailbox`."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Self

from triage.errors import MailGone

PART = 1024


@dataclass
class MemoryServer:
    """One account. `on`: called with the name of each step of an operation ("fetch", "move", "moved"…); what it raises breaks there."""

    mails: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    on: Callable[[str], None] = lambda _step: None
    uidvalidity: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 1))
    _next: Iterator[int] = field(default_factory=lambda: count(1))

    def deliver(self, raw: bytes, folder: str = "INBOX") -> int:
        """A mail comes. Gives its UID."""
        uid = next(self._next)
        self.mails.setdefault(folder, {})[uid] = raw
        return uid

    def renumber(self, folder: str) -> None:
        """UIDVALIDITY changes: every mail of the folder has another identifier."""
        self.uidvalidity[folder] += 1
        self.mails[folder] = {next(self._next): raw for raw in self.mails.get(folder, {}).values()}

    def folders(self) -> dict[str, list[bytes]]:
        """Every folder's mails."""
        return {name: list(mails.values()) for name, mails in self.mails.items()}


class MemoryMailbox:
    """A folder of a MemoryServer."""

    def __init__(self, server: MemoryServer, folder: str = "INBOX", name: str = "avis@memoire") -> None:
        self._server, self.folder, self.name = server, folder, name
        self.uidvalidity = 0

    def __enter__(self) -> Self:
        self._server.on("open")
        self.uidvalidity = self._server.uidvalidity[self.folder]
        return self

    def __exit__(self, *_: object) -> None: ...

    def uids(self) -> list[int]:
        self._server.on("list")
        return sorted(self._server.mails.get(self.folder, {}))

    def parts(self, uid: int) -> Iterator[bytes]:
        raw = self._held(self.folder, uid)
        for start in range(0, max(len(raw), 1), PART):
            self._server.on("fetch")
            yield raw[start : start + PART]

    def move(self, uid: int, folder: str, again: bool = False) -> None:
        self._move(self.folder, uid, folder)

    def move_known(self, source: str, sha256: str, size: int, folder: str, again: bool = False) -> bool:
        uid = next((uid for uid, found in self.contents(source) if found == sha256), None)
        if uid is None:
            return False
        self._move(source, uid, folder)
        return True

    def contents(self, folder: str) -> Iterator[tuple[int, str]]:
        for uid, raw in list(self._server.mails.get(folder, {}).items()):
            self._server.on("fetch")
            yield uid, hashlib.sha256(raw).hexdigest()

    def folders(self) -> list[str]:
        return list(self._server.mails)

    def wait(self, seconds: float) -> bool:
        self._server.on("wait")
        return bool(self._server.mails.get(self.folder))

    def _held(self, folder: str, uid: int) -> bytes:
        if uid not in self._server.mails.get(folder, {}):
            raise MailGone
        return self._server.mails[folder][uid]

    def _move(self, source: str, uid: int, folder: str) -> None:
        self._server.on("move")
        raw = self._server.mails.get(source, {}).pop(uid, None)
        if raw is not None:  # as a server does: nothing to move is no error
            self._server.deliver(raw, folder)
        self._server.on("moved")
