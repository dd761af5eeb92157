"""Tables of the desk: what agents change, correct, look at, answer and keep as filters."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, UtcDateTime


class ItemChangeRow(Base):
    """A field of an item that an agent changed. Changes of one action share its `batch`, by which it is undone."""

    __tablename__ = "item_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(String(32), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("feedback_item.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(20))
    before: Mapped[Any] = mapped_column(JSON)
    after: Mapped[Any] = mapped_column(JSON)
    agent_id: Mapped[int]
    agent_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone: Mapped[bool] = mapped_column(default=False)


class CorrectionRow(Base):
    """A label that an agent corrected: what learning reads. The newest of an item and label is the agent's word; an undoing is one too.

    `label`: kind, commitments, sentiment or urgent. `before`, `after`: a slug, a sorted list of slugs, or a truth. `model`: what had read it.
    """

    __tablename__ = "correction"
    __table_args__ = (Index("ix_correction_item_label", "item_id", "label"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("feedback_item.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(String(20))
    before: Mapped[Any] = mapped_column(JSON)
    after: Mapped[Any] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(100))
    model: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SavedFilterRow(Base):
    """A list that an agent keeps under a name. `address`: its query string."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("agent_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(1000))


class ItemViewRow(Base):
    """An agent has a message open, last heard of at `seen_at`."""

    __tablename__ = "item_view"

    item_id: Mapped[int] = mapped_column(ForeignKey("feedback_item.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(primary_key=True)
    agent_name: Mapped[str] = mapped_column(String(200))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AnswerLeaseRow(Base):
    """The agent who is answering a message, until a moment."""

    __tablename__ = "answer_lease"

    item_id: Mapped[int] = mapped_column(ForeignKey("feedback_item.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[int]
    agent_name: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
