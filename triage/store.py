"""Every query on the mailbox's ledger and on the opinions. The caller commits."""

import hashlib
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from triage.model import Channel, Label, Message, Outcome, Reading, Route, Sentiment
from triage.risk import rank
from triage.search import indexed
from triage.search_table import ItemWordsRow
from triage.tables import FeedbackItemRow, FeedbackLabelRow, MailLedgerRow, RawMessageRow

OPEN = "open"


@dataclass(frozen=True)
class Packed:
    """Bytes of a mail made ready to be kept: compressing takes time, and is not done while the database is held."""

    sha256: str
    compressed: bytes
    size: int


def pack(raw: bytes) -> Packed:
    """Compresses (zlib) and names by content."""
    return Packed(hashlib.sha256(raw).hexdigest(), zlib.compress(raw), len(raw))


def keep_raw(session: Session, packed: Packed) -> str:
    """Keeps the bytes of a mail, once. Gives their SHA-256."""
    if session.get(RawMessageRow, packed.sha256) is None:
        session.add(RawMessageRow(**asdict(packed)))
        session.flush()
    return packed.sha256


def read_raw(session: Session, sha256: str) -> bytes:
    """Bytes of a mail kept. Raises KeyError when they are not."""
    row = session.get(RawMessageRow, sha256)
    if row is None:
        raise KeyError(sha256)
    return zlib.decompress(row.compressed)


def find_seen(session: Session, mailbox: str, folder: str, uidvalidity: int, uid: int) -> MailLedgerRow | None:
    """The ledger's row of this mail."""
    return session.scalar(select(MailLedgerRow).filter_by(mailbox=mailbox, folder=folder, uidvalidity=uidvalidity, uid=uid))


def see(session: Session, mailbox: str, folder: str, uidvalidity: int, uid: int, sha256: str, now: datetime) -> MailLedgerRow:
    """Writes a mail in the ledger as pending, or gives the row it already has."""
    row = find_seen(session, mailbox, folder, uidvalidity, uid)
    if row is None:
        row = MailLedgerRow(
            mailbox=mailbox, folder=folder, uidvalidity=uidvalidity, uid=uid, sha256=sha256, outcome=Outcome.PENDING.value, seen_at=now
        )
        session.add(row)
        session.flush()
    return row


def decide(row: MailLedgerRow, outcome: Outcome, item: FeedbackItemRow | None = None, error: str | None = None) -> None:
    """Notes what becomes of a mail that has still to be moved."""
    row.outcome, row.item_id, row.error = outcome.value, item.id if item else None, error


def settle(row: MailLedgerRow, now: datetime) -> None:
    """The mail stands in its folder: nothing is left to do."""
    row.settled_at = now


def pending(session: Session, mailbox: str | None = None, folder: str | None = None) -> Sequence[MailLedgerRow]:
    """Mails seen and not settled, oldest first: to read again, or only to move when their outcome is known."""
    wanted = select(MailLedgerRow).where(MailLedgerRow.settled_at.is_(None)).order_by(MailLedgerRow.id)
    if mailbox is not None:
        wanted = wanted.where(MailLedgerRow.mailbox == mailbox)
    if folder is not None:
        wanted = wanted.where(MailLedgerRow.folder == folder)
    return session.scalars(wanted).all()


def outcomes(session: Session) -> dict[str, int]:
    """Mails of the ledger by outcome."""
    return {name: n for name, n in session.execute(select(MailLedgerRow.outcome, func.count()).group_by(MailLedgerRow.outcome))}


def find_duplicate(session: Session, sha256: str) -> FeedbackItemRow | None:
    """The item made from the very same bytes."""
    return session.scalar(select(FeedbackItemRow).filter_by(sha256=sha256))


def add_item(
    session: Session,
    message: Message,
    reading: Reading,
    route: Route,
    due_on: date | None,
    channel: Channel,
    sha256: str | None,
    received_at: datetime,
) -> FeedbackItemRow:
    """Adds an opinion to its queue and gives it its reference ("AV-2026-000123"). `sha256`: None when it is no mail."""
    item = FeedbackItemRow(
        # The reference holds the row's number, known once it is written.
        reference=secrets.token_hex(16),
        sha256=sha256,
        channel=channel.value,
        received_at=received_at,
        due_on=due_on,
        status=OPEN,
        **_written(message),
        **_read(reading),
        **{name: getattr(route, name) for name in ("queue", "folder", "priority", "rule")},
        autonomy=route.autonomy.value,
        rank=rank(
            reading.urgent,
            due_on,
            received_at.date(),
            reading.sentiment_confidence if reading.sentiment is Sentiment.NEGATIF else 0.0,
            reading.kind_confidence,
        ),
    )
    item.labels = [_label(label) for label in reading.commitments]
    session.add(item)
    session.flush()
    item.reference = f"AV-{received_at.year}-{item.id:06d}"
    session.add(ItemWordsRow(item_id=item.id, words=searched(item)))
    session.flush()
    return item


def _label(label: Label) -> FeedbackLabelRow:
    return FeedbackLabelRow(slug=label.slug.value, confidence=label.confidence, evidence=list(label.evidence))


def _written(message: Message) -> dict[str, object]:
    names = ("message_id", "subject", "sender_name", "sender_email", "text", "quoted")
    return {name: getattr(message, name) for name in names} | {"attachments": [asdict(one) for one in message.attachments]}


def _read(reading: Reading) -> dict[str, object]:
    names = ("kind_confidence", "sentiment_confidence", "urgent", "urgent_confidence", "model")
    values: dict[str, object] = {name: getattr(reading, name) for name in names}
    return values | {"kind": reading.kind.value, "sentiment": reading.sentiment.value}


def searched(item: FeedbackItemRow) -> str:
    """What the search knows of an item."""
    return indexed((item.reference, item.sender_name, item.sender_email, item.subject, item.text))


def index_missing(session: Session, limit: int = 1000) -> int:
    """Gives their words to items that the search does not know yet, `limit` at most; gives how many."""
    known = select(ItemWordsRow.item_id)
    rows = session.scalars(select(FeedbackItemRow).where(FeedbackItemRow.id.not_in(known)).order_by(FeedbackItemRow.id).limit(limit)).all()
    session.add_all(ItemWordsRow(item_id=row.id, words=searched(row)) for row in rows)
    return len(rows)


def get_item(session: Session, reference: str) -> FeedbackItemRow | None:
    """The item with this reference."""
    return session.scalar(select(FeedbackItemRow).filter_by(reference=reference))


def count_by_commitment_and_sentiment(session: Session, since: datetime | None = None) -> dict[tuple[str, str], int]:
    """Items by (commitment, sentiment). An item with two commitments counts in both."""
    wanted = (
        select(FeedbackLabelRow.slug, FeedbackItemRow.sentiment, func.count())
        .join(FeedbackItemRow, FeedbackItemRow.id == FeedbackLabelRow.item_id)
        .group_by(FeedbackLabelRow.slug, FeedbackItemRow.sentiment)
    )
    if since is not None:
        wanted = wanted.where(FeedbackItemRow.received_at >= since)
    return {(slug, sentiment): n for slug, sentiment, n in session.execute(wanted)}
