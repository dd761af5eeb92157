"""Every mail ends with one outcome, whatever stops the worker on the way."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from ecoute.tables import metadata
from store.engine import open_engine, session_factory
from triage import store
from triage.errors import MailboxLost, MailboxRefused, MailGone, ModelMissing, RoutingError
from triage.model import Autonomy, Commitment, Kind, Label, Message, Outcome, Reading, Route, Sentiment
from triage.tables import FeedbackItemRow, MailLedgerRow
from triage.watch import pause_after, run_forever
from triage.worker import settle_mailbox

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
Sessions = sessionmaker[Session]


class Server:
    """A folder in memory that fails when told to, as a server does."""

    def __init__(self, *mails: bytes) -> None:
        self.name, self.folder, self.uidvalidity = "avis@exemple.fr", "INBOX", 7
        self.mails = dict(enumerate(mails, start=1))
        self.moved: list[tuple[int, str]] = []
        self.move_fails: list[Exception] = []

    def uids(self) -> list[int]:
        return sorted(self.mails)

    def parts(self, uid: int) -> Iterator[bytes]:
        if uid not in self.mails:
            raise MailGone
        yield self.mails[uid]

    def move_known(self, source: str, sha256: str, size: int, folder: str, again: bool = False) -> bool:
        return False

    def move(self, uid: int, folder: str, again: bool = False) -> None:
        if self.move_fails:
            raise self.move_fails.pop()
        del self.mails[uid]
        self.moved.append((uid, folder))


def mail(number: int, head: str = "") -> bytes:
    return f"From: J <j@exemple.fr>\nSubject: Avis {number}\n{head}\nTexte {number}".encode()


def read(message: Message, sentiment: Sentiment = Sentiment.NEUTRE, urgent: bool = False) -> Reading:
    labels = (Label(Commitment.DELAIS, 0.9, (message.text,)),)
    return Reading(Kind.AVIS, 0.9, labels, sentiment, 0.8, urgent, 0.1, "essai")


def route(message: Message, reading: Reading) -> tuple[Route, date | None]:
    return Route("Délais", "Engagements/Delais", 4, 10, Autonomy.PRESELECT, "délais"), date(2026, 12, 8)


def clock() -> datetime:
    return NOW


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'essai.db'}")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return session_factory(engine)


def rows(sessions: Sessions) -> list[MailLedgerRow]:
    with sessions() as session:
        return list(session.scalars(select(MailLedgerRow).order_by(MailLedgerRow.id)))


def items(sessions: Sessions) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(FeedbackItemRow)) or 0


def test_a_mail_that_kills_the_worker_goes_to_quarantine_and_holds_up_no_other(sessions: Sessions) -> None:
    server = Server(mail(1), mail(2))

    class Killed(BaseException):
        """As the operating system does: nothing of ours runs after it."""

    def die_on_one(message: Message) -> Reading:
        if message.text == "Texte 1":
            raise Killed
        return read(message)

    for _ in range(3):
        with pytest.raises(Killed):
            settle_mailbox(server, sessions, die_on_one, route, clock)
    settle_mailbox(server, sessions, die_on_one, route, clock)
    assert server.moved == [(1, "Quarantaine"), (2, "Engagements/Delais")]
    assert [(row.outcome, row.error) for row in rows(sessions)] == [("failed", "WorkerKilled"), ("imported", None)]


@pytest.mark.parametrize("fault", [ModelMissing(), RoutingError(), OSError(), OperationalError("", None, Exception())])
def test_a_fault_of_the_machine_does_not_count_against_a_mail(sessions: Sessions, fault: Exception) -> None:
    server = Server(mail(1))

    def fall(message: Message) -> Reading:
        raise fault

    for _ in range(5):
        with pytest.raises(type(fault)):
            settle_mailbox(server, sessions, fall, route, clock)
    settle_mailbox(server, sessions, read, route, clock)
    assert server.moved == [(1, "Engagements/Delais")]


def test_each_mail_has_its_outcome_and_its_folder(sessions: Sessions) -> None:
    server = Server(mail(1), mail(1), mail(2, "Auto-Submitted: auto-replied\n"), mail(3))
    told: list[Outcome] = []

    def read_or_fail(message: Message) -> Reading:
        if message.text == "Texte 3":
            raise ZeroDivisionError("Texte 3")
        return read(message)

    report = settle_mailbox(server, sessions, read_or_fail, route, clock, told.append)
    assert told == [Outcome.IMPORTED, Outcome.DUPLICATE, Outcome.AUTOMATIC, Outcome.FAILED]
    assert report.outcomes == dict.fromkeys(told, 1)
    assert report.settled
    assert server.moved == [(1, "Engagements/Delais"), (2, "Engagements/Delais"), (3, "Automatique"), (4, "Quarantaine")]
    assert [row.error for row in rows(sessions)] == [None, None, None, "ZeroDivisionError"]
    with sessions() as session:
        assert all(store.read_raw(session, row.sha256) for row in rows(sessions))
        item = store.get_item(session, "AV-2026-000001")
        assert item is not None
        assert [(label.slug, label.evidence) for label in item.labels] == [("delais", ["Texte 1"])]


@pytest.mark.parametrize("fault", [MailboxLost(), KeyboardInterrupt()])
def test_a_break_while_moving_loses_and_doubles_nothing(sessions: Sessions, fault: Exception) -> None:
    server = Server(mail(1), mail(2))
    server.move_fails = [fault]
    with pytest.raises(type(fault)):
        settle_mailbox(server, sessions, read, route, clock)
    assert settle_mailbox(server, sessions, read, route, clock).outcomes == {Outcome.IMPORTED: 2}
    assert items(sessions) == 2
    assert server.mails == {}
    assert all(row.settled_at for row in rows(sessions))


def test_a_break_after_the_move_is_only_noted(sessions: Sessions) -> None:
    server = Server(mail(1))
    server.move_fails = [MailboxLost()]
    with pytest.raises(MailboxLost):
        settle_mailbox(server, sessions, read, route, clock)
    server.mails.clear()
    assert settle_mailbox(server, sessions, read, route, clock).settled
    assert items(sessions) == 1


def test_a_machine_at_fault_quarantines_no_mail(sessions: Sessions) -> None:
    server = Server(mail(1))

    def no_model(message: Message) -> Reading:
        raise ModelMissing

    with pytest.raises(ModelMissing):
        settle_mailbox(server, sessions, no_model, route, clock)
    assert [row.outcome for row in rows(sessions)] == ["pending"]
    server.uidvalidity, server.mails = 8, {}
    assert settle_mailbox(server, sessions, read, route, clock).outcomes == {Outcome.IMPORTED: 1}


def test_a_move_refused_is_tried_again(sessions: Sessions) -> None:
    server = Server(mail(1), mail(2))
    server.move_fails = [MailboxRefused()]
    report = settle_mailbox(server, sessions, read, route, clock)
    assert (report.unmoved, report.settled) == (1, False)
    assert settle_mailbox(server, sessions, read, route, clock).settled
    assert server.moved == [(2, "Engagements/Delais"), (1, "Engagements/Delais")]
    assert items(sessions) == 2


def test_the_log_says_nothing_of_people(sessions: Sessions, caplog: pytest.LogCaptureFixture) -> None:
    def fail(message: Message) -> Reading:
        raise ValueError(message.text + message.sender_email)

    settle_mailbox(Server(mail(1)), sessions, fail, route, clock)
    assert "ValueError" in caplog.text
    assert "Texte" not in caplog.text
    assert "@" not in caplog.text


def test_items_are_counted(sessions: Sessions) -> None:
    with sessions.begin() as session:
        for number, sentiment in enumerate((Sentiment.NEUTRE, Sentiment.NEGATIF)):
            message = Message(None, "", "", "", None, f"texte {number}", "", (), None)
            reading = read(message, sentiment)
            where, due = route(message, reading)
            store.add_item(session, message, reading, where, due, store.Channel.FORM, None, NOW)
    with sessions() as session:
        assert store.count_by_commitment_and_sentiment(session)[("delais", "negatif")] == 1


def test_the_watch_survives_breaks_and_stops_when_told(sessions: Sessions) -> None:
    stop = Event()
    openings: list[int] = []

    class Watched(Server):
        def __enter__(self) -> "Watched":
            openings.append(1)
            if len(openings) == 1:
                raise MailboxLost
            return self

        def __exit__(self, *_: object) -> None: ...

        def wait(self, seconds: float) -> bool:
            stop.set()
            return True

    run_forever(lambda: Watched(mail(1)), sessions, read, route, clock, stop, first_pause=0.01)
    assert (len(openings), items(sessions)) == (2, 1)


def test_pauses_grow_up_to_a_limit() -> None:
    assert 1 <= pause_after(1) <= 2
    assert 150 <= pause_after(1000) <= 300
