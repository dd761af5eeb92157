"""The worker on a real IMAP server: each mail once, in its folder, nothing lost."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.servers.dovecot import MailServer
from triage import store
from triage.errors import MailboxRefused
from triage.imap import Mailbox
from triage.model import Autonomy, Kind, Label, Message, Outcome, Reading, Route, Sentiment
from triage.tables import FeedbackItemRow, MailLedgerRow
from triage.worker import settle_mailbox

SAMPLES = sorted((Path(__file__).parents[2] / "ecoute" / "samples" / "mails").glob("*.eml"))


def read(message: Message) -> Reading:
    from triage.model import Commitment

    return Reading(Kind.AVIS, 0.9, (Label(Commitment.DELAIS, 0.9, (message.text[:20],)),), Sentiment.NEUTRE, 0.8, False, 0.1, "essai")


def route(_message: Message, _reading: Reading) -> tuple[Route, date | None]:
    return Route("Délais", "Engagements/Délais à voir", 4, 10, Autonomy.SUGGEST, "délais"), date(2026, 12, 1)


def now() -> datetime:
    return datetime.now(UTC)


def test_thirty_mails_are_settled_once_each_and_the_server_agrees(mail_server: MailServer, sessions: sessionmaker[Session]) -> None:
    for path in SAMPLES:
        mail_server.deliver(path.read_bytes())
    with Mailbox(mail_server.url()) as box:
        report = settle_mailbox(box, sessions, read, route, now)
        again = settle_mailbox(box, sessions, read, route, now)
    assert report.outcomes.total() == len(SAMPLES) == 30
    assert again.outcomes.total() == 0
    folders = {name: len(mails) for name, mails in mail_server.folders().items() if mails}
    # Dovecot separates levels by a stop.
    assert folders == {"Engagements.Délais à voir": report.outcomes[Outcome.IMPORTED], "Automatique": report.outcomes[Outcome.AUTOMATIC]}
    with sessions() as session:
        assert store.pending(session) == []
        assert session.scalar(select(func.count()).select_from(FeedbackItemRow)) == report.outcomes[Outcome.IMPORTED]
        rows = session.scalars(select(MailLedgerRow)).all()
        kept = {store.read_raw(session, row.sha256) for row in rows}
    on_server = {raw for mails in mail_server.folders().values() for raw in mails}
    assert kept == on_server


def test_a_wrong_password_is_told_as_such(mail_server: MailServer) -> None:
    with pytest.raises(MailboxRefused), Mailbox(mail_server.url().replace("essai@", "faux@")):
        pytest.fail("connecté")


def test_waiting_ends_when_a_mail_comes(mail_server: MailServer) -> None:
    import threading

    with Mailbox(mail_server.url()) as box:
        assert box.uids() == []
        timer = threading.Timer(0.5, mail_server.deliver, [SAMPLES[0].read_bytes()])
        timer.start()
        assert box.wait(20)
        timer.join()
        assert len(box.uids()) == 1
