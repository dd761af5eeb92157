"""Every query on the mailbox's ledger and on the opinions. The caller commits."""

import hashlib
import io
import secrets
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from triage.model import Channel, Label, Message, Origin, Outcome, Reading, Route, Sentiment
from triage.risk import rank
from triage.search import indexed
from triage.search_table import ItemWordsRow
from triage.tables import FeedbackItemRow, FeedbackLabelRow, FeedbackOriginRow, MailLedgerRow, RawMessageRow

OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True)
class Packed:
    """Bytes of a mail made ready to be kept: compressing takes time, and is not done while the database is held."""

    sha256: str
    compressed: bytes
    size: int


def pack(raw: bytes) -> Packed:
    """Compresses (zlib) and names by content."""
    return pack_parts([raw])


def pack_parts(parts: Iterable[bytes]) -> Packed:
    """As `pack`, for a mail that comes in pieces: it never stands whole in the memory but compressed."""
    digest, squeeze, kept, size = hashlib.sha256(), zlib.compressobj(), io.BytesIO(), 0
    for part in parts:
        digest.update(part)
        kept.write(squeeze.compress(part))
        size += len(part)
    kept.write(squeeze.flush())
    return Packed(digest.hexdigest(), kept.getvalue(), size)


def keep_raw(session: Session, packed: Packed) -> str:
    """Keeps the bytes of a mail, once. Gives their SHA-256."""
    if session.get(RawMessageRow, packed.sha256) is None:
        session.add(RawMessageRow(**asdict(packed)))
        session.flush()
    return packed.sha256


def read_raw(session: Session, sha256: str, most: int = 0) -> bytes:
    """Bytes of a mail kept; only the first `most` of them when it is not 0. Raises KeyError when they are not."""
    row = session.get(RawMessageRow, sha256)
    if row is None:
        raise KeyError(sha256)
    return zlib.decompressobj().decompress(row.compressed, most)


def raw_size(session: Session, sha256: str) -> int:
    """Bytes of a mail kept, 0 when they are not."""
    return session.scalar(select(RawMessageRow.size).filter_by(sha256=sha256)) or 0


def well_kept(session: Session, sha256: str) -> bool:
    """Whether the bytes kept are those of the mail."""
    try:
        return hashlib.sha256(read_raw(session, sha256)).hexdigest() == sha256
    except (KeyError, zlib.error):
        return False


def find_seen(session: Session, mailbox: str, folder: str, uidvalidity: int, uid: int) -> MailLedgerRow | None:
    """The ledger's row of this mail."""
    return session.scalar(select(MailLedgerRow).filter_by(mailbox=mailbox, folder=folder, uidvalidity=uidvalidity, uid=uid))


def list_seen(session: Session, mailbox: str, folder: str, uidvalidity: int, first: int) -> dict[int, MailLedgerRow]:
    """The ledger's rows of these mails by UID, from `first` on."""
    wanted = select(MailLedgerRow).filter_by(mailbox=mailbox, folder=folder, uidvalidity=uidvalidity).where(MailLedgerRow.uid >= first)
    return {row.uid: row for row in session.scalars(wanted)}


def see(
    session: Session, mailbox: str, folder: str, uidvalidity: int, uid: int, sha256: str, now: datetime, oversize: bool = False
) -> MailLedgerRow:
    """Writes a mail in the ledger as pending, or gives the row it already has."""
    row = find_seen(session, mailbox, folder, uidvalidity, uid)
    if row is None:
        place = {"mailbox": mailbox, "folder": folder, "uidvalidity": uidvalidity, "uid": uid}
        row = MailLedgerRow(**place, sha256=sha256, outcome=Outcome.PENDING.value, seen_at=now, oversize=oversize)
        session.add(row)
        session.flush()
    return row


def decide(row: MailLedgerRow, outcome: Outcome, item: FeedbackItemRow | None = None, error: str | None = None) -> None:
    """Notes what becomes of a mail that has still to be moved."""
    row.outcome, row.item_id, row.error = outcome.value, item.id if item else None, error


def settle(row: MailLedgerRow, now: datetime, placed: str | None = None) -> None:
    """The mail stands in its folder (`placed`: None when it is the one it was seen in): nothing is left to do."""
    row.settled_at, row.placed = now, placed


def reopen(session: Session, ledger: int) -> bool:
    """A mail in quarantine is to be read again, from its bytes, at the next pass. False when it is not in quarantine."""
    row = session.get(MailLedgerRow, ledger)
    if row is None or row.outcome != Outcome.FAILED:
        return False
    row.outcome, row.settled_at = Outcome.PENDING.value, None
    row.attempts, row.replays = 0, row.replays + 1
    return True


@dataclass(frozen=True)
class SetAside:
    """A mail in quarantine. `size` in bytes; `waiting`: it is to be read again."""

    id: int
    seen_at: datetime
    mailbox: str
    folder: str
    size: int
    error: str
    attempts: int
    replays: int
    oversize: bool
    waiting: bool


def list_quarantine(session: Session, limit: int = 50, offset: int = 0) -> list[SetAside]:
    """Mails that could not be read and those waiting for another reading, the latest first. One whose bytes were read meanwhile (moved
    back to the inbox by a person) is no longer one."""
    row = MailLedgerRow
    failed = (row.outcome == Outcome.FAILED.value) & ~select(FeedbackItemRow.id).where(FeedbackItemRow.sha256 == row.sha256).exists()
    again = (row.outcome == Outcome.PENDING.value) & (row.replays > 0)
    wanted = (
        select(row, RawMessageRow.size)
        .join(RawMessageRow, RawMessageRow.sha256 == row.sha256)
        .where(failed | again)
        .order_by(row.seen_at.desc(), row.id.desc())
        .limit(limit)
        .offset(offset)
    )
    names = ("id", "seen_at", "mailbox", "folder", "attempts", "replays", "oversize")
    return [
        SetAside(
            **{name: getattr(one, name) for name in names}, size=size, error=one.error or "", waiting=one.outcome == Outcome.PENDING.value
        )
        for one, size in session.execute(wanted)
    ]


def quarantined_raw(session: Session, ledger: int) -> bytes | None:
    """Bytes of a mail of the list; None when it is not in it: mails that were read are not shown this way."""
    row = session.get(MailLedgerRow, ledger)
    if row is None or not (row.outcome == Outcome.FAILED or (row.outcome == Outcome.PENDING and row.replays)):
        return None
    return read_raw(session, row.sha256)


def quarantined(session: Session) -> Sequence[MailLedgerRow]:
    """Rows of mails in quarantine that nobody has asked to read again, oldest first."""
    return session.scalars(select(MailLedgerRow).filter_by(outcome=Outcome.FAILED.value).order_by(MailLedgerRow.id)).all()


def pending(session: Session, mailbox: str | None = None, folder: str | None = None) -> Sequence[MailLedgerRow]:
    """Mails seen and not settled, oldest first: to read again, or only to move when their outcome is known."""
    wanted = select(MailLedgerRow).where(MailLedgerRow.settled_at.is_(None)).order_by(MailLedgerRow.id)
    if mailbox is not None:
        wanted = wanted.where(MailLedgerRow.mailbox == mailbox)
    if folder is not None:
        wanted = wanted.where(MailLedgerRow.folder == folder)
    return session.scalars(wanted).all()


@dataclass(frozen=True)
class LedgerLine:
    """A row of the ledger. `placed`: None while the mail stands where it was seen; `itemless`: its opinion is no longer kept."""

    id: int
    folder: str
    uidvalidity: int
    uid: int
    sha256: str
    outcome: str
    placed: str | None
    settled: bool
    itemless: bool


def ledger_lines(session: Session, mailbox: str) -> list[LedgerLine]:
    """Every row of a mailbox, oldest first."""
    row = MailLedgerRow
    names = (row.id, row.folder, row.uidvalidity, row.uid, row.sha256, row.outcome, row.placed)
    itemless = row.outcome.in_((Outcome.IMPORTED.value, Outcome.DUPLICATE.value)) & row.item_id.is_(None)
    wanted = select(*names, row.settled_at.is_not(None).label("settled"), itemless.label("itemless")).where(row.mailbox == mailbox)
    return [LedgerLine(**line) for line in session.execute(wanted.order_by(row.id)).mappings()]


def placed_folders(session: Session, mailbox: str) -> set[str]:
    """Folders that mails of this mailbox were put in."""
    wanted = select(MailLedgerRow.placed).filter_by(mailbox=mailbox).distinct()
    return {placed for placed in session.scalars(wanted) if placed is not None}


def ledger_mailboxes(session: Session) -> list[str]:
    """Mailboxes that the ledger knows."""
    return list(session.scalars(select(MailLedgerRow.mailbox).distinct().order_by(MailLedgerRow.mailbox)))


def outcomes(session: Session) -> dict[str, int]:
    """Mails of the ledger by outcome."""
    return {name: n for name, n in session.execute(select(MailLedgerRow.outcome, func.count()).group_by(MailLedgerRow.outcome))}


def find_duplicate(session: Session, sha256: str) -> FeedbackItemRow | None:
    """The item made from the very same bytes."""
    return session.scalar(select(FeedbackItemRow).filter_by(sha256=sha256))


def find_message(session: Session, message_id: str) -> FeedbackItemRow | None:
    """An item with this Message-ID: the same mail, whatever way its lines end."""
    return session.scalars(select(FeedbackItemRow).filter_by(message_id=message_id).limit(1)).first()


def find_source(session: Session, source_id: str) -> FeedbackItemRow | None:
    """The item that came from this source."""
    return session.scalar(select(FeedbackItemRow).join(FeedbackOriginRow).where(FeedbackOriginRow.source_id == source_id))


def services(session: Session) -> Sequence[str]:
    """Services that messages typed in were about, in order."""
    row = FeedbackOriginRow
    return session.scalars(select(row.service).where(row.service != "").distinct().order_by(row.service).limit(200)).all()


def add_item(
    session: Session,
    message: Message,
    reading: Reading,
    route: Route,
    due_on: date | None,
    channel: Channel,
    sha256: str | None,
    received_at: datetime,
    *,
    origin: Origin | None = None,
    answered_elsewhere: bool = False,
    status: str = OPEN,
) -> FeedbackItemRow:
    """Adds an opinion to its queue and gives it its reference ("AV-2026-000123"). `sha256`: None when it is no mail.

    `answered_elsewhere`: it gets no acknowledgement from here. Raises IntegrityError for a source that has already entered.
    """
    item = FeedbackItemRow(
        # The reference holds the row's number, known once it is written.
        reference=secrets.token_hex(16),
        sha256=sha256,
        channel=channel.value,
        received_at=received_at,
        due_on=due_on,
        status=status,
        answered_elsewhere=answered_elsewhere,
        origin=FeedbackOriginRow(**asdict(origin)) if origin else None,
        **_written(message),
        **_read(reading),
        **{name: getattr(route, name) for name in ("queue", "folder", "priority", "rule")},
        autonomy=route.autonomy.value,
    )
    rerank(item)
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
    names = ("kind_confidence", "sentiment_confidence", "urgent", "urgent_confidence", "model", "language")
    values: dict[str, object] = {name: getattr(reading, name) for name in names}
    return values | {"kind": reading.kind.value, "sentiment": reading.sentiment.value}


def rerank(item: FeedbackItemRow) -> None:
    """Gives an item its place again, after a change of what it depends on."""
    displeased = item.sentiment_confidence if item.sentiment == Sentiment.NEGATIF else 0.0
    item.rank = rank(item.urgent, item.due_on, item.received_at.date(), displeased, item.kind_confidence)


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
