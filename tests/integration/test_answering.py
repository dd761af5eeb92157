"""An agent answers and a person answers back, by real servers, on both databases; sendings crossed and undone."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from functools import partial
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from answers.book import CONTENT, AnswerBook
from answers.mails import WHEN_PASSED_ON, MailTexts
from desk import answering, following, forwarding
from desk.answer_tables import AnswerDraftRow, SentAnswerRow
from desk.answering import Typed
from desk.forwarding import Asked, Directory
from desk.model import Impossible, Means
from outbox.address import AnswerAddress
from outbox.model import Identity, State
from outbox.sender import Report, send_due
from outbox.smtp import Post
from outbox.tables import OutboxRow
from tests.servers.dovecot import USER, MailServer
from triage.correspondence import Correspondence
from triage.imap import Mailbox
from triage.model import Autonomy, File, Kind, Message, Outcome, Reading, Returned, Route, Sentiment
from triage.tables import FeedbackItemRow
from triage.worker import settle_mailbox

PERSON = "jeanne@exemple.fr"
SENDER = Identity("Région Exemple", "ne-pas-repondre@region.exemple.fr", "region.exemple.fr")
LETTERS = Correspondence(AnswerAddress(USER, "secret"), SENDER.domain, lambda *_: None, lambda _rule, day: day + timedelta(days=10))
BOOK = AnswerBook()


def write(name: str, values: dict[str, str]) -> tuple[str, str] | None:
    return MailTexts(CONTENT / "forwarding", BOOK.service, WHEN_PASSED_ON).get(name, **values)


DIRECTORY = Directory(BOOK.bodies, lambda _text: "", write)
Sessions = sessionmaker[Session]


class Agent:
    id, login, name = 1, "agnes", "Agnès"


class Other:
    id, login, name = 2, "marc", "Marc"


def now() -> datetime:
    return datetime.now(UTC)


def settle(server: MailServer, sessions: Sessions) -> dict[Outcome, int]:
    def read(_message: Message) -> Reading:
        return Reading(Kind.AVIS, 0.9, (), Sentiment.NEUTRE, 0.8, False, 0.1, "essai")

    def route(_message: Message, _reading: Reading) -> tuple[Route, date | None]:
        return Route("Avis", "Avis", 4, 10, Autonomy.SUGGEST, "avis", None), date(2026, 12, 8)

    with Mailbox(server.url()) as box:
        return dict(settle_mailbox(box, sessions, read, route, now, letters=LETTERS).outcomes)


def answer(sessions: Sessions, text: str, token: str, files: tuple[File, ...] = (), then: str = "clore") -> None:
    with sessions.begin() as session:
        item = session.scalars(select(FeedbackItemRow).order_by(FeedbackItemRow.id).limit(1)).one()
        row = answering.keep(session, item, Typed(text, Means.MAIL, files), Agent(), now())
        assert row
        answering.send(session, LETTERS, item, row, "Le service", answering.after_sending(then, date(2026, 12, 9)), Agent(), token, now())


def one(sessions: Sessions) -> FeedbackItemRow:
    with sessions() as session:
        return session.scalars(select(FeedbackItemRow).order_by(FeedbackItemRow.id).limit(1)).one()


def later() -> datetime:
    return now() + answering.UNDO


def test_the_thread_goes_both_ways_and_a_reply_opens_it_again(mail_server: MailServer, sessions: Sessions) -> None:
    mail_server.deliver(f"From: Jeanne <{PERSON}>\nTo: {USER}\nSubject: Attente\nMessage-ID: <1@exemple.fr>\n\nTrop long.".encode())
    settle(mail_server, sessions)
    answer(sessions, "Vous avez raison.", "un", (File("é.pdf", "application/pdf", b"%PDF"),))
    post = partial(Post, mail_server.smtp_url)
    assert send_due(sessions, post, SENDER, now) == Report()  # it can still be undone
    assert send_due(sessions, post, SENDER, later) == Report(sent=1)
    (raw,) = mail_server.folders(PERSON)["INBOX"]
    received = message_from_bytes(raw, policy=SMTP)
    assert isinstance(received, EmailMessage)
    assert (received["Subject"], received["In-Reply-To"]) == ("Re: Attente", "<1@exemple.fr>")
    body = received.get_body()
    assert body
    assert body.get_content().replace("\r\n", "\n") == "Vous avez raison.\n\nLe service\n"
    assert [(part.get_filename(), part.get_content()) for part in received.iter_attachments()] == [("é.pdf", b"%PDF")]
    assert "Auto-Submitted" not in received
    assert (one(sessions).status, one(sessions).outcome) == ("closed", "repondu")

    reply = EmailMessage(policy=SMTP)
    reply["From"], reply["To"], reply["Subject"], reply["Message-ID"] = PERSON, received["Reply-To"], "Re: Attente", "<2@exemple.fr>"
    reply["In-Reply-To"] = received["Message-ID"]
    reply.set_content("Et mon dossier ?")
    mail_server.deliver(reply.as_bytes(), received["Reply-To"].addresses[0].addr_spec)
    settle(mail_server, sessions)
    assert (one(sessions).status, one(sessions).outcome) == ("open", None)
    answer(sessions, "Il avance.", "deux", then="garder")
    assert send_due(sessions, post, SENDER, later) == Report(sent=1)
    second = message_from_bytes(mail_server.folders(PERSON)["INBOX"][-1], policy=SMTP)
    assert second["In-Reply-To"] == "<2@exemple.fr>"
    assert second["References"].split() == ["<1@exemple.fr>", received["Message-ID"], "<2@exemple.fr>"]
    with sessions() as session:
        said = answering.said_so_far(session, session.scalars(select(FeedbackItemRow)).one(), Agent.id, now())
    assert [(each.ours, each.state, each.undo) for each in said] == [(True, "sent", ""), (False, "", ""), (True, "sent", "")]


def test_a_reply_to_a_message_merged_joins_the_one_that_goes_on(mail_server: MailServer, sessions: Sessions) -> None:
    for number in (1, 2):
        mail_server.deliver(f"From: {PERSON}\nTo: {USER}\nSubject: Avis\nMessage-ID: <{number}@exemple.fr>\n\nNuméro {number}.".encode())
    settle(mail_server, sessions)
    with sessions.begin() as session:
        first, second = session.scalars(select(FeedbackItemRow).order_by(FeedbackItemRow.id)).all()
        following.merge(session, second, first.reference, Agent(), now())
        with pytest.raises(Impossible):
            following.merge(session, first, second.reference, Agent(), now())
        to = LETTERS.answers.of(second.reference)
    mail_server.deliver(f"From: {PERSON}\nTo: {to}\nSubject: Re: Avis\nMessage-ID: <3@exemple.fr>\n\nJ'ajoute ceci.".encode(), to)
    settle(mail_server, sessions)
    with sessions() as session:
        first = session.scalars(select(FeedbackItemRow).order_by(FeedbackItemRow.id).limit(1)).one()
        said = [(each.text, bool(each.merged)) for each in answering.said_so_far(session, first, Agent.id, now())]
    assert sorted(said) == [("J'ajoute ceci.", False), ("Numéro 2.", True)]


def test_two_clicks_at_once_send_one_mail_and_one_undoing_wins(mail_server: MailServer, sessions: Sessions) -> None:
    mail_server.deliver(f"From: {PERSON}\nTo: {USER}\nSubject: Avis\nMessage-ID: <1@exemple.fr>\n\nTexte.".encode())
    settle(mail_server, sessions)
    clicks = [Thread(target=answer, args=(sessions, "Une fois.", "jeton")) for _ in range(4)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    with sessions.begin() as session:
        (sent,) = session.scalars(select(SentAnswerRow)).all()
        item = session.scalars(select(FeedbackItemRow)).one()
        assert session.scalars(select(AnswerDraftRow)).all() == []
        assert not answering.take_back(session, item, sent.exchange_id, Other(), now())
        assert answering.take_back(session, item, sent.exchange_id, Agent(), now())
        assert not answering.take_back(session, item, sent.exchange_id, Agent(), now())
        assert session.scalars(select(AnswerDraftRow)).one().text == "Une fois."
        assert item.status == "open"
    assert send_due(sessions, partial(Post, mail_server.smtp_url), SENDER, later) == Report()
    answer(sessions, "Cette fois.", "autre")
    assert send_due(sessions, partial(Post, mail_server.smtp_url), SENDER, later) == Report(sent=1)
    with sessions.begin() as session:
        (mail,) = (each for each in session.scalars(select(OutboxRow)) if each.state == State.SENT)
        assert LETTERS.came_back(session, Returned(mail.message_id, "Boîte pleine."), now())
    with sessions.begin() as session:
        assert [following.bring_back(session, now()) for _ in range(2)] == [1, 0]
    assert one(sessions).status == "open"


def test_a_message_is_passed_on_as_it_came_and_the_person_is_told(mail_server: MailServer, sessions: Sessions) -> None:
    raw = f"From: Jeanne <{PERSON}>\r\nTo: {USER}\r\nSubject: =?utf-8?q?Mon_all=C3=A9e?=\r\nMessage-ID: <1@exemple.fr>\r\n"
    raw += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nL'allée est cassée.\r\n"
    mail_server.deliver(raw.encode())
    settle(mail_server, sessions)
    town = "mairie@exemple.fr"
    asked = Asked("", "la Mairie", town, "Elle tient la voirie.")
    for _ in range(2):
        with sessions.begin() as session:
            item = session.scalars(select(FeedbackItemRow)).one()
            assert forwarding.faults(LETTERS, item, asked) == {}
            mails = forwarding.mails(DIRECTORY, item, asked, "Le service", now())
            forwarding.forward(session, LETTERS, item, asked, mails, "Le service", Agent(), "jeton", now())
    assert send_due(sessions, partial(Post, mail_server.smtp_url), SENDER, later) == Report(sent=2)
    (there,) = (message_from_bytes(each, policy=default) for each in mail_server.folders(town)["INBOX"])
    assert (there["Reply-To"], one(sessions).outcome) == (PERSON, "transmis")
    assert isinstance(there, EmailMessage)
    (enclosed,) = there.iter_attachments()
    assert enclosed.get_content_type() == "message/rfc822"
    whole = enclosed.get_content()
    assert (whole["Subject"], whole["Message-ID"], whole.get_content().strip()) == ("Mon allée", "<1@exemple.fr>", "L'allée est cassée.")
    (back,) = (message_from_bytes(each, policy=default) for each in mail_server.folders(PERSON)["INBOX"])
    assert back["In-Reply-To"] == "<1@exemple.fr>"
    assert isinstance(back, EmailMessage)
    body = back.get_body()
    assert body
    assert "la Mairie" in body.get_content()
    assert "Elle tient la voirie." in body.get_content()


def test_a_merging_keeps_what_both_hold(mail_server: MailServer, sessions: Sessions) -> None:
    for number in (1, 2):
        mail_server.deliver(f"From: {PERSON}\nTo: {USER}\nSubject: Avis\nMessage-ID: <{number}@exemple.fr>\n\nNuméro {number}.".encode())
    settle(mail_server, sessions)
    answer(sessions, "Déjà répondu.", "un")
    with sessions.begin() as session:
        second = session.scalars(select(FeedbackItemRow).order_by(FeedbackItemRow.id.desc()).limit(1)).one()
        second.urgent, second.due_on = True, date(2026, 11, 30)
        answering.keep(session, second, Typed("Commencé", Means.MAIL), Other(), now())

    def merge(agent: Agent | Other) -> None:
        with sessions.begin() as session:
            first, second = session.scalars(select(FeedbackItemRow).order_by(FeedbackItemRow.id)).all()
            following.merge(session, second, first.reference, agent, now())

    with pytest.raises(Impossible, match="Marc répond"):
        merge(Agent())
    merge(Other())
    assert (one(sessions).status, one(sessions).urgent, one(sessions).due_on) == ("open", True, date(2026, 11, 30))
    with sessions() as session:
        row = session.scalars(select(AnswerDraftRow)).one()
        assert (row.item_id, row.text) == (one(sessions).id, "Commencé")


def test_files_too_heavy_leave_what_was_kept(sessions: Sessions, mail_server: MailServer) -> None:
    mail_server.deliver(f"From: {PERSON}\nTo: {USER}\nSubject: Avis\n\nTexte.".encode())
    settle(mail_server, sessions)
    with sessions.begin() as session:
        item = session.scalars(select(FeedbackItemRow)).one()
        answering.keep(session, item, Typed("Gardé", Means.MAIL), Agent(), now())
    heavy = File("gros.bin", "application/octet-stream", bytes(answering.MOST_FILES_BYTES + 1))
    with pytest.raises(Impossible), sessions.begin() as session:
        answering.keep(session, item, Typed("Autre", Means.MAIL, (heavy,)), Agent(), now())
    with sessions() as session:
        assert session.scalars(select(AnswerDraftRow)).one().text == "Gardé"
