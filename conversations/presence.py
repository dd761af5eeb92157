"""Which agents are there to take conversations: those who said so, and whose console is open. Every query."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.tables import AgentPresenceRow


def declare(session: Session, agent_id: int, available: bool, now: datetime, after_hours: bool = False) -> None:
    """The agent takes conversations from now on, or takes no more. `after_hours`: outside the agents' hours too, by choice."""
    row = session.get(AgentPresenceRow, agent_id)
    if row is None:
        session.add(AgentPresenceRow(agent_id=agent_id, available=available, after_hours=after_hours, seen_at=now))
    else:
        row.available, row.after_hours, row.seen_at = available, after_hours, now


def is_available(session: Session, agent_id: int) -> bool:
    """Whether the agent said to take conversations."""
    row = session.get(AgentPresenceRow, agent_id)
    return row is not None and row.available


def hear_of(session: Session, agent_id: int, now: datetime) -> None:
    """The agent's console is open."""
    row = session.get(AgentPresenceRow, agent_id)
    if row is not None:
        row.seen_at = now


def present(session: Session, now: datetime, absent: timedelta, is_open: bool) -> list[int]:
    """The agents who take conversations now. `absent`: after how long without a sign a console counts as closed."""
    row = AgentPresenceRow
    wanted = select(row.agent_id).where(row.available.is_(True), row.seen_at > now - absent)
    return list(session.scalars(wanted if is_open else wanted.where(row.after_hours.is_(True))))


def seen_at(session: Session, agent_id: int | None) -> datetime | None:
    """When the console of this agent was last heard of."""
    row = session.get(AgentPresenceRow, agent_id) if agent_id is not None else None
    return row.seen_at if row else None
