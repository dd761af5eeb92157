"""Mails sent by a real server, on both databases: each once, whatever falls on the way."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from outbox import store
from outbox.compose import FROM_A_MACHINE
from outbox.model import Attached, Identity, Outgoing, State
from outbox.sender import LIFE, Report, run_forever, send_due
from outbox.smtp import Post
from outbox.tables import OutboxRow
from tests.servers.process import free_port
from tests.servers.smtp import PostOffice, post_office

Sessions = sessionmaker[Session]
SENDER = Identity("Région Exemple", "ne-pas-repondre@region.exemple.fr", "region.exemple.fr")
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


def put(sessions: Sessions, n: int = 1, mail: Outgoing | None = None, not_before: datetime | None = None) -> int:
    with sessions.begin() as session:
        wanted = mail or Outgoing(f"usager{n}@exemple.fr", f"Sujet {n}", "Texte")
        return store.put(session, wanted, f"AV-2026-{n:06d}", "answer", SENDER.domain, NOW, not_before).id


def row(sessions: Sessions, row_id: int) -> OutboxRow:
    with sessions() as session:
        return session.get_one(OutboxRow, row_id)


def send(sessions: Sessions, office: PostOffice, at: datetime = NOW, timeout: float = 10) -> Report:
    return send_due(sessions, partial(Post, office.url, timeout), SENDER, lambda: at)


def test_a_mail_goes_once_with_its_files(sessions: Sessions, office: PostOffice) -> None:
    mail = Outgoing("usager@exemple.fr", "Votre avis", "Bonjour,\nreçu.", (Attached("a.txt", "text/plain", b"piece"),), FROM_A_MACHINE)
    sent = put(sessions, mail=mail)
    assert put(sessions, mail=mail) == sent
    assert send(sessions, office) == Report(sent=1)
    assert send(sessions, office) == Report()
    ((return_path, to, _),) = office.taken
    assert (return_path, to) == ("<>", "usager@exemple.fr")
    (got,) = office.mails()
    assert got["Message-ID"] == row(sessions, sent).message_id
    assert [part.get_content() for part in got.iter_attachments()] == ["piece"]
    assert row(sessions, sent).state == State.SENT


def test_nothing_goes_before_its_time_and_what_is_cancelled_never_does(sessions: Sessions, office: PostOffice) -> None:
    first = put(sessions, 1, not_before=NOW + timedelta(seconds=10))
    second = put(sessions, 2, not_before=NOW + timedelta(seconds=10))
    assert send(sessions, office) == Report()
    with sessions.begin() as session:
        assert store.cancel(session, first, NOW)
        assert not store.cancel(session, first, NOW)
    assert send(sessions, office, NOW + timedelta(seconds=10)) == Report(sent=1)
    with sessions.begin() as session:
        assert not store.cancel(session, second, NOW)
    assert [to for _, to, _ in office.taken] == ["usager2@exemple.fr"]


def test_a_mail_in_hand_is_not_cancelled(sessions: Sessions) -> None:
    held = put(sessions)
    with sessions.begin() as session:
        assert store.claim(session, NOW)
    with sessions.begin() as session:
        assert not store.cancel(session, held, NOW)
        assert store.claim(session, NOW) is None


def test_two_senders_never_have_the_same_mail(sessions: Sessions, office: PostOffice) -> None:
    for n in range(30):
        put(sessions, n)
    office.delay = 0.01
    reports: list[Report] = []
    threads = [threading.Thread(target=lambda: reports.append(send(sessions, office))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.sent for report in reports) == 30
    assert sorted(to for _, to, _ in office.taken) == sorted(f"usager{n}@exemple.fr" for n in range(30))


def test_a_refusal_for_good_is_told_to_the_agent_and_stops_no_other(sessions: Sessions, office: PostOffice) -> None:
    gone, fine = put(sessions, 1), put(sessions, 2)
    office.on_recipient = lambda address: "550 5.1.1 User unknown" if address.startswith("usager1@") else None
    assert send(sessions, office) == Report(sent=1, failed=1)
    assert (row(sessions, gone).state, row(sessions, fine).state) == (State.FAILED, State.SENT)
    assert row(sessions, gone).reason == "L'adresse n'existe pas. Réponse du serveur : 550 5.1.1 User unknown"
    impossible = put(sessions, 3, Outgoing("pas une adresse", "s", "t"))
    assert send(sessions, office).failed == 1
    assert "pas une adresse" in row(sessions, impossible).reason


@pytest.mark.parametrize("trouble", ["grey", "data", "hang up", "slow", "away"])
def test_what_may_pass_is_tried_for_three_days(sessions: Sessions, office: PostOffice, trouble: str) -> None:
    put_off, at, tries = put(sessions), NOW, 0
    timeout = 10.0
    if trouble == "grey":
        office.on_recipient = lambda _address: "451 4.7.1 Greylisted"
    elif trouble == "data":
        office.on_data = lambda _raw: "452 4.2.2 Mailbox full"
    elif trouble == "hang up":
        office.hang_up = True
    elif trouble == "slow":
        office.delay, timeout = 0.3, 0.1
    else:
        office.port = free_port()
    while row(sessions, put_off).state == State.DUE:
        report = send(sessions, office, at, timeout)
        assert report.away == (trouble == "away")
        tries += 1
        assert tries == row(sessions, put_off).tries < 40
        at = max(row(sessions, put_off).next_try, at)
    assert (row(sessions, put_off).state, at - NOW <= LIFE) == (State.FAILED, True)
    assert row(sessions, put_off).reason.startswith("Pas pris en trois jours.")
    assert office.taken == []


def test_a_mail_put_off_goes_when_the_server_is_well_again(sessions: Sessions, office: PostOffice) -> None:
    put_off = put(sessions)
    office.on_recipient = lambda _address: "451 4.7.1 Greylisted"
    assert send(sessions, office) == Report(later=1)
    assert row(sessions, put_off).lease is None
    office.on_recipient = lambda _address: None
    assert send(sessions, office) == Report()
    assert send(sessions, office, NOW + timedelta(minutes=1)) == Report(sent=1)


def test_a_mail_that_the_server_took_without_saying_so_goes_again_under_the_same_name(sessions: Sessions, office: PostOffice) -> None:
    put(sessions)
    office.cut_after = True
    assert send(sessions, office) == Report(later=1)
    office.cut_after = False
    assert send(sessions, office, NOW + timedelta(minutes=1)) == Report(sent=1)
    assert len(office.taken) == 2
    assert len({mail["Message-ID"] for mail in office.mails()}) == 1
    assert len({raw for _, _, raw in office.taken}) == 1


def test_a_server_that_wants_a_return_path_gets_one(sessions: Sessions, office: PostOffice) -> None:
    put(sessions, mail=Outgoing("u@exemple.fr", "s", "t", headers=FROM_A_MACHINE))
    office.on_sender = lambda address: "501 5.1.7 Sender wanted" if address == "<>" else None
    assert send(sessions, office) == Report(sent=1)
    assert office.taken[0][0] == SENDER.address


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from outbox.model import Identity
from outbox.sender import send_due
from outbox.smtp import Post
from store.engine import open_engine, session_factory

class Dying(Post):
    def hand_over(self, *given):
        super().hand_over(*given)  # the server has answered 250
        os.kill(os.getpid(), signal.SIGKILL)

url, server, at = sys.argv[1:]
sender = Identity("Région Exemple", "ne-pas-repondre@region.exemple.fr", "region.exemple.fr")
send_due(session_factory(open_engine(url)), lambda: Dying(server), sender, lambda: datetime.fromisoformat(at))
"""


def test_a_sender_killed_once_the_server_took_the_mail_sends_it_again_under_the_same_name(
    sessions: Sessions, office: PostOffice, database_url: str
) -> None:
    kept = put(sessions)
    command = [sys.executable, "-c", KILLED, database_url, office.url, NOW.isoformat()]
    done = subprocess.run(command, timeout=60, cwd=Path(__file__).parents[2], env=os.environ | {"PYTHONPATH": "."})
    assert done.returncode == -signal.SIGKILL
    assert (len(office.taken), row(sessions, kept).state) == (1, State.DUE)
    assert send(sessions, office, NOW + store.LEASE - timedelta(seconds=1)) == Report()
    assert send(sessions, office, NOW + store.LEASE) == Report(sent=1)
    assert len({raw for _, _, raw in office.taken}) == 1
    assert len(office.taken) == 2


def test_what_a_late_sender_says_does_not_count(sessions: Sessions) -> None:
    put(sessions)
    with sessions.begin() as session:
        late = store.claim(session, NOW)
    with sessions.begin() as session:
        other = store.claim(session, NOW + store.LEASE)
    assert late
    assert other
    with sessions.begin() as session:
        assert not store.settle(session, late, State.FAILED, NOW, "trop tard")
        assert store.settle(session, other, State.SENT, NOW)


def test_the_sender_waits_out_a_server_that_is_away(sessions: Sessions, office: PostOffice) -> None:
    put(sessions)
    stop, started = threading.Event(), datetime.now(UTC)
    looks: list[int] = []
    clock = count()

    def post() -> Post:
        looks.append(1)
        return Post(office.url if len(looks) > 1 else f"smtp://127.0.0.1:{free_port()}", 5)

    def now() -> datetime:  # a minute passes at each look
        if office.taken:
            stop.set()
        return started + timedelta(minutes=next(clock))

    run_forever(sessions, post, SENDER, now, stop, look_seconds=0.01)
    assert len(office.taken) == 1
