"""Breaks what triage and the outbox stand on, again and again, and counts what was lost, doubled or acknowledged twice."""

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from bench.running import Running, running
from bench.triage_places import COMMAND, Place, put
from ecoute.settings import ROOT
from outbox.tables import OutboxRow
from tests.servers.dovecot import USER
from tests.servers.postgres import cluster, new_database
from tests.servers.process import need
from tests.servers.relay import Relay
from tests.servers.smtp import PostOffice
from triage.tables import FeedbackItemRow, MailLedgerRow

EACH = 6
"""Mails that come before each fault."""
LOCKED_SECONDS = 17.0
"""Longer than the processes wait for the database."""
READY_SECONDS = 120.0
DISK_BYTES = 60_000_000
FOLDERS_CLOSED, FOLDERS_OPEN = 0o555, 0o755


@dataclass
class Trial:
    """A system at work, whose link to its mailbox is `link`."""

    place: Place
    link: Relay
    office: PostOffice
    dice: random.Random
    worker: Running
    sender: Running
    around: "Surroundings"


@dataclass(frozen=True)
class Surroundings:
    """What a fault breaks beside the servers of mail: where the system is kept, and its database (SQLite there when the URL is empty)."""

    folder: Path
    database_url: str = ""
    restart_database: Callable[[], None] = lambda: None


Fault = Callable[[Trial], None]


def kill_worker(trial: Trial) -> None:
    time.sleep(trial.dice.uniform(0, 0.4))
    os.killpg(trial.worker.process.pid, signal.SIGKILL)


def kill_sender(trial: Trial) -> None:
    until(lambda: any(row.lease or row.settled_at for row in trial.place.outbox()), "the sender is at work")
    time.sleep(trial.dice.uniform(0, 0.2))
    os.killpg(trial.sender.process.pid, signal.SIGKILL)


def restart_server(trial: Trial) -> None:
    time.sleep(trial.dice.uniform(0, 0.3))
    trial.place.server.restart()


def cut_link(trial: Trial) -> None:
    trial.link.break_after(trial.dice.randrange(2000))
    time.sleep(1)
    trial.link.mend()


def renumber(trial: Trial) -> None:
    """Every mail gets another identifier, as after a restoration of the server."""
    server = trial.place.server
    server.control.stop()  # a link still open would bring the old identifiers back
    for path in (server.mails / USER).glob("dovecot*"):
        if path.name.startswith(("dovecot-uidlist", "dovecot.index", "dovecot.list")):
            path.unlink()
    server.control.start()


def lock_database(trial: Trial) -> None:
    with sqlite3.connect(trial.place.folder / "ecoute.db", timeout=30, isolation_level=None) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(LOCKED_SECONDS)
        connection.execute("ROLLBACK")


def restart_database(trial: Trial) -> None:
    time.sleep(trial.dice.uniform(0, 0.3))
    trial.around.restart_database()


def fill_disk(trial: Trial) -> None:
    """Not a byte is left where the database is, while mails come."""
    filler = trial.place.folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65536))
    put(trial.place.server, trial.place.more(EACH))
    time.sleep(3)
    filler.unlink()


def refuse_mails(trial: Trial) -> None:
    trial.office.on_data = lambda _raw: "452 4.3.1 mailbox full"
    put(trial.place.server, trial.place.more(EACH))
    time.sleep(3)
    trial.office.on_data = lambda _raw: None


def close_folders(trial: Trial) -> None:
    """The server's disk takes no more mails in the folders they are filed into."""
    _set_folders(trial, FOLDERS_CLOSED)
    put(trial.place.server, trial.place.more(EACH))
    time.sleep(3)
    _set_folders(trial, FOLDERS_OPEN)


def _set_folders(trial: Trial, mode: int) -> None:
    for folder in (trial.place.server.mails / USER).glob(".*"):
        for place in ("cur", "new", "tmp"):
            if (folder / place).is_dir():
                (folder / place).chmod(mode)


FAULTS: dict[str, tuple[Fault, float]] = {
    "worker killed (kill -9)": (kill_worker, 0.7),
    "sender of mails killed (kill -9)": (kill_sender, 0.3),
    "Dovecot restarted": (restart_server, 0.2),
    "link to Dovecot cut": (cut_link, 0.2),
    "UIDVALIDITY changed": (renumber, 0.1),
    f"database locked for {LOCKED_SECONDS:.0f} s (SQLite)": (lock_database, 0.06),
    "PostgreSQL restarted": (restart_database, 0.1),
    "disk full (SQLite)": (fill_disk, 0.1),
    "SMTP server that refuses for a while (452)": (refuse_mails, 0.1),
    "folders that take no more mails": (close_folders, 0.1),
}
"""Each with its share of the number of kills asked for; the first two make up that number."""


@contextmanager
def surroundings(fault: Fault, work: Path) -> Iterator[Surroundings]:
    """Where a system that suffers the fault is kept. A disk that can be full is one of its own: only root can make it (Linux)."""
    if fault is restart_database:
        with cluster() as running:
            yield Surroundings(work / "faults", new_database(running.address, "bench"), running.restart)
    elif fault is fill_disk:
        disk = work / "disk"
        disk.mkdir(parents=True, exist_ok=True)
        subprocess.run([need("mount", "mount"), "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(disk)], check=True)  # noqa: S603 - ours
        try:
            yield Surroundings(disk / "faults")
        finally:
            subprocess.run([need("umount", "mount"), "--lazy", str(disk)], check=True)  # noqa: S603 - ours
    else:
        yield Surroundings(work / "faults")


def suffer(place: Place, link: Relay, office: PostOffice, around: Surroundings, fault: Fault, times: int, seed: int) -> dict[str, Any]:
    """The fault so many times, then all is run to its end. Gives what was found."""
    dice = random.Random(seed)  # noqa: S311 - when to break
    office.taken.clear()
    for _ in range(times):
        put(place.server, place.more(EACH))
        before = place.count()
        with place.sorting() as worker, sending(place) as sender:
            until(lambda before=before: place.count() > before, "triage is at work")  # type: ignore[misc]
            fault(Trial(place, link, office, dice, worker, sender, around))
            time.sleep(0.3)
    place.run("triage", "run", "--once")
    place.run("triage", "replay", "--all")
    for _ in range(20):
        # Leases and delays are brought forward: nothing else differs from waiting for them.
        with place.sessions.begin() as session:
            due = OutboxRow.state == "due"
            left = session.scalar(select(func.count()).select_from(OutboxRow).where(due))
            session.execute(update(OutboxRow).where(due).values(leased_until=None, lease=None, next_try=datetime.now(UTC)))
        if not left:
            break
        place.run("outbox", "run", "--once")
    return {"times": times} | judged(place, office)


def judged(place: Place, office: PostOffice) -> dict[str, int]:
    """Counts of mails, by their bytes on the server and by their opinions in the database."""
    came = Counter(place.came)
    there = Counter(raw for mails in place.server.folders().values() for raw in mails)
    with place.sessions() as session:
        items = Counter(session.scalars(select(FeedbackItemRow.sha256).where(FeedbackItemRow.sha256.is_not(None))))
        settled = set(session.scalars(select(MailLedgerRow.sha256).where(MailLedgerRow.settled_at.is_not(None))))
        left = session.scalar(select(func.count()).select_from(MailLedgerRow).where(MailLedgerRow.settled_at.is_(None))) or 0
    lost = (came - there).total() + len(place.digests() - settled) + left
    doubled = (there - came).total() + sum(count - 1 for count in items.values())
    identifiers: dict[str, set[str]] = {}
    for _, to, raw in office.taken:
        head = raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
        name = next((line for line in head.splitlines() if line.lower().startswith("message-id:")), "")
        identifiers.setdefault(to, set()).add(name)
    # Each author wrote once: two identifiers are two acknowledgements. The same identifier again is one, handed over again.
    twice = sum(len(names) - 1 for names in identifiers.values())
    again = len(office.taken) - sum(map(len, identifiers.values()))
    return {"mails": len(place.came), "lost": lost, "doubled": doubled, "twice": twice, "acknowledged": len(identifiers), "again": again}


@contextmanager
def sending(place: Place) -> Iterator[Running]:
    """The outbox's sender, at work until the end of the block."""
    with running([COMMAND, "outbox", "run"], place.env, ROOT, place.folder / "outbox.log") as sender:
        yield sender


def until(holds: Callable[[], bool], what: str) -> None:
    """Returns when it holds. Raises TimeoutError."""
    end = time.monotonic() + READY_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not after {READY_SECONDS:.0f} s")
        time.sleep(0.05)


def times_of(kills: int) -> Sequence[tuple[str, Fault, int]]:
    """Faults with how many times each."""
    return [(name, fault, max(1, round(kills * share))) for name, (fault, share) in FAULTS.items()]
