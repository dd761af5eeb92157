"""Tables of the mailbox's ledger and of the opinions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outbox.tables import OutboxRow
from store.base import Base, UtcDateTime


class RawMessageRow(Base):
    """The bytes of a mail as they came, compressed (zlib), kept before anything is read in them. `size`: bytes before."""

    __tablename__ = "raw_message"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    compressed: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]


class AttachmentFileRow(Base):
    """The bytes of a file that came with a form, compressed (zlib), kept once by content. `size`: bytes before."""

    __tablename__ = "attachment_file"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    compressed: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]


class FeedbackItemRow(Base):
    """An opinion or a request, what was read in it and where it went.

    `rank`: which comes first (`triage.risk`). `assignee_id`: the agent who has taken it. `answered_elsewhere`: it gets no acknowledgement from here.
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
    message_id: Mapped[str | None] = mapped_column(String(500), index=True)
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
    language: Mapped[str] = mapped_column(String(8), default="fr", server_default="fr")
    flags: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """What an agent must know before reading, in words ("autre expéditeur")."""
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("feedback_item.id"))
    """The item that this one answers, when somebody else wrote it."""
    not_acknowledged: Mapped[str | None] = mapped_column(String(200))
    """Why no acknowledgement was written, in words; None when one was."""
    answered_elsewhere: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str | None] = mapped_column(String(20))
    """How a closed item ended (`desk.model.Outcome`)."""
    remind_on: Mapped[date | None] = mapped_column(index=True)
    """The day on which an item that waits for the person is open again."""
    promised: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether `due_on` is a day that an answer told the person."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("feedback_item.id"), index=True)
    """The item of the same person that goes on in its place."""
    origin: Mapped["FeedbackOriginRow | None"] = relationship(lazy="selectin", cascade="all, delete-orphan")
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


class ExchangeRow(Base):
    """A message of an item's thread after its first one: `direction` "in" from the person, "out" from us.

    `who`: address of the person, name of the agent, "" for the machine. `outgoing_id`: the mail by which it went out.
    """

    __tablename__ = "exchange"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("feedback_item.id", ondelete="CASCADE"), index=True)
    direction: Mapped[str] = mapped_column(String(3))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(254))
    message_id: Mapped[str | None] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text)
    quoted: Mapped[str] = mapped_column(Text, default="")
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    outgoing_id: Mapped[int | None] = mapped_column(ForeignKey(OutboxRow.id))


class FeedbackOriginRow(Base):
    """How an item came when it is no mail of the mailbox: fields of `triage.model.Origin`."""

    __tablename__ = "feedback_origin"

    item_id: Mapped[int] = mapped_column(ForeignKey("feedback_item.id", ondelete="CASCADE"), primary_key=True)
    phone: Mapped[str] = mapped_column(String(40))
    postal_address: Mapped[str] = mapped_column(String(500))
    service: Mapped[str] = mapped_column(String(200), index=True)
    entered_by: Mapped[str] = mapped_column(String(200))
    entered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    source_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    declared: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class MailLedgerRow(Base):
    """A mail seen on the server. Settled once its outcome is known and it stands in its folder.

    `error`: name of the error's type, never words of the mail. `attempts`: readings begun since it was taken or replayed, by which a mail
    that kills the worker is known. `replays`: times that somebody asked for it to be read again. `placed`: the folder that it was moved to,
    None while it stands where it was seen. `oversize`: only its beginning was read.
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
    replays: Mapped[int] = mapped_column(default=0, server_default="0")
    placed: Mapped[str | None] = mapped_column(String(200))
    oversize: Mapped[bool] = mapped_column(default=False, server_default=false())
    item_id: Mapped[int | None] = mapped_column(ForeignKey("feedback_item.id"))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
