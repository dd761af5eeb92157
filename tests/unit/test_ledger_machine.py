"""The ledger as a state machine: whatever people, the server and the operating system do, no mail is lost and none is imported twice."""

import contextlib
import tempfile
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import event, func, select

from ecoute.tables import metadata
from store.engine import open_engine, session_factory
from triage import store
from triage.errors import MailboxLost, MailboxRefused, UnreadableMail
from triage.memory_mailbox import MemoryMailbox, MemoryServer
from triage.model import Autonomy, Kind, Message, Outcome, Reading, Route, Sentiment
from triage.parse import parse
from triage.reconcile import reconcile
from triage.tables import FeedbackItemRow, MailLedgerRow
from triage.worker import settle_mailbox

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
STEPS = ["list", "fetch", "move", "moved", "read"]
BODIES = st.sampled_from(["avis", "demande", "machine", "poison"])


class Killed(BaseException):
    """As the operating system does: nothing of ours runs after it."""


def mail(body: str, same_id: bool, number: int) -> bytes:
    head = "Auto-Submitted: auto-replied\n" if body == "machine" else ""
    identity = "Message-ID: <toujours@exemple.fr>\n" if same_id else ""
    return f"Subject: {body}\n{head}{identity}\n{body} {number}".encode()


def route(message: Message, _reading: Reading) -> tuple[Route, date | None]:
    folder = "Demandes" if message.subject == "demande" else "Avis"
    return Route(folder, folder, 4, 10, Autonomy.SUGGEST, folder), None


class Ledger(RuleBasedStateMachine):
    """INBOX is watched, and so is Avis, into which mails are filed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.engine = open_engine(f"sqlite:///{Path(self.folder.name) / 'essai.db'}")
        # Nothing here outlives the process: waiting for the disk would prove nothing.
        event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        metadata.create_all(self.engine)
        self.sessions = session_factory(self.engine)
        self.server = MemoryServer()
        self.came: set[bytes] = set()
        self.cured = False
        self.fault: tuple[str, int, type[BaseException]] | None = None

    def teardown(self) -> None:
        self.end_well()
        self.engine.dispose()
        self.folder.cleanup()

    def step(self, name: str) -> None:
        """Breaks at the n-th step of this name, when a fault is due."""
        if self.fault and self.fault[0] == name:
            _, left, kind = self.fault
            self.fault = (name, left - 1, kind) if left else None
            if not left:
                raise kind

    def read(self, message: Message) -> Reading:
        self.step("read")
        return Reading(Kind.AVIS, 0.9, (), Sentiment.NEUTRE, 0.8, False, 0.1, "essai")

    def open_mail(self, raw: bytes) -> Message:
        if b"poison" in raw and not self.cured:
            raise UnreadableMail("TooSlow")
        return parse(raw)

    def settle(self, folder: str) -> bool:
        with MemoryMailbox(self.server, folder) as box:
            return settle_mailbox(box, self.sessions, self.read, route, lambda: NOW, open_mail=self.open_mail).settled

    @rule(body=BODIES, same_id=st.booleans(), number=st.integers(0, 2), folder=st.sampled_from(["INBOX", "INBOX", "Avis"]))
    def a_mail_comes(self, body: str, same_id: bool, number: int, folder: str) -> None:
        raw = mail(body, same_id, number)
        self.came.add(raw)
        self.server.deliver(raw, folder)

    @rule(
        folder=st.sampled_from(["INBOX", "Avis"]),
        step=st.sampled_from(STEPS),
        after=st.integers(0, 4),
        kind=st.sampled_from([MailboxLost, MailboxRefused, Killed, OSError]),
    )
    def a_pass_breaks(self, folder: str, step: str, after: int, kind: type[BaseException]) -> None:
        self.server.on = self.step
        self.fault = (step, after, kind)
        with contextlib.suppress(MailboxLost, MailboxRefused, Killed, OSError):
            self.settle(folder)
        self.fault, self.server.on = None, lambda _step: None

    @rule(source=st.sampled_from(["Avis", "Demandes", "Automatique", "Quarantaine"]), to=st.sampled_from(["INBOX", "Avis", "Personnel"]))
    def a_person_moves_a_mail_that_was_taken(self, source: str, to: str) -> None:
        held = self.server.mails.get(source, {})
        with self.sessions() as session:
            taken = set(session.scalars(select(MailLedgerRow.sha256)))
        uid = next((uid for uid, raw in held.items() if store.pack(raw).sha256 in taken), None)
        if uid is not None and source != to:
            self.server.deliver(held.pop(uid), to)

    @rule(source=st.sampled_from(["Avis", "Demandes", "Quarantaine"]))
    def a_person_deletes_a_mail_that_is_settled(self, source: str) -> None:
        self.end_well()
        held = self.server.mails.get(source, {})
        if held:
            held.pop(next(iter(held)))

    @rule(folder=st.sampled_from(["INBOX", "Avis"]))
    def uidvalidity_changes(self, folder: str) -> None:
        self.server.renumber(folder)

    @rule()
    def somebody_replays(self) -> None:
        with self.sessions.begin() as session:
            for row in store.list_quarantine(session):
                store.reopen(session, row.id)

    @precondition(lambda self: not self.cured)
    @rule()
    def the_reader_is_mended(self) -> None:
        self.cured = True

    @invariant()
    def nothing_is_imported_twice_and_what_was_seen_is_kept(self) -> None:
        with self.sessions() as session:
            contents = session.scalars(select(FeedbackItemRow.sha256)).all()
            assert len(contents) == len(set(contents))
            assert all(store.well_kept(session, row.sha256) for row in session.scalars(select(MailLedgerRow)))

    @rule()
    def end_well(self) -> None:
        """Two passes without a fault settle all; the second finds nothing to do but what the first filed into a watched folder."""
        for folder in ("INBOX", "Avis", "INBOX", "Avis"):
            assert self.settle(folder)
        assert self.server.mails["INBOX"] == {}
        found = reconcile([partial(MemoryMailbox, self.server, folder) for folder in ("INBOX", "Avis")], self.sessions)
        assert (found.pending, found.lost, found.untaken) == ((), (), ())
        with self.sessions() as session:
            imported = session.scalar(select(func.count()).select_from(FeedbackItemRow))
            failed = {row.sha256 for row in session.scalars(select(MailLedgerRow).filter_by(outcome=Outcome.FAILED.value))}
            known = set(session.scalars(select(MailLedgerRow.sha256)))
            assert known == {store.pack(raw).sha256 for raw in self.came}
            machines = {store.pack(raw).sha256 for raw in self.came if b"machine" in raw}
            read = set(session.scalars(select(FeedbackItemRow.sha256)))
        assert imported == len(read)
        # Each content has one end: an opinion, a machine's mail, or quarantine.
        assert read | machines | failed == known
        assert not read & machines


Ledger.TestCase.settings = settings(max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
TestLedger = Ledger.TestCase
