"""A link to a server that breaks or falls silent when a test says so."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Relay:
    """Hands bytes over to a server. `most`: bytes of answers in all after which the link is cut (`cut`) or says nothing more."""

    port: int
    most: int | None = None
    cut: bool = True
    links: int = 0
    _passed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def break_after(self, count: int) -> None:
        """The links break once this many more bytes of answers have passed."""
        with self._lock:
            self.most = self._passed + count

    def mend(self) -> None:
        """All passes again, on new links."""
        self.most = None

    def let_through(self, count: int) -> int:
        """How many of these bytes of an answer pass."""
        with self._lock:
            passes = count if self.most is None else max(0, min(count, self.most - self._passed))
            self._passed += passes
            return passes


@contextmanager
def relay(to: int) -> Iterator[Relay]:
    """A relay to a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = Relay(listener.getsockname()[1])
        threading.Thread(target=_accept, args=(listener, to, found), daemon=True).start()
        yield found


def _accept(listener: socket.socket, to: int, found: Relay) -> None:
    with suppress(OSError):  # the test is over
        while True:
            client, _ = listener.accept()
            found.links += 1
            server = socket.create_connection(("127.0.0.1", to))
            threading.Thread(target=_carry, args=(client, server, lambda count: count, found), daemon=True).start()
            threading.Thread(target=_carry, args=(server, client, found.let_through, found), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket, let_through: Callable[[int], int], found: Relay) -> None:
    with suppress(OSError):
        while data := source.recv(4096):
            passes = let_through(len(data))
            target.sendall(data[:passes])
            if passes < len(data) and found.cut:
                break
    if found.most is None or found.cut:
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
