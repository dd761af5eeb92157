"""Counts the opinions that the triage has kept. Requests and misdirected mail are not opinions."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from quality.tally import Tally, build_tally
from triage.model import Kind
from triage.tables import FeedbackItemRow, FeedbackLabelRow


def count_opinions(session: Session) -> Tally:
    """All opinions received, answered or not."""
    row = FeedbackItemRow
    feelings = select(row.sentiment, func.count()).where(row.kind == Kind.AVIS.value).group_by(row.sentiment)
    cells = (
        select(FeedbackLabelRow.slug, row.sentiment, func.count())
        .join(row, row.id == FeedbackLabelRow.item_id)
        .where(row.kind == Kind.AVIS.value)
        .group_by(FeedbackLabelRow.slug, row.sentiment)
    )
    return build_tally(
        {feeling: n for feeling, n in session.execute(feelings)},
        {(slug, feeling): n for slug, feeling, n in session.execute(cells)},
    )
