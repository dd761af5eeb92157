"""Tables of conversations, and every query on them. The token itself is never kept."""

import hashlib
import secrets
import uuid
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from store.base import Base, UtcDateTime
from web.chat.model import Author, Content, Conversation, Message, Speaker


class ConversationRow(Base):
    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    speaker: Mapped[str] = mapped_column(String(10))


class ConversationMessageRow(Base):
    __tablename__ = "conversation_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(String(10))
    content: Mapped[Content] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def start(session: Session, now: datetime) -> str:
    """A new conversation; its token, which only the visitor has from now on."""
    token = secrets.token_urlsafe(32)
    row = ConversationRow(id=uuid.uuid4().hex, token_hash=_hash(token), created_at=now, last_at=now, speaker=Speaker.BOT.value)
    session.add(row)
    return token


def find(session: Session, token: str) -> Conversation | None:
    """The conversation that this token opens."""
    row = session.scalar(select(ConversationRow).where(ConversationRow.token_hash == _hash(token)))
    return Conversation(row.id, Speaker(row.speaker)) if row else None


def add(session: Session, conversation_id: str, author: Author, content: Content, now: datetime) -> Message:
    """Keeps a message, at the end of the conversation."""
    row = ConversationMessageRow(conversation_id=conversation_id, author=author.value, content=content, at=now)
    session.add(row)
    session.get_one(ConversationRow, conversation_id).last_at = now
    session.flush()
    return _message(row)


def history(session: Session, conversation_id: str, after: int = 0) -> list[Message]:
    """Messages of the conversation in order, those after message number `after` only."""
    wanted = (
        select(ConversationMessageRow)
        .where(ConversationMessageRow.conversation_id == conversation_id, ConversationMessageRow.id > after)
        .order_by(ConversationMessageRow.id)
    )
    return [_message(row) for row in session.scalars(wanted)]


def said_since(session: Session, conversation_id: str, moment: datetime) -> int:
    """Messages the user wrote after a moment."""
    return (
        session.scalar(
            select(func.count())
            .select_from(ConversationMessageRow)
            .where(
                ConversationMessageRow.conversation_id == conversation_id,
                ConversationMessageRow.author == Author.USER.value,
                ConversationMessageRow.at > moment,
            )
        )
        or 0
    )


def give_to(session: Session, conversation_id: str, next_speaker: Speaker) -> None:
    """From now on another answers: the bot is silent while an agent is awaited (SYSTEM) or has the conversation (AGENT)."""
    session.get_one(ConversationRow, conversation_id).speaker = next_speaker.value


def speaker(session: Session, conversation_id: str) -> Speaker:
    """Who answers now."""
    return Speaker(session.get_one(ConversationRow, conversation_id, populate_existing=True).speaker)


def purge(session: Session, before: datetime) -> int:
    """Erases conversations with nothing said since a moment; how many."""
    old = select(ConversationRow.id).where(ConversationRow.last_at < before)
    session.execute(delete(ConversationMessageRow).where(ConversationMessageRow.conversation_id.in_(old)))
    gone = session.execute(delete(ConversationRow).where(ConversationRow.last_at < before).returning(ConversationRow.id))
    return len(gone.all())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _message(row: ConversationMessageRow) -> Message:
    return Message(row.id, Author(row.author), row.content, row.at)
