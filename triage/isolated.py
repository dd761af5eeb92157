"""Reads mails in a process of its own, with little memory and little time: a mail made to exhaust the machine harms only itself."""

import multiprocessing
import resource
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from triage.errors import UnreadableMail
from triage.model import Message
from triage.parse import parse

SECONDS = 20.0
MEMORY = 2 * 1024**3


class Isolated[T]:
    """Called like `verb`, a function of a module. The process lasts from mail to mail; one that is too slow or dies is replaced, its mail refused."""

    def __init__(self, verb: Callable[[bytes], T], seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._verb, self._seconds, self._memory = verb, seconds, memory
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None

    def __call__(self, raw: bytes) -> T:
        """Reads a mail. Raises UnreadableMail, also when it asks for too much time or memory."""
        line = self._open()
        try:
            line.send_bytes(raw)
            if not line.poll(self._seconds):
                raise UnreadableMail("TooSlow")
            read, error = line.recv()
        except UnreadableMail:
            self.close()
            raise
        except (EOFError, OSError):
            self.close()
            raise UnreadableMail("ReaderDied") from None
        if error:
            raise UnreadableMail(error)
        return read  # type: ignore[no-any-return]

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._line is not None:
            self._line.close()
        self._process = self._line = None

    def _open(self) -> Connection:
        if self._line is None or self._process is None or not self._process.is_alive():
            self.close()
            # Spawned, never forked: the parent has threads and an embedder.
            context = multiprocessing.get_context("spawn")
            self._line, there = context.Pipe()
            self._process = context.Process(target=_serve, args=(there, self._verb, self._memory), daemon=True)
            self._process.start()
            there.close()
        return self._line


class IsolatedParser(Isolated[Message]):
    """Called like `parse`."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        super().__init__(parse, seconds, memory)


def _serve(line: Connection, verb: Callable[[bytes], object], memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    while True:
        try:
            raw = line.recv_bytes()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        try:
            line.send((verb(raw), ""))
        except UnreadableMail as error:
            line.send((None, str(error) or "UnreadableMail"))
        except Exception as error:  # MemoryError among them
            line.send((None, type(error).__name__))
