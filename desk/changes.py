"""What agents change in messages: each change is kept with its author and can be undone. The caller commits."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import words
from desk.model import Impossible
from desk.tables import CorrectionRow, ItemChangeRow
from history.model import What
from history.store import note
from triage.model import MOST_COMMITMENTS
from triage.store import rerank
from triage.tables import FeedbackItemRow, FeedbackLabelRow

LABELS = ("kind", "commitments", "sentiment", "urgent")
DAYS = ("due_on", "remind_on")
TOO_MANY = f"Un message porte {MOST_COMMITMENTS} engagements au plus. Retirez-en un d'abord."


class Agent(Protocol):
    """Who signed in."""

    @property
    def id(self) -> int: ...
    @property
    def login(self) -> str: ...
    @property
    def name(self) -> str: ...


Change = Callable[[Any], Any]
"""From the value of a field to the value wanted. Raises Impossible."""


@dataclass(frozen=True)
class Done:
    """What an action did: its batch, how many items it changed, and why it left others alone."""

    batch: str
    items: int
    refused: tuple[str, ...] = ()


def become(value: Any) -> Change:
    """Whatever it was."""
    return lambda _before: value


def certain(value: Any) -> Change:
    """A label by an agent's word."""
    return lambda before: before if before["value"] == value else {"value": value, "confidence": 1.0}


def toggle_urgent(before: dict[str, Any]) -> dict[str, Any]:
    """Urgent or not, by an agent's word."""
    return {"value": not before["value"], "confidence": 1.0}


def add_commitment(slug: str) -> Change:
    """One more, by an agent's word, without evidence. Raises Impossible beyond three."""

    def change(before: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if slug in _slugs(before):
            return before
        if len(before) >= MOST_COMMITMENTS:
            raise Impossible(TOO_MANY)
        return _sorted([*before, {"slug": slug, "confidence": 1.0, "evidence": []}])

    return change


def toggle_commitment(slug: str) -> Change:
    """Taken away when it is there, added otherwise. Raises Impossible beyond three."""

    def change(before: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in before if one["slug"] != slug] if slug in _slugs(before) else add_commitment(slug)(before)

    return change


def apply(
    session: Session,
    items: Sequence[FeedbackItemRow],
    changes: dict[str, Change],
    agent: Agent,
    now: datetime,
    batch: str = "",
    corrects: bool = True,
) -> Done:
    """Makes the changes of each item, all or none of them; those that cannot be are told.

    `batch`: of an action that has already begun. `corrects`: whether a label changed says that it was read wrongly.
    """
    batch, changed, refused = batch or secrets.token_hex(8), 0, []
    for item in items:
        try:
            wanted = {field: (before := value_of(item, field), change(before)) for field, change in changes.items()}
        except Impossible as error:
            refused.append(str(error))
            continue
        different = {field: pair for field, pair in wanted.items() if pair[0] != pair[1]}
        for field, (before, after) in different.items():
            _write(session, batch, item, field, before, after, agent, now, corrects)
        changed += bool(different)
    return Done(batch, changed, tuple(dict.fromkeys(refused)))


def undo(session: Session, batch: str, agent: Agent, now: datetime) -> Done:
    """Puts back what an action of this agent changed, except what was changed again since."""
    row = ItemChangeRow
    found = session.scalars(
        select(row).where(row.batch == batch, row.agent_id == agent.id, row.undone.is_(False)).order_by(row.id.desc()).with_for_update()
    ).all()
    new, items, left = secrets.token_hex(8), set(), False
    for change in found:
        item = session.get_one(FeedbackItemRow, change.item_id)
        if value_of(item, change.field) != change.after:
            left = True
            continue
        _write(session, new, item, change.field, change.after, change.before, agent, now)
        change.undone = True
        items.add(item.id)
    return Done(new, len(items), ("Ce qui a été modifié depuis est resté tel quel.",) if left else ())


@dataclass(frozen=True)
class Told:
    """An action that was done: a field of it, its value then, how many items it changed, and whether it can still be undone."""

    field: str
    after: Any
    items: int
    undoable: bool


def told(session: Session, batch: str, agent_id: int) -> Told | None:
    """An action of this agent."""
    row = ItemChangeRow
    found = session.scalars(select(row).where(row.batch == batch, row.agent_id == agent_id).order_by(row.id)).all()
    if not found:
        return None
    return Told(found[0].field, found[0].after, len({one.item_id for one in found}), not any(one.undone for one in found))


def history(session: Session, item_id: int, limit: int = 50) -> Sequence[ItemChangeRow]:
    """Changes of an item, the latest first."""
    row = ItemChangeRow
    return session.scalars(select(row).where(row.item_id == item_id).order_by(row.id.desc()).limit(limit)).all()


def value_of(item: FeedbackItemRow, field: str) -> Any:
    """The value of a field as a change keeps it (JSON)."""
    if field == "commitments":
        return _sorted([{"slug": one.slug, "confidence": one.confidence, "evidence": list(one.evidence)} for one in item.labels])
    if field in ("kind", "sentiment", "urgent"):
        return {"value": getattr(item, field), "confidence": getattr(item, f"{field}_confidence")}
    found = getattr(item, field)
    return found.isoformat() if isinstance(found, date) else found


def plain(field: str, value: Any) -> Any:
    """The value of a label without what the model thought of it."""
    return sorted(_slugs(value)) if field == "commitments" else value["value"] if field in LABELS else value


def _write(
    session: Session,
    batch: str,
    item: FeedbackItemRow,
    field: str,
    before: Any,
    after: Any,
    agent: Agent,
    now: datetime,
    corrects: bool = True,
) -> None:
    _set(item, field, after, now)
    session.add(
        ItemChangeRow(
            batch=batch, item_id=item.id, field=field, before=before, after=after, agent_id=agent.id, agent_name=agent.name, at=now
        )
    )
    if field in LABELS and corrects:
        session.add(
            CorrectionRow(
                item_id=item.id,
                label=field,
                before=plain(field, before),
                after=plain(field, after),
                author=agent.login,
                model=item.model,
                at=now,
            )
        )
    rerank(item)
    note(session, agent, What.CHANGED, item.reference, _told(field, before), _told(field, after), at=now)


def _told(field: str, value: Any) -> str:
    """A change as the history tells it: never words of the message."""
    return f"{words.FIELDS.get(field, field)} : {words.value(field, value, {value: f'agent n°\u00a0{value}'} if field == 'assignee_id' else {})}"


def _set(item: FeedbackItemRow, field: str, value: Any, now: datetime) -> None:
    if field == "commitments":
        kept = {one.slug: one for one in item.labels}
        item.labels = [kept.get(one["slug"]) or FeedbackLabelRow(**one) for one in value]
    elif field in LABELS:
        setattr(item, field, value["value"])
        setattr(item, f"{field}_confidence", value["confidence"])
    elif field in DAYS:
        setattr(item, field, date.fromisoformat(value) if value is not None else None)
    else:
        setattr(item, field, value)
        if field == "assignee_id":
            item.assigned_at = now if value is not None else None


def _slugs(labels: Sequence[dict[str, Any]]) -> list[str]:
    return [one["slug"] for one in labels]


def _sorted(labels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(labels, key=lambda one: str(one["slug"]))
