"""The real worker killed at any moment, its server restarted, its folders closed: nothing is lost and nothing is doubled."""

import contextlib
import json
import os
import random
import signal
import subprocess
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select

from store.engine import open_engine, session_factory
from tests.servers.dovecot import USER, MailServer
from tests.servers.process import start, wait_until
from tests.servers.system import COMMAND
from triage.tables import FeedbackItemRow, MailLedgerRow

KILLS = int(os.environ.get("ECOUTE_KILLS", "3"))
"""The bench asks for more."""
SUBJECTS = ["Délai trop long", "Merci pour l'accueil", "Pièces à fournir", "Téléphone injoignable"]
CLOSED, OPEN = 0o555, 0o755


def mail(number: int) -> bytes:
    subject = SUBJECTS[number % len(SUBJECTS)]
    head = f"From: Essai <essai{number}@exemple.fr>\r\nSubject: {subject} {number}\r\nContent-Type: text/plain; charset=utf-8\r\n"
    return f"{head}\r\nBonjour, mon dossier {number} attend depuis {number + 2} semaines. Merci de me répondre.\r\n".encode()


def close_folders(server: MailServer, mode: int) -> None:
    """The folders that mails are filed into take no more mails, or take them again."""
    for folder in (server.mails / USER).glob(".*"):
        for place in ("cur", "new", "tmp"):
            if (folder / place).is_dir():
                (folder / place).chmod(mode)


def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(mail_server: MailServer, tmp_path: Path) -> None:
    dice = random.Random(20261126)
    var = tmp_path / "var"
    env = {name: value for name, value in os.environ.items() if not name.startswith("ECOUTE_")}
    env |= {"ECOUTE_VAR": str(var), "ECOUTE_IMAP_URL": mail_server.url(), "ECOUTE_MODELS": str(Path(COMMAND).parents[2] / "models")}
    subprocess.run([COMMAND, "prepare"], env=env, check=True, capture_output=True)
    sessions = session_factory(open_engine(f"sqlite:///{var / 'ecoute.db'}"))

    def done() -> tuple[int, int]:
        """Mails taken and mails settled."""
        with sessions() as session:
            taken, settled = session.execute(select(func.count(MailLedgerRow.id), func.count(MailLedgerRow.settled_at))).one()
            return taken, settled

    put: list[bytes] = []

    def deliver(count: int) -> None:
        for _ in range(count):
            # One in ten comes twice, byte for byte.
            put.append(dice.choice(put) if put and dice.random() < 0.1 else mail(len(put)))
            mail_server.put(put[-1], "INBOX")

    log = tmp_path / "run.log"
    deliver(6)
    for kill in range(KILLS):
        deliver(4)
        closed = kill % 4 == 2
        if closed:
            close_folders(mail_server, CLOSED)
        before = done()
        worker = start([COMMAND, "triage", "run"], log, env=env)
        wait_until(lambda before=before: done() != before, 90, "le tri avance")  # type: ignore[misc]
        if kill % 4 == 1:
            mail_server.restart()
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(dice.uniform(0, 0.6))
        assert worker.poll() is None, log.read_text()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        if closed:
            close_folders(mail_server, OPEN)

    ended = subprocess.run([COMMAND, "triage", "run", "--once"], env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told = subprocess.run([COMMAND, "triage", "reconcile", "--json"], env=env, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    (found,) = json.loads(told.stdout)["mailboxes"]
    assert (found["agreed"], found["copies"], found["gone"], found["moved"]) == (len(put), 0, 0, 0)
    folders = mail_server.folders()
    assert folders["INBOX"] == []
    # Byte for byte, and as many times as they came.
    assert Counter(raw for mails in folders.values() for raw in mails) == Counter(put)
    with sessions() as session:
        outcomes = Counter(session.scalars(select(MailLedgerRow.outcome)))
        items = session.scalar(select(func.count()).select_from(FeedbackItemRow))
        hashes = session.scalars(select(FeedbackItemRow.sha256)).all()
    assert outcomes.total() == len(put)
    assert items == len(set(hashes)) == outcomes["imported"]
    # A mail whose reading was killed four times is in quarantine: seen, and replayed.
    again = subprocess.run([COMMAND, "triage", "replay", "--all"], env=env, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(FeedbackItemRow)) == len(set(put))
    assert mail_server.folders().get("Quarantaine", []) == []
