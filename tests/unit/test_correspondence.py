"""Acknowledgements and answers: each item has one of the first, and all of the second."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

import outbox.store
from ecoute.tables import metadata
from outbox.address import AnswerAddress
from outbox.model import State
from outbox.tables import OutboxRow
from store.engine import open_engine, session_factory
from triage.acknowledge import MOST_A_DAY, PURPOSE
from triage.correspondence import OTHER_SENDER, Correspondence, thread
from triage.errors import MailboxLost
from triage.memory_mailbox import MemoryMailbox, MemoryServer
from triage.model import Autonomy, Kind, Message, Outcome, Reading, Route, Sentiment
from triage.tables import FeedbackItemRow
from triage.worker import Report, settle_mailbox

Sessions = sessionmaker[Session]
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ANSWERS = AnswerAddress("avis@region.fr", "secret")
DUE = date(2026, 12, 8)


def write(name: str, told: dict[str, str]) -> tuple[str, str] | None:
    return (f"Reçu ({told['reference']})", f"{name}, réponse {told['answer_by']}") if name != "absent" else None


LETTERS = Correspondence(ANSWERS, "region.fr", write, lambda rule, day: day + timedelta(days=10))


ACCOUNTS = count(1)


class Server(MemoryMailbox):
    """The inbox of an account in memory. `moved`: folders that mails went to, in turn."""

    def __init__(self, *mails: bytes) -> None:
        self.account = MemoryServer()
        super().__init__(self.account, name=f"avis{next(ACCOUNTS)}@region.fr")
        self.uidvalidity = 1
        self.moved: list[str] = []
        self.move_fails: list[Exception] = []
        for raw in mails:
            self.add(raw)

    def move(self, uid: int, folder: str, again: bool = False) -> None:
        if self.move_fails:
            raise self.move_fails.pop()
        super().move(uid, folder, again)
        self.moved.append(folder)

    def add(self, raw: bytes) -> None:
        self.account.deliver(raw)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'essai.db'}")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return session_factory(engine)


def mail(text: str = "Texte", sender: str = "Jeanne <j@exemple.fr>", *head: str) -> bytes:
    lines = (f"From: {sender}", "Subject: Avis", f"Message-ID: <{abs(hash((text, sender)))}@exemple.fr>", *head)
    return ("\n".join(lines) + f"\n\n{text}").encode()


def read(message: Message) -> Reading:
    return Reading(Kind.AVIS, 0.9, (), Sentiment.NEUTRE, 0.8, False, 0.1, "essai")


def settle(sessions: Sessions, server: Server, name: str | None = "avis", at: datetime = NOW, letters: Correspondence = LETTERS) -> Report:
    def route(message: Message, reading: Reading) -> tuple[Route, date | None]:
        return Route("Avis", "Avis", 4, 10, Autonomy.PRESELECT, "avis", name), DUE

    return settle_mailbox(server, sessions, read, route, lambda: at, letters=letters)


def items(sessions: Sessions) -> list[FeedbackItemRow]:
    with sessions() as session:
        return list(session.scalars(select(FeedbackItemRow).order_by(FeedbackItemRow.id)))


def outgoing(sessions: Sessions) -> list[OutboxRow]:
    with sessions() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_an_item_and_its_acknowledgement_are_written_together(sessions: Sessions) -> None:
    server = Server(mail("Un", "Jeanne <j@exemple.fr>", "References: <0@exemple.fr>", "In-Reply-To: <0@exemple.fr>"))
    server.move_fails = [MailboxLost()]
    with pytest.raises(MailboxLost):
        settle(sessions, server)
    settle(sessions, server)
    ((item,), (row,)) = items(sessions), outgoing(sessions)
    headers = dict(row.headers)
    assert (row.about, row.purpose, row.recipient) == (item.reference, PURPOSE, "j@exemple.fr")
    assert row.text == "avis, réponse au plus tard le mardi\u00a08\u00a0décembre\u00a02026 (10\u00a0jours ouvrés)"
    assert (headers["In-Reply-To"], headers["Auto-Submitted"]) == (item.message_id, "auto-replied")
    assert headers["References"] == f"<0@exemple.fr> {item.message_id}"
    assert ANSWERS.read(headers["Reply-To"]) == item.reference
    assert item.not_acknowledged is None
    with sessions() as session:
        (said,) = thread(session, item)
        assert (said.row.direction, said.row.outgoing_id, said.row.text) == ("out", row.id, row.text)


@pytest.mark.parametrize(
    ("raw", "name", "why"),
    [
        (mail("a", "Jeanne <j@exemple.fr>", "List-Id: <x.fr>"), "avis", "automatique (list)"),
        (mail("b", "no-reply@exemple.fr"), "avis", "ne lit pas"),
        (mail("c", "Nous <avis+1@region.fr>"), "avis", "notre propre adresse"),
        (mail("d", "personne"), "avis", "pas d'adresse"),
        (mail("e", "j@exemple.fr", "Return-Path: <>"), "avis", "no-return-path"),
        (mail("f", "j@exemple.fr", "Date: Mon, 2 Nov 2026 10:00:00 +0100"), "avis", "15 jours"),
        (mail("g"), None, "table de routage"),
        (mail("h"), "absent", "« absent » manque"),
    ],
)
def test_what_is_not_acknowledged_says_why(sessions: Sessions, raw: bytes, name: str | None, why: str) -> None:
    settle(sessions, Server(raw), name)
    assert outgoing(sessions) == []
    assert why in (items(sessions)[0].not_acknowledged or "")


def test_nothing_is_written_that_nobody_would_send(sessions: Sessions) -> None:
    settle(sessions, Server(mail()), letters=Correspondence(ANSWERS, "region.fr", write, lambda rule, day: None, can_send=False))
    assert "serveur d'envoi" in (items(sessions)[0].not_acknowledged or "")
    assert outgoing(sessions) == []


def test_one_person_gets_two_a_day_and_another_day_more(sessions: Sessions) -> None:
    settle(sessions, Server(*(mail(f"Texte {n}", f"{'J' if n % 2 else 'j'}@exemple.fr") for n in range(5))))
    assert len(outgoing(sessions)) == MOST_A_DAY
    assert [bool(item.not_acknowledged) for item in items(sessions)] == [False, False, True, True, True]
    server = Server()
    server.add(mail("Autre", "autre@exemple.fr"))
    settle(sessions, server)
    assert len(outgoing(sessions)) == MOST_A_DAY + 1
    server.add(mail("Demain", "j@exemple.fr"))
    settle(sessions, server, at=NOW + timedelta(hours=24))
    assert len(outgoing(sessions)) == MOST_A_DAY + 2


def test_a_person_is_not_flooded_by_addresses_made_up_with_a_plus(sessions: Sessions) -> None:
    settle(sessions, Server(*(mail(f"Texte {n}", f"victime+{n}@exemple.fr") for n in range(5)), mail("Autre", "victime_s@exemple.fr")))
    assert [ours.recipient for ours in outgoing(sessions)] == ["victime+0@exemple.fr", "victime+1@exemple.fr", "victime_s@exemple.fr"]


@pytest.mark.parametrize("by", ["id", "address"])
def test_an_answer_joins_its_item_and_opens_it_again(sessions: Sessions, by: str) -> None:
    server = Server(mail("Première"))
    settle(sessions, server)
    (item,) = items(sessions)
    with sessions.begin() as session:
        kept = session.get_one(FeedbackItemRow, item.id)
        kept.status, kept.folder, kept.due_on = "closed", "Traités", date(2026, 11, 1)
    (ours,) = outgoing(sessions)
    proof = f"References: <x@y.fr> {ours.message_id}" if by == "id" else f"Delivered-To: {ANSWERS.of(item.reference).lower()}"
    answer = mail(
        "Merci, et encore ceci.\n\nLe lun. 24 nov. 2026 à 10:00, Région <avis@region.fr> a écrit :\n> Reçu", "J@EXEMPLE.FR", proof
    )
    server.add(answer)
    server.add(answer)
    report = settle(sessions, server)
    assert report.outcomes == {Outcome.IMPORTED: 1, Outcome.DUPLICATE: 1}
    assert server.moved[1:] == ["Traités", "Traités"]
    assert len(items(sessions)) == len(outgoing(sessions)) == 1
    assert (items(sessions)[0].status, items(sessions)[0].due_on) == ("open", date(2026, 12, 4))
    with sessions() as session:
        assert [(said.row.direction, said.row.who, said.state) for said in thread(session, item)] == [
            ("out", "", "due"),
            ("in", "J@EXEMPLE.FR", ""),
        ]
        assert thread(session, item)[1].row.text == "Merci, et encore ceci."
        assert thread(session, item)[1].row.quoted


def test_an_answer_of_somebody_else_is_an_item_of_its_own(sessions: Sessions) -> None:
    server = Server(mail("Première"))
    settle(sessions, server)
    server.add(mail("Je suis son mari", "mari@exemple.fr", f"In-Reply-To: {outgoing(sessions)[0].message_id}"))
    settle(sessions, server)
    first, second = items(sessions)
    assert (second.follows_id, second.flags) == (first.id, [OTHER_SENDER])
    assert (first.follows_id, first.flags) == (None, [])
    assert [row.recipient for row in outgoing(sessions)] == ["j@exemple.fr", "mari@exemple.fr"]


def test_an_absence_that_answers_us_is_settled_without_waking_anyone(sessions: Sessions) -> None:
    server = Server(mail("Première"))
    settle(sessions, server)
    with sessions.begin() as session:
        session.get_one(FeedbackItemRow, items(sessions)[0].id).status = "closed"
    ours = outgoing(sessions)[0].message_id
    server.add(f"From: j@exemple.fr\nSubject: Absence : retour lundi\nIn-Reply-To: {ours}\n\nJe suis en congés.".encode())
    assert settle(sessions, server).outcomes == {Outcome.AUTOMATIC: 1}
    assert items(sessions)[0].status == "closed"


def test_an_address_made_up_joins_nothing(sessions: Sessions) -> None:
    server = Server(mail("Première"))
    settle(sessions, server)
    server.add(
        mail("Deuxième", "Jeanne <j@exemple.fr>", "To: avis+AV-2026-000001-aaaaaaaaaaaaaaaa@region.fr", "In-Reply-To: <invente@region.fr>")
    )
    settle(sessions, server)
    assert [item.follows_id for item in items(sessions)] == [None, None]


def test_danger_told_in_an_answer_makes_its_item_urgent(sessions: Sessions) -> None:
    server = Server(mail("Première"))
    settle(sessions, server)
    server.add(mail("Je veux mourir.", "j@exemple.fr", f"In-Reply-To: {outgoing(sessions)[0].message_id}"))
    settle(sessions, server)
    assert (items(sessions)[0].urgent, items(sessions)[0].priority) == (True, 0)


def test_what_an_agent_answers_waits_and_can_be_taken_back(sessions: Sessions) -> None:
    settle(sessions, Server(mail()), None)
    with sessions.begin() as session:
        item = session.get_one(FeedbackItemRow, 1)
        wanted = LETTERS.answer(item, (), "Re: Avis", "Bonjour")
        LETTERS.send(session, item, wanted, "answer 1", "Agent d'essai", NOW, NOW + timedelta(seconds=10))
        again = LETTERS.send(session, item, wanted, "answer 1", "Agent d'essai", NOW)
        assert again.outgoing_id is not None
        assert outbox.store.claim(session, NOW) is None
        assert outbox.store.cancel(session, again.outgoing_id, NOW)
    assert "Auto-Submitted" not in dict(outgoing(sessions)[0].headers)


REPORT = """From: MAILER-DAEMON@mx.exemple.fr
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.exemple.fr

Final-Recipient: rfc822; j@exemple.fr
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown
--b
Content-Type: {kind}

From: region@region.fr
Message-ID: {id}
Subject: x

--b--
"""


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
@pytest.mark.parametrize(("action", "state"), [("failed", "failed"), ("delayed", "sent")])
def test_a_mail_that_comes_back_is_a_failed_one(sessions: Sessions, kind: str, action: str, state: str) -> None:
    server = Server(mail())
    settle(sessions, server)
    with sessions.begin() as session:
        claimed = outbox.store.claim(session, NOW)
        assert claimed
        outbox.store.settle(session, claimed, State.SENT, NOW)
    server.add(REPORT.format(action=action, kind=kind, id=claimed.message_id).encode())
    assert settle(sessions, server).outcomes == {Outcome.AUTOMATIC: 1}
    (row,) = outgoing(sessions)
    assert row.state == state
    assert ("revenu. 550 5.1.1 User unknown" in row.reason) == (state == "failed")
