"""Tables of the mailbox's ledger and of the opinions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.base import Base, UtcDateTime


class RawMessageRow(Base):
    """The bytes of a mail as they came, compressed (zlib), kept before anything is read in them. `size`: bytes before."""

    __tablename__ = "raw_message"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    compressed: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]


class FeedbackItemRow(Base):
    """An opinion or a request, what was read in it and where it went.

    `rank`: which comes first (`triage.risk`). `assignee_id`: the agent who has taken it.
    """

    __tablename__ = "feedback_item"
    __table_args__ = (
        # The lists of the desk, each read in its own order: by risk within a queue, of everybody, of one agent; by date; and what is late.
        Index("ix_feedback_item_status_queue", "status", "queue", "rank", "id"),
        Index("ix_feedback_item_status_rank", "status", "rank", "id"),
        Index("ix_feedback_item_status_assignee", "status", "assignee_id", "rank", "id"),
        Index("ix_feedback_item_status_received", "status", "received_at", "id"),
        Index("ix_feedback_item_status_due", "status", "due_on"),
        Index("ix_feedback_item_sender", "sender_email", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    channel: Mapped[str] = mapped_column(String(20))
    message_id: Mapped[str | None] = mapped_column(String(500))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    sender_name: Mapped[str] = mapped_column(String(200))
    sender_email: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text)
    quoted: Mapped[str] = mapped_column(Text)
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    kind: Mapped[str] = mapped_column(String(20))
    kind_confidence: Mapped[float]
    sentiment: Mapped[str] = mapped_column(String(20))
    sentiment_confidence: Mapped[float]
    urgent: Mapped[bool]
    urgent_confidence: Mapped[float]
    model: Mapped[str] = mapped_column(String(100))
    queue: Mapped[str] = mapped_column(String(100))
    folder: Mapped[str] = mapped_column(String(200))
    priority: Mapped[int]
    due_on: Mapped[date | None]
    autonomy: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20), default="open")
    rank: Mapped[int]
    assignee_id: Mapped[int | None]
    assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    labels: Mapped[list["FeedbackLabelRow"]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class FeedbackLabelRow(Base):
    """A commitment found in an item, with the sentences that carry it."""

    __tablename__ = "feedback_label"

    item_id: Mapped[int] = mapped_column(ForeignKey("feedback_item.id", ondelete="CASCADE"), primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)
    confidence: Mapped[float]
    evidence: Mapped[list[str]] = mapped_column(JSON)


class MailLedgerRow(Base):
    """A mail seen on the server. Settled once its outcome is known and it stands in its folder.

    `error`: name of the error's type, never words of the mail. `attempts`: readings begun and not ended, by which a mail that kills the
    worker is known.
    """

    __tablename__ = "mail_ledger"
    __table_args__ = (UniqueConstraint("mailbox", "folder", "uidvalidity", "uid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox: Mapped[str] = mapped_column(String(300))
    folder: Mapped[str] = mapped_column(String(200))
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(ForeignKey("raw_message.sha256"), index=True)
    outcome: Mapped[str] = mapped_column(String(20), index=True)
    error: Mapped[str | None] = mapped_column(String(100))
    attempts: Mapped[int] = mapped_column(default=0)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("feedback_item.id"))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
