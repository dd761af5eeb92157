"""The daily watch over the model: what it reads, how far agents agree, what it does not know. The caller commits."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from desk.changes import LABELS, plain, value_of
from desk.learning_store import settled_at
from desk.learning_tables import ModelWatchRow
from desk.tables import CorrectionRow, ItemChangeRow
from language.embed import Vectors
from triage.autonomy import Curve, Trust, threshold
from triage.drift import REFERENCE, WEEK, WEEKS, AsRead, agreement, alerts, bearings, shifts
from triage.model import Autonomy, Kind
from triage.tables import FeedbackItemRow
from triage.topics import Topic, find_topics

YEAR = timedelta(days=365)
RECENT = timedelta(days=90)
TOPICS = timedelta(days=56)
MOST_READ = 500
"""Messages that topics are looked for in, the newest."""

UNSURE = 0.5
EXAMPLES = 3
_NOTHING: tuple[Any, ...] = ([], Kind.HORS_PERIMETRE.value)
KEPT = timedelta(days=400)

Embed = Callable[[Sequence[tuple[str, str]]], Vectors]
"""The meaning of messages, given by subject and text, from the mean of all; one row each."""


def watch(session: Session, curves: dict[str, Curve], wrong: float, embed: Embed, now: datetime) -> ModelWatchRow:
    """Looks at the year. Takes its time, and only reads: what it found is for `keep`."""
    items = as_read(session, now - max(YEAR, (WEEKS + REFERENCE) * WEEK))
    found = shifts(items, now)
    recent = [one for one in items if one.at >= now - RECENT]
    topics = _topics(session, embed, now)
    changed = [one.theme for one in alerts(found)]
    months: dict[str, list[bool]] = {}
    for one in items:
        months.setdefault(f"{one.at:%Y-%m}", []).append(one.autonomy == "automate")
    kept: dict[str, Any] = {
        "shifts": [asdict(one) | {"since": one.since.isoformat(), "notable": one.notable} for one in found],
        "alerts": changed,
        "agreement": agreement(items),
        "automated": {month: (sum(held), len(held)) for month, held in sorted(months.items())},
        "thresholds": {label: threshold(curve, wrong) for label, curve in curves.items()},
        "wrong": wrong,
        "bearings": [asdict(one) for one in bearings(recent, Trust(curves, wrong))],
        "recent": len(recent),
        "topics": topics,
    }
    return ModelWatchRow(at=now, alerts=len(changed) + len(topics), found=kept)


def keep(session: Session, found: ModelWatchRow) -> None:
    """Keeps what was found; what is older than KEPT goes."""
    session.execute(delete(ModelWatchRow).where(ModelWatchRow.at < found.at - KEPT))
    session.add(found)


def last_watch(session: Session) -> ModelWatchRow | None:
    """What was found last."""
    return session.scalars(select(ModelWatchRow).order_by(ModelWatchRow.at.desc()).limit(1)).first()


def as_read(session: Session, since: datetime) -> list[AsRead]:
    """What the machine read in the items received since, oldest first."""
    change, item = ItemChangeRow, FeedbackItemRow
    first: dict[tuple[int, str], Any] = {}
    for row in session.execute(select(change.item_id, change.field, change.before).where(change.field.in_(LABELS)).order_by(change.id)):
        first.setdefault((row.item_id, row.field), row.before)
    settled = settled_at(session)
    chosen = select(CorrectionRow.item_id, CorrectionRow.at).order_by(CorrectionRow.at)
    corrected = {number: at for number, at in session.execute(chosen)}
    found = []
    for one in session.scalars(select(item).where(item.received_at >= since).order_by(item.received_at)):
        values = {label: first.get((one.id, label), value_of(one, label)) for label in LABELS}
        found.append(
            AsRead(
                at=one.received_at,
                kind=values["kind"]["value"],
                kind_confidence=values["kind"]["confidence"],
                sentiment=values["sentiment"]["value"],
                sentiment_confidence=values["sentiment"]["confidence"],
                urgent=values["urgent"]["value"],
                urgent_confidence=values["urgent"]["confidence"],
                commitments=tuple(sorted(((c["slug"], c["confidence"]) for c in values["commitments"]), key=lambda pair: -pair[1])),
                autonomy=one.autonomy,
                settled=settled.get(one.id) or corrected.get(one.id),
                said={label: plain(label, value_of(one, label)) for label in LABELS},
            )
        )
    return found


def _topics(session: Session, embed: Embed, now: datetime) -> list[dict[str, Any]]:
    item = FeedbackItemRow
    recent = session.scalars(select(item).where(item.received_at >= now - TOPICS).order_by(item.id.desc()).limit(4 * MOST_READ)).all()
    refused = {row.item_id for row in session.scalars(select(CorrectionRow)) if row.after != row.before and row.after in _NOTHING}
    unknown = [one for one in recent if _fits_nothing(one, refused)][:MOST_READ]
    others = [one.text for one in recent if not _fits_nothing(one, refused)][:MOST_READ]
    if not unknown:
        return []
    found = find_topics([one.text for one in unknown], embed([(one.subject, one.text) for one in unknown]), others)
    return [_told(topic, unknown) for topic in found]


def _fits_nothing(one: FeedbackItemRow, refused: set[int]) -> bool:
    """On no commitment, and an opinion or read without conviction; or said by an agent to be on none or out of scope."""
    unsure = one.kind == Kind.AVIS or one.autonomy == Autonomy.SUGGEST or one.kind_confidence < UNSURE
    return one.id in refused or (not one.labels and one.kind != Kind.AUTOMATIQUE and unsure)


def _told(topic: Topic, unknown: Sequence[FeedbackItemRow]) -> dict[str, Any]:
    references = [unknown[at].reference for at in topic.members]
    return {"messages": len(references), "words": list(topic.words), "examples": references[:EXAMPLES]}
