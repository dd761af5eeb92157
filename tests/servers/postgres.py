"""A PostgreSQL cluster of the tests' own."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.servers.process import free_port, listens, need, open_folder, start, stop, wait_until

ACCOUNT = "postgres"


@dataclass(frozen=True)
class Cluster:
    """Address of a server that runs, and what stops and starts it again, its links cut."""

    address: str
    restart: Callable[[], None]


@contextmanager
def postgres() -> Iterator[str]:
    """Address of the server, whose databases are made by `new_database`. It refuses to run as root: then it runs as `postgres`."""
    with cluster() as running:
        yield running.address


@contextmanager
def cluster() -> Iterator[Cluster]:
    """The same server, that can be started again."""
    with open_folder() as folder, _running(folder) as running:
        yield running


@contextmanager
def _running(folder: Path) -> Iterator[Cluster]:
    binaries = Path(need("initdb", "postgresql", "usr/lib/postgresql/*/bin/initdb")).resolve().parent
    data, port = folder / "data", free_port()
    data.mkdir()
    options: dict[str, object] = {"cwd": "/"}
    if os.geteuid() == 0:
        account = pwd.getpwnam(ACCOUNT)
        for path in (folder, data):
            shutil.chown(path, account.pw_uid, account.pw_gid)
        options |= {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []}
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True, **options)  # type: ignore[call-overload]
    arguments = ["-D", str(data), "-p", str(port), "-k", "", "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]

    def begin() -> subprocess.Popen[bytes]:
        server = start([str(binaries / "postgres"), *arguments], folder / "postgres.log", **options)
        wait_until(lambda: listens(port) and _accepts(port), 30, "PostgreSQL répond")
        return server

    def restart() -> None:
        stop(servers.pop(), signal.SIGINT)
        servers.append(begin())

    servers = [begin()]
    try:
        yield Cluster(f"127.0.0.1:{port}", restart)
    finally:
        for server in servers:
            stop(server, signal.SIGINT)


def new_database(address: str, name: str) -> str:
    """Makes an empty database and gives its SQLAlchemy URL."""
    with psycopg.connect(f"postgresql://{ACCOUNT}@{address}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    return f"postgresql+psycopg://{ACCOUNT}@{address}/{name}"


def _accepts(port: int) -> bool:
    try:
        psycopg.connect(f"postgresql://{ACCOUNT}@127.0.0.1:{port}/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
