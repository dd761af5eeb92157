"""Every query on conversations. The caller commits."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from conversations import presence
from conversations.model import Author, Content, Conversation, Message
from conversations.speaking import Event, Impossible, Moments, State, after
from conversations.tables import ConversationMessageRow, ConversationRow, ConversationStepRow

TYPING = timedelta(seconds=6)


def start(session: Session, now: datetime) -> str:
    """A new conversation; its token, which only the visitor has from now on."""
    token = secrets.token_urlsafe(32)
    session.add(ConversationRow(id=uuid.uuid4().hex, token_hash=_hash(token), created_at=now, last_at=now, state=State.BOT.value))
    return token


def find(session: Session, token: str) -> Conversation | None:
    """The conversation that this token opens."""
    row = session.scalar(select(ConversationRow).where(ConversationRow.token_hash == _hash(token)))
    return _conversation(row) if row else None


def get(session: Session, conversation_id: str) -> Conversation | None:
    """The conversation with this id, as it stands now."""
    row = session.get(ConversationRow, conversation_id, populate_existing=True)
    return _conversation(row) if row else None


def add(session: Session, conversation_id: str, author: Author, content: Content, now: datetime) -> Message:
    """Keeps a message, at the end of the conversation."""
    (message,) = add_all(session, conversation_id, author, [content], now)
    return message


def add_all(session: Session, conversation_id: str, author: Author, contents: Sequence[Content], now: datetime) -> list[Message]:
    """Keeps messages that are said at once, at the end of the conversation and in their order."""
    if not contents:
        return []
    rows = [ConversationMessageRow(conversation_id=conversation_id, author=author.value, content=content, at=now) for content in contents]
    session.add_all(rows)
    conversation = session.get_one(ConversationRow, conversation_id)
    conversation.last_at = now
    if author is Author.USER:
        conversation.wrote_at = conversation.seen_at = now
    elif author is Author.AGENT:
        conversation.answered_at = now
    if conversation.typing == author.value:
        conversation.typing = None
    session.flush()
    return [_message(row) for row in rows]


def history(session: Session, conversation_id: str, after: int = 0) -> list[Message]:
    """Messages of the conversation in order, those after message number `after` only."""
    wanted = (
        select(ConversationMessageRow)
        .where(ConversationMessageRow.conversation_id == conversation_id, ConversationMessageRow.id > after)
        .order_by(ConversationMessageRow.id)
    )
    return [_message(row) for row in session.scalars(wanted)]


def mark_answered(session: Session, conversation_id: str, form: str) -> bool:
    """Notes that the last form of this name was filled in; False when there is none to fill."""
    row = ConversationMessageRow
    wanted = select(row).where(row.conversation_id == conversation_id, row.author != Author.USER.value).order_by(row.id.desc())
    found = next((message for message in session.scalars(wanted) if message.content.get("name") == form), None)
    if found is None or found.content.get("answered"):
        return False
    found.content = {**found.content, "answered": True}
    return True


def count_said(session: Session, conversation_id: str, moment: datetime) -> tuple[int, int]:
    """Messages the user wrote: after a moment, and in all."""
    row = ConversationMessageRow
    wanted = select(func.count().filter(row.at > moment), func.count()).where(
        row.conversation_id == conversation_id, row.author == Author.USER.value
    )
    recent, in_all = session.execute(wanted).one()
    return recent, in_all


def step(
    session: Session, conversation_id: str, event: Event, now: datetime, agent_id: int | None = None, reason: str | None = None
) -> State:
    """Makes `event` happen, once: of two that come together, the second raises Impossible, as does an event that cannot happen."""
    row = session.get(ConversationRow, conversation_id, populate_existing=True)
    if row is None:
        raise Impossible(Impossible.__doc__)
    before = State(row.state)
    state = after(before, event)
    values: dict[str, Any] = {"state": state.value, "typing": None}
    if state is State.WAITING:
        values |= {"waiting_since": now, "agent_id": None, "reason": reason or row.reason}
    elif event is Event.TAKEN:
        values |= {"agent_id": agent_id, "taken_at": now}
    changed = session.execute(
        update(ConversationRow).where(ConversationRow.id == row.id, ConversationRow.state == before.value).values(**values)
    )
    assert isinstance(changed, CursorResult)
    if not changed.rowcount:
        raise Impossible(Impossible.__doc__)
    who = agent_id if agent_id is not None else row.agent_id
    session.add(
        ConversationStepRow(conversation_id=row.id, at=now, event=event.value, state=state.value, agent_id=who, reason=reason or row.reason)
    )
    session.flush()
    return state


def live(session: Session) -> list[Conversation]:
    """Conversations that wait for an agent or that an agent has, the longest waiting first."""
    row = ConversationRow
    wanted = select(row).where(row.state.in_([State.WAITING.value, State.AGENT.value])).order_by(row.waiting_since, row.id)
    return [_conversation(found) for found in session.scalars(wanted.execution_options(populate_existing=True))]


def moments(session: Session, conversation: Conversation) -> Moments:
    """What time is counted from."""
    return Moments(
        conversation.state,
        conversation.waiting_since,
        conversation.taken_at,
        conversation.wrote_at,
        conversation.answered_at,
        presence.seen_at(session, conversation.agent_id),
    )


def ahead(session: Session, conversation_id: str) -> int:
    """How many people have waited for longer than this one."""
    mine = session.get_one(ConversationRow, conversation_id).waiting_since
    row = ConversationRow
    wanted = select(func.count()).where(row.state == State.WAITING.value, row.waiting_since < mine, row.id != conversation_id)
    return session.scalar(wanted) or 0


def hear_of_visitor(session: Session, conversation_id: str, now: datetime) -> None:
    """The visitor's page is open."""
    session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(seen_at=now))


def note_typing(session: Session, conversation_id: str, author: Author, now: datetime) -> None:
    session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(typing=author.value, typing_at=now))


def is_typing(session: Session, conversation_id: str, author: Author, now: datetime) -> bool:
    """Whether `author` is typing now."""
    row = session.get(ConversationRow, conversation_id, populate_existing=True)
    return row is not None and row.typing == author.value and row.typing_at is not None and now - row.typing_at < TYPING


def last_words(session: Session, conversation_ids: Sequence[str]) -> dict[str, str]:
    """The visitor's last words in each conversation."""
    row = ConversationMessageRow
    newest = (
        select(func.max(row.id))
        .where(row.conversation_id.in_(conversation_ids), row.author == Author.USER.value)
        .group_by(row.conversation_id)
    )
    return {found.conversation_id: _message(found).words() for found in session.scalars(select(row).where(row.id.in_(newest)))}


def erase(session: Session, conversation_id: str) -> None:
    """Erases every word of a conversation, and the conversation."""
    session.execute(delete(ConversationMessageRow).where(ConversationMessageRow.conversation_id == conversation_id))
    session.execute(delete(ConversationRow).where(ConversationRow.id == conversation_id))


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


def _conversation(row: ConversationRow) -> Conversation:
    return Conversation(
        row.id, State(row.state), row.agent_id, row.reason, row.waiting_since, row.taken_at, row.wrote_at, row.answered_at, row.seen_at
    )
