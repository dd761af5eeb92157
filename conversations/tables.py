"""Tables of conversations. The visitor's token itself is never kept."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from conversations.model import Content
from store.base import Base, UtcDateTime


class ConversationRow(Base):
    """`typing`: who is typing now ("user" or "agent"), and `typing_at` since when: worth a few seconds only."""

    __tablename__ = "conversation"
    __table_args__ = (Index("ix_conversation_state_waiting_since", "state", "waiting_since"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    state: Mapped[str] = mapped_column(String(10))
    agent_id: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(20))
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wrote_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    typing: Mapped[str | None] = mapped_column(String(10))
    typing_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ConversationMessageRow(Base):
    __tablename__ = "conversation_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(String(10))
    content: Mapped[Content] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConversationStepRow(Base):
    """A change of who speaks. Outlives the words: how long people waited, and why they asked for a person, is known without them."""

    __tablename__ = "conversation_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(32), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    event: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    agent_id: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(20))


class AgentPresenceRow(Base):
    """An agent who said to be there (`available`; outside the agents' hours too when `after_hours`), and when the console was last heard of."""

    __tablename__ = "agent_presence"

    agent_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    available: Mapped[bool]
    after_hours: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
