"""The exchange with the author of an item: the acknowledgement, and the answers that come back. The caller commits."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import outbox.store
from language.danger import find_danger
from outbox.address import AnswerAddress
from outbox.compose import FROM_A_MACHINE, in_answer_to, is_address
from outbox.model import Outgoing
from outbox.tables import OutboxRow
from store.engine import exclusive
from triage.acknowledge import DAY, MOST_A_DAY, PURPOSE, Facts, why_not
from triage.model import Message, Returned, Route
from triage.store import OPEN, rerank
from triage.tables import ExchangeRow, FeedbackItemRow

OTHER_SENDER = "autre expéditeur"

Write = Callable[[str, dict[str, str]], tuple[str, str] | None]
"""Subject and text of an acknowledgement by its name and facts; None when nobody wrote it."""


@dataclass(frozen=True)
class Correspondence:
    """`domain`: of our Message-IDs. `due_again(rule, day)`: by when an item of this row is answered, counted from `day`.

    `can_send`: False when no server is set; nothing is then written that nobody would send.
    """

    answers: AnswerAddress
    domain: str
    write: Write
    due_again: Callable[[str, date], date | None]
    can_send: bool = True

    def answered_item(self, session: Session, message: Message) -> FeedbackItemRow | None:
        """The item that a message answers: by our sealed address, or by a Message-ID of ours. None when it answers nothing of ours."""
        reference = next((found for each in message.recipients if (found := self.answers.read(each))), None)
        if reference is None:
            ours = outbox.store.of_ours(session, message.answers_to) if message.answers_to else None
            reference = ours.about if ours else None
        if reference is None:
            return None
        item = session.scalar(select(FeedbackItemRow).filter_by(reference=reference))
        while item is not None and item.merged_into_id is not None:
            item = session.get_one(FeedbackItemRow, item.merged_into_id)
        return item

    def join(self, session: Session, item: FeedbackItemRow, message: Message, sha256: str | None, at: datetime) -> ExchangeRow:
        """Adds an answer to its item's thread. A closed item is open again, with a new time to answer; danger makes it urgent."""
        row = ExchangeRow(
            item_id=item.id,
            direction="in",
            at=at,
            who=message.sender_email,
            message_id=message.message_id,
            subject=message.subject,
            text=message.text,
            quoted=message.quoted,
            attachments=[asdict(one) for one in message.attachments],
            sha256=sha256,
        )
        session.add(row)
        if item.status != OPEN:
            item.status, item.due_on = OPEN, self.due_again(item.rule, at.date())
            item.outcome, item.remind_on, item.promised = None, None, False
        if find_danger(f"{message.subject} {message.text}") is not None:
            item.urgent, item.priority = True, 0
        rerank(item)
        session.flush()
        return row

    def came_back(self, session: Session, report: Returned, now: datetime) -> bool:
        """Marks our mail that could not be delivered as failed. False when the report is about no mail of ours that was sent."""
        words = f"Le courriel est revenu. {report.reason}".strip()
        return outbox.store.came_back(session, report.message_id, words, now)

    def acknowledge(self, session: Session, item: FeedbackItemRow, message: Message, route: Route, now: datetime) -> None:
        """Writes the acknowledgement of an item beside it, or why there is none."""
        why = "aucun serveur d'envoi n'est réglé" if not self.can_send else None
        why = why or why_not(route.acknowledgement, message, item.received_at, now, self.answers.is_ours, is_address)
        if why is None:
            exclusive(session, f"{PURPOSE} {outbox.store.person(item.sender_email)}")
            if outbox.store.sent_to(session, item.sender_email, PURPOSE, now - DAY) >= MOST_A_DAY:
                why = f"déjà {MOST_A_DAY} en 24 heures à cette adresse"
        written = None
        if why is None and route.acknowledgement is not None:
            facts = Facts(item.reference, item.received_at, item.due_on, route.answer_days, now)
            written = self.write(route.acknowledgement, facts.in_words())
            why = None if written else f"le texte « {route.acknowledgement} » manque"
        item.not_acknowledged = why
        if written is None:
            return
        mail = self.answer(item, message.answers_to, *written, by_machine=True)
        self.send(session, item, mail, PURPOSE, "", now)

    def answer(self, item: FeedbackItemRow, earlier: tuple[str, ...], subject: str, text: str, by_machine: bool = False) -> Outgoing:
        """A mail to the author of an item, under what they wrote; answers to it join the item. `earlier`: Message-IDs before theirs."""
        headers = (*in_answer_to(item.message_id, reversed(earlier)), ("Reply-To", self.answers.of(item.reference)))
        return Outgoing(item.sender_email, subject, text, headers=(*headers, *(FROM_A_MACHINE if by_machine else ())))

    def send(
        self,
        session: Session,
        item: FeedbackItemRow,
        mail: Outgoing,
        purpose: str,
        who: str,
        now: datetime,
        not_before: datetime | None = None,
    ) -> ExchangeRow:
        """Puts a mail in the outbox and in the item's thread, once for this purpose. `who`: the agent who wrote it, "" for the machine."""
        kept = outbox.store.put(session, mail, item.reference, purpose, self.domain, now, not_before)
        row = session.scalar(select(ExchangeRow).filter_by(outgoing_id=kept.id))
        if row is None:
            row = ExchangeRow(
                item_id=item.id,
                direction="out",
                at=now,
                who=who,
                message_id=kept.message_id,
                subject=mail.subject,
                text=mail.text,
                outgoing_id=kept.id,
            )
            session.add(row)
            session.flush()
        return row


def joined(session: Session, sha256: str) -> FeedbackItemRow | None:
    """The item whose thread already holds an answer made from the very same bytes."""
    return session.scalar(
        select(FeedbackItemRow).join(ExchangeRow, ExchangeRow.item_id == FeedbackItemRow.id).where(ExchangeRow.sha256 == sha256)
    )


@dataclass(frozen=True)
class Said:
    """A message of a thread; of ours, what became of its mail ("" for theirs), and why in words."""

    row: ExchangeRow
    state: str = ""
    reason: str = ""


def thread(session: Session, item: FeedbackItemRow) -> list[Said]:
    """What was said after an item's first message, oldest first."""
    mail = OutboxRow
    wanted = (
        select(ExchangeRow, mail.state, mail.reason)
        .outerjoin(mail, mail.id == ExchangeRow.outgoing_id)
        .where(ExchangeRow.item_id == item.id)
    )
    found = session.execute(wanted.order_by(ExchangeRow.at, ExchangeRow.id))
    return [Said(row, state or "", reason or "") for row, state, reason in found]


def is_author(item: FeedbackItemRow, message: Message) -> bool:
    """Whether the person of the item wrote this message."""
    return bool(item.sender_email) and item.sender_email.strip().casefold() == message.sender_email.strip().casefold()


def link(item: FeedbackItemRow, earlier: FeedbackItemRow) -> None:
    """Ties a message that answers an item, written by somebody else, to that item."""
    item.follows_id, item.flags = earlier.id, [*item.flags, OTHER_SENDER]
