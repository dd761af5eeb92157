"""Taking mail in, on real servers that break: nothing lost, nothing twice, and the ledger says so."""

import logging
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread, get_ident

import pytest
from imapclient import SocketTimeout
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.servers.dovecot import BARE, PASSWORD, USER, MailServer, dovecot
from tests.servers.process import free_port, wait_until
from tests.servers.relay import relay
from triage import store
from triage.addresses import read_addresses
from triage.errors import MailboxLost
from triage.imap import Mailbox
from triage.model import Autonomy, Commitment, Kind, Label, Message, Reading, Route, Sentiment
from triage.parse import parse
from triage.reconcile import Agreement, reconcile
from triage.tables import FeedbackItemRow, MailLedgerRow
from triage.watch import run_forever, run_together
from triage.worker import Open, Report, settle_mailbox

Sessions = sessionmaker[Session]
PATIENCE = SocketTimeout(connect=5, read=2)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The queries are tried on both databases beside this file."""
    return f"sqlite:///{tmp_path / 'essai.db'}"


def mail(number: int, head: str = "") -> bytes:
    return f"From: J <j@exemple.fr>\r\nSubject: Avis {number}\r\n{head}\r\nTexte {number}\r\n".encode()


def read(message: Message) -> Reading:
    labels = (Label(Commitment.DELAIS, 0.9, (message.text[:20],)),)
    return Reading(Kind.AVIS, 0.9, labels, Sentiment.NEUTRE, 0.8, False, 0.1, "essai")


def route(_message: Message, _reading: Reading) -> tuple[Route, date | None]:
    return Route("Avis", "Avis", 4, 10, Autonomy.SUGGEST, "avis"), date(2026, 12, 1)


def now() -> datetime:
    return datetime.now(UTC)


def settle(server: MailServer, sessions: Sessions, folder: str = "INBOX", **options: object) -> Report:
    with Mailbox(server.url(folder=folder)) as box:
        return settle_mailbox(box, sessions, read, route, now, **options)  # type: ignore[arg-type]


def checked(server: MailServer, sessions: Sessions, *folders: str) -> Agreement:
    return reconcile([partial(Mailbox, server.url(folder=folder)) for folder in folders or ("INBOX",)], sessions)


def items(sessions: Sessions) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(FeedbackItemRow)) or 0


def outcomes(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(MailLedgerRow.outcome).order_by(MailLedgerRow.id)))


def test_a_mail_moved_back_by_a_person_is_not_imported_twice(mail_server: MailServer, sessions: Sessions) -> None:
    mail_server.deliver(mail(1))
    settle(mail_server, sessions)
    with mail_server.signed_in() as person:
        person.select_folder("Avis")
        person.move(person.search(), "INBOX")
    settle(mail_server, sessions)
    assert outcomes(sessions) == ["imported", "duplicate"]
    assert items(sessions) == 1
    assert {name: len(mails) for name, mails in mail_server.folders().items()} == {"INBOX": 0, "Avis": 1}
    found = checked(mail_server, sessions)
    assert (found.holds, found.agreed, found.copies) == (True, 2, 0)


def test_a_folder_seen_again_under_another_uidvalidity_is_not_imported_twice(mail_server: MailServer, sessions: Sessions) -> None:
    """The mails stay where they are: they are watched where they are filed."""
    for number in range(3):
        mail_server.put(mail(number), "INBOX")
    to_inbox = Route("Avis", "INBOX", 4, 10, Autonomy.SUGGEST, "avis")
    for _ in range(2):
        with Mailbox(mail_server.url()) as box:
            settle_mailbox(box, sessions, read, lambda *_: (to_inbox, None), now)
    assert outcomes(sessions) == ["imported"] * 3
    mail_server.renumber()
    with Mailbox(mail_server.url()) as box:
        settle_mailbox(box, sessions, read, lambda *_: (to_inbox, None), now)
    assert outcomes(sessions) == ["imported"] * 3 + ["duplicate"] * 3
    assert len(mail_server.folders()["INBOX"]) == 3
    assert checked(mail_server, sessions).holds


def test_what_was_begun_before_uidvalidity_changed_is_ended(mail_server: MailServer, sessions: Sessions) -> None:
    mail_server.put(mail(1), "INBOX")

    def stopped(_message: Message) -> Reading:
        raise OSError

    with Mailbox(mail_server.url()) as box, pytest.raises(OSError):  # noqa: PT011 - a fault of the machine
        settle_mailbox(box, sessions, stopped, route, now)
    mail_server.renumber()
    settle(mail_server, sessions)
    assert outcomes(sessions) == ["imported", "duplicate"]
    assert (items(sessions), len(mail_server.folders()["Avis"])) == (1, 1)
    assert checked(mail_server, sessions).holds


def test_identity_is_the_bytes_not_the_message_id_nor_the_flags(mail_server: MailServer, sessions: Sessions) -> None:
    same = "Message-ID: <a@exemple.fr>\r\n"
    mail_server.put(mail(1, same), "INBOX")
    mail_server.put(mail(2, same), "INBOX")
    mail_server.put(mail(3), "INBOX")
    with mail_server.signed_in() as person:
        person.select_folder("INBOX")
        person.add_flags(person.search()[:2], [b"\\Seen"])
    settle(mail_server, sessions)
    assert (outcomes(sessions), items(sessions)) == (["imported"] * 3, 3)


def test_a_folder_that_is_watched_and_filed_into_keeps_its_mails(mail_server: MailServer, sessions: Sessions) -> None:
    mail_server.put(mail(1), "INBOX")
    mail_server.put(mail(2), "Avis")
    for _ in range(2):
        for folder in ("INBOX", "Avis"):
            settle(mail_server, sessions, folder)
    assert outcomes(sessions) == ["imported", "imported", "duplicate"]
    assert (items(sessions), len(mail_server.folders()["Avis"])) == (2, 2)
    assert checked(mail_server, sessions, "INBOX", "Avis").holds


def test_an_oversize_mail_is_kept_whole_flagged_and_read_in_part(mail_server: MailServer, sessions: Sessions) -> None:
    raw = mail(1) + b"Suite du texte\r\n" * 200_000
    mail_server.put(raw, "INBOX")
    settle(mail_server, sessions, most_read=1000)
    with sessions() as session:
        row = session.scalars(select(MailLedgerRow)).one()
        item = session.scalars(select(FeedbackItemRow)).one()
        assert row.oversize
        assert store.read_raw(session, row.sha256) == raw
        assert item.text.startswith("Texte 1")
        assert len(item.text) < 1000
    assert checked(mail_server, sessions).holds


def test_the_memory_does_not_grow_with_the_mail(mail_server: MailServer) -> None:
    raw = mail(1) + (b"%076d\r\n" % 7) * 300_000
    mail_server.put(raw, "INBOX")
    with Mailbox(mail_server.url()) as box:
        (uid,) = box.uids()
        tracemalloc.start()
        packed = store.pack_parts(box.parts(uid))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert packed.size == len(raw) > 20_000_000
    assert most < 10_000_000


@pytest.mark.parametrize("cut", [True, False])
def test_a_link_that_breaks_or_falls_silent_while_a_mail_comes_loses_nothing(
    mail_server: MailServer, sessions: Sessions, cut: bool
) -> None:
    mail_server.put(mail(1) + b"Suite du texte\r\n" * 100_000, "INBOX")
    with relay(mail_server.imap_port) as link:
        link.cut, link.most = cut, 500_000
        address = replace(read_addresses(mail_server.url())[0], port=link.port)
        with pytest.raises(MailboxLost), Mailbox(address, timeout=PATIENCE) as box:
            settle_mailbox(box, sessions, read, route, now)
        assert outcomes(sessions) == []
        link.mend()
        with Mailbox(address) as box:
            assert settle_mailbox(box, sessions, read, route, now).settled
    assert (outcomes(sessions), len(mail_server.folders()["Avis"])) == (["imported"], 1)


def test_a_server_that_never_speaks_is_given_up() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"imap://a:b@127.0.0.1:{deaf.getsockname()[1]}/INBOX"
        with pytest.raises(MailboxLost), Mailbox(address, timeout=SocketTimeout(1, 1)):
            pytest.fail("connecté")


def watched(server: MailServer, sessions: Sessions, stop: Event, label: str = "mailbox") -> Callable[[], None]:
    return partial(run_forever, partial(Mailbox, server.url()), sessions, read, route, now, stop, first_pause=0.2, label=label)


def test_the_watch_goes_on_when_the_server_is_restarted(mail_server: MailServer, sessions: Sessions) -> None:
    stop = Event()
    watching = Thread(target=watched(mail_server, sessions, stop))
    watching.start()
    try:
        mail_server.deliver(mail(1))
        wait_until(lambda: items(sessions) == 1, 30, "le premier message est rangé")
        mail_server.restart()
        mail_server.deliver(mail(2))
        wait_until(lambda: items(sessions) == 2, 60, "le second message est rangé")
    finally:
        stop.set()
        mail_server.deliver(mail(3))  # wakes it up
        watching.join(60)
    assert not watching.is_alive()


def test_a_dead_mailbox_holds_up_no_other(mail_server: MailServer, sessions: Sessions, caplog: pytest.LogCaptureFixture) -> None:
    stop = Event()
    dead = f"imap://mort%40exemple.fr:secret@127.0.0.1:{free_port()}/INBOX"
    unreachable = partial(run_forever, partial(Mailbox, dead), sessions, read, route, now, stop, first_pause=0.1, label="mailbox 1")
    with caplog.at_level(logging.WARNING):
        running = Thread(target=run_together, args=([unreachable, watched(mail_server, sessions, stop)],))
        running.start()
        mail_server.deliver(mail(1))
        wait_until(lambda: items(sessions) == 1, 30, "le message de l'autre boîte est rangé")
        stop.set()
        mail_server.deliver(mail(2))
        running.join(60)
    assert "mailbox 1: mailbox or database away (MailboxLost)" in caplog.text
    assert "secret" not in caplog.text
    assert "exemple.fr" not in caplog.text


def test_what_one_watch_cannot_bear_ends_them_all() -> None:
    def fall() -> None:
        raise KeyError("table")

    with pytest.raises(KeyError):
        run_together([fall, Event().wait])


def test_a_server_without_idle_is_asked_again_and_again() -> None:
    with dovecot(BARE) as server, Mailbox(server.url()) as box:
        assert not box.wait(0.1)
        server.put(mail(1), "INBOX")
        assert not box.wait(0.1)
        assert len(box.uids()) == 1


def test_a_folder_without_rights_keeps_the_mail_and_its_row(mail_server: MailServer, sessions: Sessions) -> None:
    mail_server.deliver(mail(1))
    mail_server.put(mail(9), "Avis")
    place = mail_server.mails / USER / ".Avis"
    for path in (place / "cur", place / "new", place / "tmp", place):
        path.chmod(0o555)
    for _ in range(2):
        report = settle(mail_server, sessions)
        assert (report.settled, report.unmoved) == (False, 1)
    found = checked(mail_server, sessions)
    assert (found.holds, len(found.pending)) == (False, 1)
    for path in (place, place / "cur", place / "new", place / "tmp"):
        path.chmod(0o755)
    assert settle(mail_server, sessions).settled
    assert (items(sessions), outcomes(sessions)) == (1, ["imported"])
    assert len(mail_server.folders()["Avis"]) == 2


def test_threads_share_the_mails_of_a_folder(mail_server: MailServer, sessions: Sessions) -> None:
    raws = [mail(number // 2 if number % 10 == 1 else number) for number in range(60)]  # some come twice, byte for byte
    for raw in raws:
        mail_server.put(raw, "INBOX")
    threads: set[int] = set()

    def watched(message: Message) -> Reading:
        threads.add(get_ident())
        return read(message)

    @contextmanager
    def beside() -> Iterator[tuple[Mailbox, Open]]:
        with Mailbox(mail_server.url()) as other:
            yield other, parse

    with Mailbox(mail_server.url()) as box:
        report = settle_mailbox(box, sessions, watched, route, now, beside=beside)
    assert len(threads) > 1
    assert report.outcomes.total() == len(raws)
    assert items(sessions) == report.outcomes["imported"] == len(set(raws))
    assert sorted(mail_server.folders()["Avis"]) == sorted(raws)
    agreed = checked(mail_server, sessions)
    assert agreed.holds
    assert agreed.agreed == len(raws)


def test_a_server_that_grants_one_link_only_is_enough(mail_server: MailServer, sessions: Sessions) -> None:
    for number in range(20):
        mail_server.put(mail(number), "INBOX")

    @contextmanager
    def refused() -> Iterator[tuple[Mailbox, Open]]:
        with Mailbox(mail_server.url().replace(PASSWORD, "autre")) as other:
            yield other, parse

    report = settle(mail_server, sessions, beside=refused)
    assert report.outcomes.total() == 20
    assert checked(mail_server, sessions).holds


def test_what_stops_another_thread_is_said_and_the_next_pass_ends_it(mail_server: MailServer, sessions: Sessions) -> None:
    for number in range(30):
        mail_server.put(mail(number), "INBOX")

    def lost(_raw: bytes) -> Message:
        raise OSError("essai")

    @contextmanager
    def beside() -> Iterator[tuple[Mailbox, Open]]:
        with Mailbox(mail_server.url()) as other:
            yield other, lost

    with Mailbox(mail_server.url()) as box, pytest.raises(OSError, match="essai"):
        settle_mailbox(box, sessions, read, route, now, beside=beside)
    settle(mail_server, sessions)
    assert outcomes(sessions) == ["imported"] * 30
    assert checked(mail_server, sessions).holds
