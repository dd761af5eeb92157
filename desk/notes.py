"""Notes between agents about a message, and who is named in them. Every query. The caller commits."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from desk.answer_tables import ItemNoteRow, NoteMentionRow
from desk.changes import Agent
from desk.model import Impossible
from history.model import What
from history.store import note
from triage.tables import FeedbackItemRow

MOST = 5000
_NAMED = re.compile(r"(?<![\w@.])@([\w.-]*\w)")


def named(text: str) -> list[str]:
    """Logins that a note names ("@agnes"), each once."""
    return list(dict.fromkeys(found.lower() for found in _NAMED.findall(text)))


def add(session: Session, item: FeedbackItemRow, text: str, agent: Agent, logins: Mapping[str, int], now: datetime) -> list[str]:
    """Adds a note; gives the logins that it names and nobody has. Raises Impossible when it is too long."""
    if len(text) > MOST:
        raise Impossible(f"Votre note compte {len(text)}\u00a0signes. La plus longue en compte {MOST}. Copiez-la, puis raccourcissez-la.")
    row = ItemNoteRow(item_id=item.id, agent_id=agent.id, agent_name=agent.name, text=text.strip(), at=now)
    session.add(row)
    session.flush()
    wanted = named(text)
    session.add_all(NoteMentionRow(note_id=row.id, agent_id=number) for number in {logins[one] for one in wanted if one in logins})
    note(session, agent, What.CHANGED, item.reference, after="note interne", at=now)
    return [one for one in wanted if one not in logins]


def of_item(session: Session, item_id: int) -> Sequence[ItemNoteRow]:
    """Notes about a message, oldest first."""
    return session.scalars(select(ItemNoteRow).filter_by(item_id=item_id).order_by(ItemNoteRow.id)).all()


def unseen(session: Session, agent_id: int) -> int:
    """How many notes name this agent and were not opened since."""
    row = NoteMentionRow
    return session.scalar(select(func.count()).select_from(row).where(row.agent_id == agent_id, row.seen_at.is_(None))) or 0


def naming(session: Session, agent_id: int, limit: int = 50) -> list[tuple[ItemNoteRow, FeedbackItemRow, bool]]:
    """Notes that name an agent with their messages, the latest first, and whether each is new."""
    wanted = (
        select(ItemNoteRow, FeedbackItemRow, NoteMentionRow.seen_at)
        .join(NoteMentionRow, NoteMentionRow.note_id == ItemNoteRow.id)
        .join(FeedbackItemRow, FeedbackItemRow.id == ItemNoteRow.item_id)
        .where(NoteMentionRow.agent_id == agent_id)
        .order_by(ItemNoteRow.id.desc())
        .limit(limit)
    )
    return [(row, item, seen is None) for row, item, seen in session.execute(wanted)]


def see(session: Session, item_id: int, agent_id: int, now: datetime) -> None:
    """The agent has the message open: what names them there is no longer new."""
    here = select(ItemNoteRow.id).where(ItemNoteRow.item_id == item_id)
    mine = (NoteMentionRow.agent_id == agent_id, NoteMentionRow.seen_at.is_(None), NoteMentionRow.note_id.in_(here))
    session.execute(update(NoteMentionRow).where(*mine).values(seen_at=now))
