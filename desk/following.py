"""What goes on with a message beside its answer: reminders, merging. Every query. The caller commits."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import answering, changes, presence
from desk.answer_tables import SentAnswerRow
from desk.changes import Agent, Change, become
from desk.model import Impossible, Outcome, Status
from outbox.model import State
from outbox.tables import OutboxRow
from triage.tables import ExchangeRow, FeedbackItemRow

MOST_AT_ONCE = 200
_TO_DO = (Status.OPEN, Status.WAITING)


@dataclass(frozen=True)
class Machine:
    """Who opens a message again: nobody of the team."""

    name: str
    id: int = 0
    login: str = "machine"


def wake(session: Session, today: date, now: datetime) -> int:
    """Opens again the messages whose reminder has come; gives how many."""
    row = FeedbackItemRow
    due = select(row).where(row.remind_on <= today, row.status == Status.WAITING).order_by(row.id).limit(MOST_AT_ONCE)
    items = session.scalars(due.with_for_update(skip_locked=True)).all()
    back = {"status": become(Status.OPEN.value), "remind_on": become(None)}
    return changes.apply(session, items, back, Machine("Rappel programmé"), now).items if items else 0


def bring_back(session: Session, now: datetime) -> int:
    """Opens again, once, the messages whose answer could not be delivered; gives how many."""
    wanted = (
        select(SentAnswerRow, FeedbackItemRow)
        .join(ExchangeRow, ExchangeRow.id == SentAnswerRow.exchange_id)
        .join(FeedbackItemRow, FeedbackItemRow.id == ExchangeRow.item_id)
        .join(OutboxRow, OutboxRow.id == ExchangeRow.outgoing_id)
        .where(OutboxRow.state == State.FAILED.value, SentAnswerRow.undelivered.is_(False))
        .order_by(SentAnswerRow.exchange_id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True, of=SentAnswerRow)
    )
    opened = 0
    for sent, item in session.execute(wanted).all():
        sent.undelivered = True
        home = session.get_one(FeedbackItemRow, item.merged_into_id) if item.merged_into_id else item
        opened += changes.apply(session, [home], answering.opening(), Machine("Réponse non remise"), now).items
    return opened


def merge(session: Session, item: FeedbackItemRow, reference: str, agent: Agent, now: datetime) -> changes.Done:
    """Lets another message of the same person go on in the place of this one: open again if this one was, with its draft. Raises Impossible, in words."""
    if item.merged_into_id is not None:
        raise Impossible("Ce message est déjà réuni avec un autre. Rouvrez-le d'abord.")
    target = session.scalar(select(FeedbackItemRow).filter_by(reference=reference.strip().upper()))
    while target is not None and target.merged_into_id is not None:
        target = session.get_one(FeedbackItemRow, target.merged_into_id)
    if target is None:
        raise Impossible("Aucun message n'a cette référence. Vérifiez-la.")
    if target.id == item.id:
        raise Impossible("Un message ne peut pas être fusionné avec lui-même.")
    if not item.sender_email or item.sender_email.casefold() != target.sender_email.casefold():
        raise Impossible("Ces deux messages ne viennent pas de la même adresse. Ils restent séparés.")
    if session.scalar(select(FeedbackItemRow.id).filter_by(merged_into_id=item.id).limit(1)) is not None:
        raise Impossible("D'autres messages sont déjà réunis dans celui-ci. Fusionnez l'autre message dans celui-ci.")
    for one in sorted((item, target), key=lambda each: each.id):
        held = presence.begin_answer(session, one.id, agent, now)
        if held.agent_id != agent.id:
            raise Impossible(f"{held.agent_name} répond à {one.reference} en ce moment. Réunissez ces messages quand ce sera fini.")
    done = changes.apply(session, [target], _with(item, target), agent, now, corrects=False)
    answering.move_draft(session, item, target)
    presence.end_answer(session, item.id, agent)
    wanted = {**answering.closing(Outcome.DUPLICATE), "merged_into_id": become(target.id)}
    return changes.apply(session, [item], wanted, agent, now, done.batch)


def _with(item: FeedbackItemRow, target: FeedbackItemRow) -> dict[str, Change]:
    """What becomes of a message that goes on with what another one still asks: never later, never less urgent."""
    if item.status not in _TO_DO:
        return {}
    wanted = {"priority": become(min(item.priority, target.priority))}
    if item.urgent and not target.urgent:
        wanted["urgent"] = become({"value": True, "confidence": item.urgent_confidence})
    if item.assignee_id is not None and target.assignee_id is None:
        wanted["assignee_id"] = become(item.assignee_id)
    days = [one.due_on for one in (item, target) if one.due_on and one.status in _TO_DO]
    if days and min(days) != target.due_on:
        wanted |= {"due_on": become(min(days).isoformat()), "promised": become(item.promised)}
    if item.status == Status.OPEN and target.status != Status.OPEN:
        wanted |= answering.opening()
    elif target.status not in _TO_DO:
        day = item.remind_on.isoformat() if item.remind_on else None
        wanted |= {"status": become(item.status), "outcome": become(None), "remind_on": become(day)}
    return wanted
