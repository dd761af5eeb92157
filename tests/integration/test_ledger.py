"""The ledger against a real server, on both databases: what is replayed, what a person moved, what is missing."""

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from test_intake import checked, mail, settle

from tests.servers.dovecot import USER, MailServer
from triage import store
from triage.errors import UnreadableMail
from triage.model import Message, Outcome
from triage.parse import parse
from triage.tables import MailLedgerRow, RawMessageRow

Sessions = sessionmaker[Session]


def test_a_mail_replayed_joins_its_folder_from_quarantine(mail_server: MailServer, sessions: Sessions) -> None:
    mail_server.deliver(mail(1))
    mail_server.deliver(mail(2))

    def fail(_raw: bytes) -> Message:
        raise UnreadableMail("TooSlow")

    settle(mail_server, sessions, open_mail=fail)
    with sessions.begin() as session:
        first, second = store.list_quarantine(session)
        assert (first.error, first.mailbox, first.attempts) == ("TooSlow", f"{USER}@127.0.0.1", 1)
        assert store.reopen(session, second.id)
        assert not store.reopen(session, second.id)
    assert settle(mail_server, sessions, open_mail=parse, only=frozenset({second.id})).outcomes == {Outcome.IMPORTED: 1}
    assert {name: len(mails) for name, mails in mail_server.folders().items()} == {"INBOX": 0, "Quarantaine": 1, "Avis": 1}
    with sessions.begin() as session:
        assert [one.id for one in store.list_quarantine(session)] == [first.id]
        store.reopen(session, first.id)
    settle(mail_server, sessions, open_mail=fail)  # still not read: it goes back
    with sessions() as session:
        (one,) = store.list_quarantine(session)
        assert (one.replays, one.waiting) == (1, False)
    assert len(mail_server.folders()["Quarantaine"]) == 1
    found = checked(mail_server, sessions)
    assert (found.holds, found.quarantined, found.agreed) == (True, 1, 2)


def test_the_ledger_and_the_server_are_held_against_each_other(mail_server: MailServer, sessions: Sessions) -> None:
    for number in range(5):
        mail_server.deliver(mail(number))
    settle(mail_server, sessions)
    with mail_server.signed_in() as person:
        person.create_folder("Personnel")
        person.select_folder("Avis")
        gone, moved, copied, *_ = person.search()
        person.copy([copied], "Personnel")
        person.copy([copied], "Avis")
        person.move([moved], "Personnel")
        person.delete_messages([gone])
        person.uid_expunge([gone])
    found = checked(mail_server, sessions)
    assert (found.holds, found.agreed, found.moved, found.gone, found.copies) == (True, 3, 1, 1, 1)
    mail_server.put(mail(8), "Avis")
    mail_server.deliver(mail(9))
    found = checked(mail_server, sessions)
    assert not found.holds
    assert [folder for folder, _ in found.unread] == ["Avis"]
    assert [folder for folder, _ in found.untaken] == ["INBOX"]
    settle(mail_server, sessions)
    with sessions.begin() as session:
        row = session.scalars(select(MailLedgerRow)).first()
        assert row is not None
        raw = session.get_one(RawMessageRow, row.sha256)
        raw.compressed = b"\x00" + raw.compressed[1:]
        ill = row.id
    assert checked(mail_server, sessions).lost == (ill,)
