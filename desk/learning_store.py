"""What learning reads and keeps in the database: agents' words, trainings, models put in force. The caller commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from desk.changes import LABELS, Agent, plain, value_of
from desk.learning_tables import ModelChangeRow, ModelTrainingRow
from desk.model import Status
from desk.tables import CorrectionRow, ItemChangeRow
from history.model import What
from history.store import Person, note
from store.engine import exclusive
from triage.errors import NothingToReturnTo, TrainingRuns
from triage.learning import Lesson, Word, disputed, read_first, said_last
from triage.tables import FeedbackItemRow

MOST_LESSONS = 8000
"""The newest messages that agents dealt with: the time of a training grows with the cube of what it learns."""

MOST_TOLD = 50
"""Messages to be decided between two agents that a page lists."""

SILENT = timedelta(minutes=30)
"""A training that gives no sign of life for so long has died."""

WON, DECIDED, RETURNED = "gagne", "decision", "retour"
_SETTLED = (Status.CLOSED.value, Status.WAITING.value)


@dataclass(frozen=True)
class Taught:
    """Messages that agents dealt with, and the references of those that two agents label differently."""

    lessons: tuple[Lesson, ...]
    disputed: tuple[str, ...]


def taught(session: Session, most: int = MOST_LESSONS) -> Taught:
    """What agents taught, the newest `most` items of it. Texts stay in memory."""
    words = _words(session)
    settled = settled_at(session)
    first, last, quarrels = read_first(words), said_last(words), disputed(words)
    moments: dict[int, datetime] = dict(settled)
    for one in words:
        moments[one.item] = max(one.at, moments.get(one.item, one.at))
    confirmed = {one.item for one in words if one.after == one.before}
    corrected = {item for (item, label), value in last.items() if value != first[item, label]}
    item = FeedbackItemRow
    known = or_(item.id.in_(select(CorrectionRow.item_id)), item.id.in_(_settled_items()))
    rows = session.scalars(select(item).where(known).order_by(item.id.desc()).limit(most)).all()
    lessons = [
        _lesson(row, moments[row.id], row.id in corrected or row.id in confirmed, row.id in corrected)
        for row in rows
        if row.id in moments and row.id not in quarrels and row.text.strip()
    ]
    return Taught(tuple(lessons), tuple(row.reference for row in rows if row.id in quarrels))


@dataclass(frozen=True)
class Said:
    """Agents' words in short: items corrected, corrected since a moment, and references of those that two agents label differently."""

    corrected: int
    since: int
    disputed: tuple[str, ...]


def said(session: Session, since: datetime | None) -> Said:
    """Without reading the messages."""
    words = _words(session)
    first, quarrels = read_first(words), disputed(words)
    corrected = {item for (item, label), value in said_last(words).items() if value != first[item, label]}
    recent = {one.item for one in words if since is None or one.at > since}
    row = FeedbackItemRow
    names = session.scalars(select(row.reference).where(row.id.in_(sorted(quarrels)[-MOST_TOLD:])).order_by(row.id)).all()
    return Said(len(corrected), len(corrected & recent), tuple(names))


def _words(session: Session) -> list[Word]:
    word = CorrectionRow
    return [
        Word(row.item_id, row.label, row.before, row.after, row.author, row.at)
        for row in session.scalars(select(word).order_by(word.at, word.id))
    ]


def settled_at(session: Session) -> dict[int, datetime]:
    """When an agent last closed each item, or waited for its author."""
    row = ItemChangeRow
    chosen = select(row.item_id, row.after, row.at).where(row.field == "status").order_by(row.at)
    return {item: at for item, after, at in session.execute(chosen) if after in _SETTLED}


def _settled_items() -> Any:
    return select(ItemChangeRow.item_id).where(ItemChangeRow.field == "status")


def _lesson(row: FeedbackItemRow, at: datetime, is_taught: bool, is_corrected: bool) -> Lesson:
    return Lesson(
        item=row.id,
        subject=row.subject,
        text=row.text,
        sender=row.sender_email,
        kind=row.kind,
        commitments=tuple(sorted(one.slug for one in row.labels)),
        sentiment=row.sentiment,
        urgent=row.urgent,
        at=at,
        taught=is_taught,
        corrected=is_corrected,
    )


def confirm(session: Session, item: FeedbackItemRow, agent: Agent, now: datetime) -> None:
    """Keeps that an agent finds all labels right, as they stand: a model learns them."""
    values = {label: plain(label, value_of(item, label)) for label in LABELS}
    session.add_all(
        CorrectionRow(item_id=item.id, label=label, before=value, after=value, author=agent.login, model=item.model, at=now)
        for label, value in values.items()
    )
    note(session, agent, What.CHANGED, item.reference, after="tri confirmé", at=now)


def begin_training(session: Session, author: str, now: datetime) -> int:
    """Number of a training that begins. Raises TrainingRuns while another runs."""
    exclusive(session, ModelTrainingRow.__tablename__)
    running = last_training(session)
    if running is not None and is_running(running, now):
        raise TrainingRuns
    row = ModelTrainingRow(author=author, started_at=now, seen_at=now)
    session.add(row)
    session.flush()
    return row.id


def is_running(row: ModelTrainingRow, now: datetime) -> bool:
    """Whether a training goes on. One that died without a word is held for ended after SILENT."""
    return row.ended_at is None and row.seen_at > now - SILENT


def last_training(session: Session) -> ModelTrainingRow | None:
    """The training started last."""
    return session.scalars(select(ModelTrainingRow).order_by(ModelTrainingRow.id.desc()).limit(1)).first()


def tell_training(session: Session, number: int, done: int, total: int, now: datetime) -> None:
    """How far a training is."""
    row = session.get_one(ModelTrainingRow, number)
    row.done, row.total, row.seen_at = done, total, now


def end_training(session: Session, number: int, told: str, now: datetime) -> None:
    """How a training ended, in words."""
    row = session.get_one(ModelTrainingRow, number)
    row.told, row.seen_at, row.ended_at = told[:500], now, now


def keep_change(
    session: Session, action: str, version: str, previous: str, who: Person | str, author: str, because: str, now: datetime
) -> None:
    """Tells, here and in the history, that a version was put in force. Call it last."""
    session.add(ModelChangeRow(action=action, version=version, previous=previous, author=author[:100], because=because[:500], at=now))
    note(session, who, What.MODEL_CHANGED, f"modèle {version}", previous, f"{version} : {because}", at=now)


def changes(session: Session, limit: int = 20) -> Sequence[ModelChangeRow]:
    """Versions put in force, the latest first."""
    return session.scalars(select(ModelChangeRow).order_by(ModelChangeRow.id.desc()).limit(limit)).all()


def version_before(session: Session, current: str) -> str:
    """The version that the one in force took the place of. Raises NothingToReturnTo."""
    row = ModelChangeRow
    chosen = select(row.previous).where(row.version == current, row.action != RETURNED, row.previous != "").order_by(row.id.desc())
    previous = session.scalar(chosen.limit(1))
    if previous is None:
        raise NothingToReturnTo
    return previous
