"""The table of the history, and every query on it. Nothing here changes a line, and triggers of the database refuse it to everyone.

Lines leave by age only (`purge`), after a line that says so: the database refuses to erase a line that no such line covers, or that is
younger than YOUNGEST.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import DDL, Select, String, Text, delete, event, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from history.model import FIRST_SEAL, Entry, What, flaws
from store.base import Base, UtcDateTime
from store.engine import exclusive

MOST_VALUE = 500
SAME_READING = timedelta(minutes=15)
YOUNGEST = timedelta(days=180)
"""No line younger than this is ever erased: the database itself refuses."""


class HistoryRow(Base):
    __tablename__ = "history"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    person: Mapped[int | None] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(200))
    what: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(200), index=True)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))


_COVERED = "EXISTS (SELECT 1 FROM history WHERE what = 'purge' AND number > OLD.number AND {upto} >= OLD.number)"
TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER history_never_changes BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'history lines never change'); END",
        "CREATE TRIGGER history_never_shrinks BEFORE DELETE ON history "
        f"WHEN OLD.at > datetime('now', '-{YOUNGEST.days} days') "
        f"OR NOT {_COVERED.format(upto="CAST(substr(before, instr(before, '-') + 1) AS INTEGER)")} "
        "BEGIN SELECT RAISE(ABORT, 'history lines leave by ecoute purge only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION history_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' THEN "
        f"IF OLD.at <= now() - interval '{YOUNGEST.days} days' "
        f"AND {_COVERED.format(upto="CAST(split_part(before, '-', 2) AS INTEGER)")} THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION 'history lines leave by ecoute purge only'; END IF; "
        "RAISE EXCEPTION 'history lines never change'; END $$",
        "CREATE TRIGGER history_never_changes BEFORE UPDATE OR DELETE ON history FOR EACH ROW EXECUTE FUNCTION history_guard()",
        "CREATE TRIGGER history_never_shrinks BEFORE TRUNCATE ON history FOR EACH STATEMENT EXECUTE FUNCTION history_guard()",
    ),
}
"""By engine. The migration holds its own copy, as it was then; a test compares what both refuse."""

for _engine, _orders in TRIGGERS.items():
    for _order in _orders:
        event.listen(HistoryRow.__table__, "after_create", DDL(_order.replace("%", "%%")).execute_if(dialect=_engine))  # type: ignore[no-untyped-call]


class Person(Protocol):
    """Somebody who has signed in."""

    @property
    def id(self) -> int: ...

    @property
    def name(self) -> str: ...


def note(
    session: Session,
    who: Person | str,
    what: What,
    about: str,
    before: object = None,
    after: object = None,
    *,
    at: datetime,
) -> Entry:
    """Adds a line, in the caller's transaction: it stands or falls with what it tells. `who`: a person, or the name of a command.

    Call it last: on PostgreSQL, lines wait for each other until their transaction ends. Values are cut at 500 characters; they are
    never bodies of messages.
    """
    exclusive(session, "history")
    last = session.execute(select(HistoryRow.number, HistoryRow.seal).order_by(HistoryRow.number.desc()).limit(1)).first()
    number, previous = (last.number + 1, last.seal) if last else (1, FIRST_SEAL)
    person, name = (None, who) if isinstance(who, str) else (who.id, who.name)
    entry = Entry(
        number, at, person, _short(name, 200) or "", what.value, _short(about, 200) or "", _short(before), _short(after), previous
    )
    session.add(HistoryRow(**vars(entry), seal=entry.seal()))
    session.flush()
    return entry


def note_reading(session: Session, who: Person, about: str, *, at: datetime, what: What = What.READ) -> None:
    """Adds that somebody read something. Opened again within 15 minutes, it is the same reading: a page that is reloaded says no more."""
    same = select(HistoryRow.number).where(
        HistoryRow.person == who.id, HistoryRow.about == about, HistoryRow.what == what.value, HistoryRow.at > at - SAME_READING
    )
    if session.scalar(same.limit(1)) is None:
        note(session, who, what, about, at=at)


@dataclass(frozen=True)
class Wanted:
    """Which lines are looked for; what is None does not count. `since` is the first moment, `until` the first one too late."""

    person: int | None = None
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None


def find(session: Session, wanted: Wanted, limit: int, offset: int = 0) -> Sequence[HistoryRow]:
    """Lines, newest first."""
    chosen = _chosen(wanted).order_by(HistoryRow.number.desc()).limit(limit).offset(offset)
    return session.scalars(chosen).all()


def last_entry(session: Session) -> tuple[int, str]:
    """Number and seal of the last line; (0, zeros) without any. Written down elsewhere, they show later whether the end was cut off."""
    last = session.execute(select(HistoryRow.number, HistoryRow.seal).order_by(HistoryRow.number.desc()).limit(1)).first()
    return (last.number, last.seal) if last else (0, FIRST_SEAL)


def examine(session: Session) -> list[str]:
    """What is wrong in the chain, in words."""
    return flaws(_entries(session))


def purge(session: Session, before: datetime, *, at: datetime) -> int:
    """Erases the lines older than `before`, after a line that says which; gives how many. Lines younger than YOUNGEST stay.

    The line written last is never erased, so that the chain goes on.
    """
    exclusive(session, "history")
    limit = min(before, at - YOUNGEST)
    # Numbers and moments may cross by a hair: what goes is a beginning of the chain, up to the first line that stays.
    stays = session.scalar(select(func.min(HistoryRow.number)).where(HistoryRow.at >= limit))
    newest = session.scalar(select(func.max(HistoryRow.number)))
    upto = (stays - 1) if stays is not None else newest
    oldest = session.scalar(select(func.min(HistoryRow.number)))
    if upto is None or oldest is None or upto < oldest:
        return 0
    seal = session.scalar(select(HistoryRow.seal).where(HistoryRow.number == upto))
    note(session, "ecoute purge", What.PURGED, "historique", f"{oldest}-{upto}", seal, at=at)
    session.execute(delete(HistoryRow).where(HistoryRow.number <= upto))
    return int(upto - oldest + 1)


def _chosen(wanted: Wanted) -> Select[Any]:
    chosen = select(HistoryRow)
    if wanted.person is not None:
        chosen = chosen.where(HistoryRow.person == wanted.person)
    if wanted.about:
        chosen = chosen.where(HistoryRow.about == wanted.about)
    if wanted.since is not None:
        chosen = chosen.where(HistoryRow.at >= wanted.since)
    if wanted.until is not None:
        chosen = chosen.where(HistoryRow.at < wanted.until)
    return chosen


def _entries(session: Session) -> Iterator[tuple[Entry, str]]:
    rows = session.scalars(select(HistoryRow).order_by(HistoryRow.number).execution_options(yield_per=1000))
    for row in rows:
        yield Entry(row.number, row.at, row.person, row.who, row.what, row.about, row.before, row.after, row.previous), row.seal


def _short(value: object, most: int = MOST_VALUE) -> str | None:
    return None if value is None else str(value).replace("\x00", "").encode("utf-8", "replace").decode()[:most]
