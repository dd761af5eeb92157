"""Systems of the bench's own, whose triage is measured and broken."""

import hashlib
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import func, select

from bench.running import Ended, Running, running
from bench.triage_mails import mails
from ecoute.settings import ROOT
from outbox.tables import OutboxRow
from store import migrate
from store.engine import open_engine, session_factory
from tests.servers.dovecot import MailServer
from triage.tables import FeedbackItemRow, MailLedgerRow
from triage.train import read_data

COMMAND = str(ROOT / ".venv" / "bin" / "ecoute")
SEED = 20261126


class Place:
    """A system of its own in a folder, whose mailbox is on this server and whose mails go to that one."""

    def __init__(
        self,
        folder: Path,
        server: MailServer,
        smtp_url: str,
        models: Path,
        encoders: str = "full",
        imap_port: int | None = None,
        database_url: str = "",
    ) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder, self.server = folder, server
        url = server.url().replace(f":{server.imap_port}/", f":{imap_port or server.imap_port}/")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ECOUTE_")}
        own = {"VAR": str(folder), "IMAP_URL": url, "SMTP_URL": smtp_url, "MODELS": str(models), "TRIAGE_ENCODERS": encoders}
        self.env = kept | {f"ECOUTE_{name}": value for name, value in own.items()}
        self.came: list[bytes] = []
        self._more = mails(read_data(), 100_000, SEED)
        if database_url:
            self.env["ECOUTE_DATABASE_URL"] = database_url
        engine = open_engine(database_url or f"sqlite:///{folder / 'ecoute.db'}")
        migrate.upgrade(engine)
        self.sessions = session_factory(engine)

    def run(self, *words: str) -> str:
        """A command to its end; gives its output. Raises Ended when it fails."""
        done = subprocess.run([COMMAND, *words], env=self.env, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        if done.returncode:
            raise Ended(f"ecoute {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    @contextmanager
    def sorting(self) -> Iterator[Running]:
        """Triage, at work until its mailbox is empty."""
        with running([COMMAND, "triage", "run"], self.env, ROOT, self.folder / "triage.log") as worker:
            yield worker

    def settled(self) -> list[datetime]:
        """When each mail was settled, in order."""
        with self.sessions() as session:
            found = session.scalars(select(MailLedgerRow.settled_at).where(MailLedgerRow.settled_at.is_not(None)))
            return sorted(moment for moment in found if moment is not None)

    def more(self, count: int) -> list[bytes]:
        """Mails that have not come yet, kept in mind from now on."""
        taken = list(islice(self._more, count))
        self.came += taken
        return taken

    def digests(self) -> set[str]:
        """SHA-256 of each mail that came."""
        return {hashlib.sha256(raw).hexdigest() for raw in self.came}

    def outbox(self) -> list[OutboxRow]:
        """Mails to be sent and sent."""
        with self.sessions() as session:
            return list(session.scalars(select(OutboxRow)))

    def count(self) -> int:
        """Mails settled."""
        with self.sessions() as session:
            return session.scalar(select(func.count(MailLedgerRow.settled_at))) or 0

    def outcomes(self) -> Counter[str]:
        """Mails by outcome."""
        with self.sessions() as session:
            return Counter(session.scalars(select(MailLedgerRow.outcome)))

    def items(self) -> int:
        """Opinions kept."""
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(FeedbackItemRow)) or 0


def put(server: MailServer, raws: Iterable[bytes]) -> None:
    """Puts mails into the inbox."""
    with server.signed_in() as client:
        for raw in raws:
            client.append("INBOX", raw)
