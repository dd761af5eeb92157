"""A person writes, is acknowledged, and answers: by real servers, the answer joins its item."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from outbox.address import AnswerAddress
from outbox.model import Identity
from outbox.sender import Report, send_due
from outbox.smtp import Post
from tests.servers.dovecot import USER, MailServer
from triage.correspondence import Correspondence, thread
from triage.imap import Mailbox
from triage.model import Autonomy, Kind, Message, Outcome, Reading, Route, Sentiment
from triage.tables import FeedbackItemRow
from triage.worker import settle_mailbox

PERSON = "jeanne@exemple.fr"
SENDER = Identity("Région Exemple", "ne-pas-repondre@region.exemple.fr", "region.exemple.fr")
LETTERS = Correspondence(
    AnswerAddress(USER, "secret"),
    SENDER.domain,
    lambda name, told: (f"Reçu ({told['reference']})", "Bonjour,\nvotre message est arrivé.\n"),
    lambda rule, day: day + timedelta(days=10),
)


def read(_message: Message) -> Reading:
    return Reading(Kind.AVIS, 0.9, (), Sentiment.NEUTRE, 0.8, False, 0.1, "essai")


def route(_message: Message, _reading: Reading) -> tuple[Route, date | None]:
    return Route("Avis", "Avis", 4, 10, Autonomy.SUGGEST, "avis", "avis"), date(2026, 12, 8)


def now() -> datetime:
    return datetime.now(UTC)


def settle(server: MailServer, sessions: sessionmaker[Session]) -> dict[Outcome, int]:
    with Mailbox(server.url()) as box:
        return dict(settle_mailbox(box, sessions, read, route, now, letters=LETTERS).outcomes)


@pytest.mark.parametrize("program", ["keeps identifiers", "loses identifiers"])
def test_an_answer_by_mail_joins_its_item(mail_server: MailServer, sessions: sessionmaker[Session], program: str) -> None:
    mail_server.deliver(f"From: Jeanne <{PERSON}>\nTo: {USER}\nSubject: Avis\nMessage-ID: <1@exemple.fr>\n\nMerci.".encode())
    assert settle(mail_server, sessions) == {Outcome.IMPORTED: 1}
    assert send_due(sessions, partial(Post, mail_server.smtp_url), SENDER, now) == Report(sent=1)
    (raw,) = mail_server.folders(PERSON)["INBOX"]
    received = message_from_bytes(raw, policy=SMTP)
    assert (received["In-Reply-To"], received["References"]) == ("<1@exemple.fr>", "<1@exemple.fr>")

    answer = EmailMessage(policy=SMTP)
    answer["From"], answer["Subject"], answer["Message-ID"] = PERSON, f"Re: {received['Subject']}", "<2@exemple.fr>"
    if program == "keeps identifiers":
        answer["To"], answer["In-Reply-To"] = USER, received["Message-ID"]
        to = USER
    else:
        to = answer["To"] = received["Reply-To"].addresses[0].addr_spec
    answer.set_content("J'ajoute ceci.")
    mail_server.deliver(answer.as_bytes(), to)
    assert settle(mail_server, sessions) == {Outcome.IMPORTED: 1}
    with sessions() as session:
        item = session.scalars(select(FeedbackItemRow)).one()
        assert [(said.row.direction, said.row.text) for said in thread(session, item)][1] == ("in", "J'ajoute ceci.")
    assert len(mail_server.folders()["Avis"]) == 2
    assert send_due(sessions, partial(Post, mail_server.smtp_url), SENDER, now) == Report()


def test_our_own_acknowledgement_that_comes_back_is_settled_as_a_machine_s(
    mail_server: MailServer, sessions: sessionmaker[Session]
) -> None:
    mail_server.deliver(f"From: {PERSON}\nSubject: Avis\n\nMerci.".encode())
    settle(mail_server, sessions)
    send_due(sessions, partial(Post, mail_server.smtp_url), SENDER, now)
    (raw,) = mail_server.folders(PERSON)["INBOX"]
    mail_server.deliver(raw)
    assert settle(mail_server, sessions) == {Outcome.AUTOMATIC: 1}
