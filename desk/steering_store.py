"""Reads what the steering page counts, and keeps it for a short while: a page must not wait for a hundred thousand messages to be read."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock, Thread
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from desk.changes import LABELS, plain
from desk.steering import Fact, Facts, Rated, gather
from desk.tables import ItemChangeRow
from triage.model import Autonomy, Kind
from triage.tables import ExchangeRow, FeedbackItemRow, FeedbackLabelRow, FeedbackOriginRow

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=1)
"""Figures older than this are counted again, beside the page that shows them."""
REST = 10
"""However many messages there are, reading them takes one part of the time in REST at most."""
KEPT = timedelta(minutes=30)
"""Nobody asking, they are read again this often."""
STALE = timedelta(days=1)
"""Figures older than this are not shown: the page waits for new ones."""


@dataclass(frozen=True)
class Counted:
    """Facts, the moment at which they were read, and how long it took."""

    facts: Facts
    at: datetime
    took: timedelta


class Figures:
    """Facts of the whole service, read again as they age. `local_clock` gives the time where the Region is; `ratings` the answers to the survey."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        local_clock: Callable[[], datetime],
        holiday: Callable[[date], bool],
        ratings: Callable[[Session], Sequence[tuple[date, int, float | None]]],
    ) -> None:
        self._sessions, self._clock, self._holiday, self._ratings = sessions, local_clock, holiday, ratings
        self._counted: Counted | None = None
        self._reading = Lock()

    def get(self) -> Counted:
        """The last figures read. When they have aged, new ones are read meanwhile, for the next page; only those of another day are waited for."""
        counted, now = self._counted, self._clock()
        if counted is None or now - counted.at >= STALE:
            with self._reading:
                # Another page may have read them while this one waited.
                if self._counted is counted:
                    self._counted = self._read()
                assert self._counted
                return self._counted
        if now - counted.at >= max(FRESH, REST * counted.took) and self._reading.acquire(blocking=False):
            Thread(target=self._renew, daemon=True).start()
        return counted

    def renew(self) -> None:
        """Reads the figures now, unless that is being done. Called from time to time, it spares pages from waiting."""
        if self._reading.acquire(blocking=False):
            self._renew()

    def _renew(self) -> None:
        try:
            self._counted = self._read()
        except SQLAlchemyError as error:
            log.error("figures of the steering page not read: %s", type(error).__name__)
        finally:
            self._reading.release()

    def _read(self) -> Counted:
        now = self._clock()
        with self._sessions() as session:
            facts = list(read_facts(session, now))
            rated = [
                Rated(day, satisfaction, None if clear is None else clear >= 7.5) for day, satisfaction, clear in self._ratings(session)
            ]
        first = min((fact.received for fact in facts), default=now.date())
        span = (first + timedelta(days=n) for n in range((now.date() - first).days + 1))
        return Counted(gather(facts, [day for day in span if self._holiday(day)], rated), now, self._clock() - now)


def read_facts(session: Session, now: datetime) -> Iterator[Fact]:
    """Every message but those that machines sent. Days are those of the zone of `now`."""
    zone, item = now.tzinfo, FeedbackItemRow
    labels: defaultdict[int, list[tuple[float, str]]] = defaultdict(list)
    for number, slug, confidence in session.execute(select(FeedbackLabelRow.item_id, FeedbackLabelRow.slug, FeedbackLabelRow.confidence)):
        labels[number].append((-confidence, slug))
    services = {number: service for number, service in session.execute(select(FeedbackOriginRow.item_id, FeedbackOriginRow.service))}
    answers = {number: at for number, at in session.execute(_first_answers())}
    came_back = {number: at for number, at in session.execute(_last_words())}
    machine, closings, reopened = _changes(session)
    columns = (
        *(item.id, item.received_at, item.channel, item.kind, item.sentiment, item.urgent, item.status),
        *(item.due_on, item.autonomy, item.answered_elsewhere),
    )
    for number, received, channel, kind, sentiment, urgent, status, due, autonomy, elsewhere in session.execute(select(*columns)):
        if kind == "automatique" and not machine[number]:
            continue
        now_carried = sorted(labels[number])
        kept = {slug for _, slug in now_carried}
        values = {"kind": kind, "sentiment": sentiment, "urgent": urgent, "commitments": sorted(kept)}
        corrected = frozenset(field for field, before in machine[number].items() if plain(field, before) != values[field])
        proposed = [slug for _, slug in now_carried]
        if "commitments" in machine[number]:
            proposed = [one["slug"] for one in sorted(machine[number]["commitments"], key=lambda one: (-one["confidence"], one["slug"]))]
        answered, again = answers.get(number), came_back.get(number)
        done = min((at for at in (answered, closings.get(number)) if at), default=None)
        yield Fact(
            received.astimezone(zone).date(),
            channel,
            services.get(number, ""),
            tuple(kept),
            sentiment,
            status,
            due,
            answered.astimezone(zone).date() if answered else None,
            autonomy == Autonomy.AUTOMATE,
            corrected,
            (proposed[0] in kept, bool(kept.intersection(proposed[:3]))) if proposed else (not kept, not kept),
            number in reopened or bool(again and done and again > done),
            elsewhere,
            kind == Kind.AVIS,
        )


def _first_answers() -> Any:
    """Moment of the first message that an agent wrote for each item; what the machine sends (acknowledgements) is no answer."""
    row = ExchangeRow
    return select(row.item_id, func.min(row.at)).where(row.direction == "out", row.who != "").group_by(row.item_id)


def _last_words() -> Any:
    """Moment at which the person last wrote again."""
    row = ExchangeRow
    return select(row.item_id, func.max(row.at)).where(row.direction == "in").group_by(row.item_id)


def _changes(session: Session) -> tuple[defaultdict[int, dict[str, Any]], dict[int, datetime], set[int]]:
    """What the machine had said of labels that agents changed; when items were first closed; those that agents opened again.

    What was undone at once is no closing.
    """
    row = ItemChangeRow
    machine: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    closings: dict[int, datetime] = {}
    reopened = set()
    columns = (row.item_id, row.field, row.before, row.after, row.at, row.undone)
    wanted = select(*columns).where(row.field.in_((*LABELS, "status"))).order_by(row.id)
    for number, field, before, after, at, undone in session.execute(wanted):
        if field in LABELS:
            machine[number].setdefault(field, before)
        elif after == "closed" and not undone:
            closings.setdefault(number, at)
        elif before == "closed" and after == "open" and number in closings:
            reopened.add(number)
    return machine, closings, reopened
