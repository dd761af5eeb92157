"""Tables of answering: drafts, answers sent, notes between agents."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, UtcDateTime


class AnswerDraftRow(Base):
    """The answer being written to a message: one, that every agent of the desk sees. `remark`: why it was returned.

    `attachments`: as in an item; their bytes are in `attachment_file`.
    """

    __tablename__ = "answer_draft"

    item_id: Mapped[int] = mapped_column(ForeignKey("feedback_item.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    means: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), index=True)
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    author_id: Mapped[int]
    author_name: Mapped[str] = mapped_column(String(200))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    remark: Mapped[str] = mapped_column(Text, default="")


class SentAnswerRow(Base):
    """What an answer is beside its words in the thread. `typed`: without the signature. `token`: of the form. `batch`: of the action, "" for none.

    `agent_id`: who sent it; `author_id`, `state`: of the draft that it was. `undelivered`: its message was opened again for that.
    """

    __tablename__ = "sent_answer"

    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id", ondelete="CASCADE"), primary_key=True)
    means: Mapped[str] = mapped_column(String(20))
    typed: Mapped[str] = mapped_column(Text)
    token: Mapped[str] = mapped_column(String(40), unique=True)
    agent_id: Mapped[int]
    author_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    batch: Mapped[str] = mapped_column(String(32))
    undelivered: Mapped[bool] = mapped_column(default=False, server_default=false())


class ItemNoteRow(Base):
    """What agents tell each other about a message; never sent."""

    __tablename__ = "item_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("feedback_item.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[int]
    agent_name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class NoteMentionRow(Base):
    """An agent named in a note. `seen_at`: when they opened the message since."""

    __tablename__ = "note_mention"
    __table_args__ = (Index("ix_note_mention_agent", "agent_id", "seen_at"),)

    note_id: Mapped[int] = mapped_column(ForeignKey("item_note.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
