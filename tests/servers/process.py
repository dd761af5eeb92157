"""Starting and ending processes, and finding what they need."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that a server under another account may enter, as the ones of pytest may not."""
    with tempfile.TemporaryDirectory(prefix="ecoute-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def need(program: str, package: str, *places: str) -> str:
    """Path of a program. Skips the test, saying how to get it; under CI, where all is installed, fails it."""
    found = shutil.which(program) or next((str(path) for place in places for path in sorted(Path("/").glob(place)) if path.exists()), None)
    if found:
        return found
    message = f"{program} manque : sudo apt-get install {package}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def wait_until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Returns when `holds`, raises TimeoutError saying `what` otherwise."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.1)
    raise TimeoutError(f"{what} : toujours pas après {seconds:.0f} s")


def listens(port: int) -> bool:
    """Whether something answers on this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start(command: Sequence[str], log: Path, **options: object) -> subprocess.Popen[bytes]:
    """Starts a process in a group of its own, its output in `log`."""
    with log.open("ab") as out:
        return subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True, **options)  # type: ignore[call-overload,no-any-return]


def stop(process: subprocess.Popen[bytes], sign: int = signal.SIGTERM, seconds: float = 20) -> int:
    """Ends a process and gives its exit status; insists when it does not listen."""
    process.send_signal(sign)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
