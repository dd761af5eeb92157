"""Every query on lists of messages: pages by keyset, counts, neighbours, saved filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, defer

from desk.model import ALL, Filter, Place, Status
from desk.tables import SavedFilterRow
from triage.search_table import matching
from triage.tables import FeedbackItemRow, FeedbackLabelRow

PAGE = 50
MOST_FILTERS = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Item = FeedbackItemRow


@dataclass(frozen=True)
class Reader:
    """For whom a list is made: "à moi", "en retard" and the days depend on it."""

    agent_id: int
    today: date
    zone: tzinfo


@dataclass(frozen=True)
class Page:
    """Rows in order, and the places where the pages around begin (None: there is none)."""

    rows: Sequence[FeedbackItemRow]
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Counts:
    """What is to do, by queue (the most pressing first), and by view."""

    queues: tuple[tuple[str, int], ...]
    mine: int
    nobodys: int
    late: int

    @property
    def all(self) -> int:
        return sum(count for _, count in self.queues)


def page(session: Session, wanted: Filter, reader: Reader, place: Place | None = None, limit: int = PAGE) -> Page:
    """A page of the list, from `place` on. The keyset makes the last page as quick as the first."""
    found = list(session.scalars(_ordered(_select(session, wanted, reader), wanted, place).limit(limit + 1)))
    back = place is not None and place.back
    more, rows = len(found) > limit, found[:limit]
    if back:
        rows.reverse()
    at_start, at_end = (not more, False) if back else (place is None, not more)
    first, last = (_place(wanted, rows[0]), _place(wanted, rows[-1])) if rows else (None, None)
    return Page(rows, None if at_start else first, None if at_end else last)


def neighbour(session: Session, wanted: Filter, reader: Reader, item: FeedbackItemRow, back: bool = False) -> str | None:
    """Reference of the message that comes after this one in the list, or before."""
    value, _, number = _place(wanted, item).partition(".")
    place = Place(int(value), int(number), back)
    chosen = _ordered(_select(session, wanted, reader), wanted, place).limit(1)
    row = session.scalar(chosen)
    return row.reference if row else None


def newer(session: Session, wanted: Filter, reader: Reader, after: int, most: int = 100) -> int:
    """How many messages of the list came after the item of this number, `most` at most."""
    inside = _conditions(session, wanted, reader)
    return session.scalar(select(func.count()).select_from(select(Item.id).where(Item.id > after, *inside).limit(most).subquery())) or 0


def newest(session: Session) -> int:
    """The greatest number of an item, 0 when there is none."""
    return session.scalar(select(func.max(Item.id))) or 0


def counts(session: Session, agent_id: int, today: date) -> Counts:
    """Counted on the indexes alone."""
    by_queue = (
        select(Item.queue, func.count()).where(Item.status == Status.OPEN).group_by(Item.queue).order_by(func.min(Item.rank), Item.queue)
    )

    def count(*conditions: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(Item).where(Item.status == Status.OPEN, *conditions)) or 0

    return Counts(
        tuple((queue, n) for queue, n in session.execute(by_queue)),
        count(Item.assignee_id == agent_id),
        count(Item.assignee_id.is_(None)),
        count(Item.due_on < today),
    )


def of_sender(session: Session, item: FeedbackItemRow, limit: int = 10) -> Sequence[FeedbackItemRow]:
    """Other messages of the same address, the latest first."""
    if not item.sender_email:
        return []
    wanted = select(Item).where(Item.sender_email == item.sender_email, Item.id != item.id)
    return session.scalars(wanted.order_by(Item.received_at.desc()).limit(limit)).all()


def by_references(session: Session, references: Sequence[str]) -> Sequence[FeedbackItemRow]:
    """The items of these references, locked until the transaction ends."""
    return session.scalars(select(Item).where(Item.reference.in_(references)).order_by(Item.id).with_for_update()).all()


def filters(session: Session, agent_id: int) -> Sequence[SavedFilterRow]:
    """An agent's saved filters, by name."""
    return session.scalars(select(SavedFilterRow).where(SavedFilterRow.agent_id == agent_id).order_by(SavedFilterRow.name)).all()


def save_filter(session: Session, agent_id: int, name: str, address: str) -> bool:
    """Keeps a list under a name, in place of the one that had it. False when the agent has too many."""
    kept = {row.name: row for row in filters(session, agent_id)}
    if name in kept:
        kept[name].address = address
    elif len(kept) >= MOST_FILTERS:
        return False
    else:
        session.add(SavedFilterRow(agent_id=agent_id, name=name, address=address))
    return True


def forget_filter(session: Session, agent_id: int, number: int) -> None:
    row = session.get(SavedFilterRow, number)
    if row is not None and row.agent_id == agent_id:
        session.delete(row)


def _select(session: Session, wanted: Filter, reader: Reader) -> Select[FeedbackItemRow]:
    return select(Item).options(defer(Item.quoted), defer(Item.attachments)).where(*_conditions(session, wanted, reader))


def _conditions(session: Session, wanted: Filter, reader: Reader) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.shown_status() != ALL:
        found.append(Item.status == wanted.shown_status())
    for column, value in (
        (Item.queue, wanted.queue),
        (Item.kind, wanted.kind),
        (Item.sentiment, wanted.sentiment),
        (Item.channel, wanted.channel),
    ):
        if value:
            found.append(column == value)
    if wanted.who:
        found.append(
            Item.assignee_id.is_(None)
            if wanted.who == "personne"
            else Item.assignee_id == (reader.agent_id if wanted.who == "moi" else int(wanted.who))
        )
    if wanted.late:
        found.append(Item.due_on < reader.today)
    if wanted.commitment:
        found.append(exists().where(FeedbackLabelRow.item_id == Item.id, FeedbackLabelRow.slug == wanted.commitment))
    if wanted.since:
        found.append(Item.received_at >= _midnight(wanted.since, reader.zone))
    if wanted.until and wanted.until < date.max:
        found.append(Item.received_at < _midnight(wanted.until + timedelta(days=1), reader.zone))
    if terms := wanted.terms():
        found.append(matching(session, terms, Item.id))
    return found


def _ordered(query: Select[FeedbackItemRow], wanted: Filter, place: Place | None) -> Select[FeedbackItemRow]:
    """By risk, the smallest rank first; or by date, the latest first. From `place` on, or up to it in reverse."""
    falling = not wanted.by_risk()
    key, back = (Item.received_at if falling else Item.rank), place is not None and place.back
    down = falling != back
    if place is not None:
        value = _EPOCH + timedelta(microseconds=min(abs(place.value), 10**17)) if falling else max(-(2**31), min(place.value, 2**31 - 1))
        number = min(place.item, 2**31 - 1)
        # Written so that an index serves: the first condition bounds it, the second settles equals.
        query = (
            query.where(key <= value, or_(key < value, and_(key == value, Item.id < number)))
            if down
            else query.where(key >= value, or_(key > value, and_(key == value, Item.id > number)))
        )
    return query.order_by(key.desc(), Item.id.desc()) if down else query.order_by(key, Item.id)


def _place(wanted: Filter, row: FeedbackItemRow) -> str:
    value = row.rank if wanted.by_risk() else (row.received_at - _EPOCH) // timedelta(microseconds=1)
    return Place(value, row.id).written()


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
