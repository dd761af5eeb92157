"""Tables of the mails to be sent."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.base import Base, UtcDateTime


class OutboxRow(Base):
    """A mail to be sent. One mail at most for what it is `about` and its `purpose` ("acknowledgement").

    `next_try`: not before this moment. `lease` and `leased_until`: the sender that has it in hand. `reason`: why it is not sent, in words.
    """

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("about", "purpose"), Index("ix_outbox_state_next_try", "state", "next_try"))

    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(300), unique=True)
    recipient: Mapped[str] = mapped_column(String(254), index=True)
    subject: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text)
    headers: Mapped[list[list[str]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    first_try: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(500), default="")
    attachments: Mapped[list["OutboxFileRow"]] = relationship(lazy="selectin", cascade="all, delete-orphan", order_by="OutboxFileRow.place")


class OutboxFileRow(Base):
    """A file that goes with a mail. `place`: its rank, from 0."""

    __tablename__ = "outbox_file"

    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)
