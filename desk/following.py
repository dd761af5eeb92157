"""What goes on with a message beside its answer: reminders, merging. Every query. The caller commits."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import answering, changes
from desk.changes import Agent, become
from desk.model import Impossible, Outcome, Status
from triage.tables import FeedbackItemRow

MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Reminder:
    """Who opens a message again on its day: nobody of the team."""

    id: int = 0
    login: str = "rappel"
    name: str = "Rappel programmé"


def wake(session: Session, today: date, now: datetime) -> int:
    """Opens again the messages whose reminder has come; gives how many."""
    row = FeedbackItemRow
    due = select(row).where(row.remind_on <= today, row.status == Status.WAITING).order_by(row.id).limit(MOST_AT_ONCE)
    items = session.scalars(due.with_for_update(skip_locked=True)).all()
    back = {"status": become(Status.OPEN.value), "remind_on": become(None)}
    return changes.apply(session, items, back, Reminder(), now).items if items else 0


def merge(session: Session, item: FeedbackItemRow, reference: str, agent: Agent, now: datetime) -> changes.Done:
    """Lets another message of the same person go on in the place of this one. Raises Impossible, in words."""
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
    wanted = {**answering.closing(Outcome.DUPLICATE), "merged_into_id": become(target.id)}
    return changes.apply(session, [item], wanted, agent, now)
