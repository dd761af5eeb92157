"""Who has a message open, and who is answering it. Every query."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from desk.changes import Agent
from desk.model import LEASE, PRESENT, Lease
from desk.tables import AnswerLeaseRow, ItemViewRow
from store.engine import exclusive
from triage.tables import FeedbackItemRow


def look_at(session: Session, item_id: int, agent: Agent, now: datetime) -> None:
    """The agent has the message open."""
    session.merge(ItemViewRow(item_id=item_id, agent_id=agent.id, agent_name=agent.name, seen_at=now))


def leave(session: Session, item_id: int, agent: Agent) -> None:
    """The agent has closed the message."""
    session.execute(delete(ItemViewRow).where(ItemViewRow.item_id == item_id, ItemViewRow.agent_id == agent.id))


def others(session: Session, item_ids: Sequence[int], agent_id: int, now: datetime) -> dict[int, list[str]]:
    """Names of the other agents who have each of these messages open."""
    row = ItemViewRow
    wanted = select(row.item_id, row.agent_name).where(row.item_id.in_(item_ids), row.agent_id != agent_id, row.seen_at > now - PRESENT)
    found: dict[int, list[str]] = {}
    for item_id, name in session.execute(wanted.order_by(row.agent_name)):
        found.setdefault(item_id, []).append(name)
    return found


def everywhere(session: Session, agent_id: int, now: datetime) -> dict[str, list[str]]:
    """Names of the other agents by reference of the message that they have open."""
    row = ItemViewRow
    wanted = select(FeedbackItemRow.reference, row.agent_name).join(FeedbackItemRow, FeedbackItemRow.id == row.item_id)
    found: dict[str, list[str]] = {}
    for reference, name in session.execute(wanted.where(row.agent_id != agent_id, row.seen_at > now - PRESENT).order_by(row.agent_name)):
        found.setdefault(reference, []).append(name)
    return found


def purge(session: Session, now: datetime) -> None:
    """Forgets who had what open, and leases that are over."""
    session.execute(delete(ItemViewRow).where(ItemViewRow.seen_at <= now - PRESENT))
    session.execute(delete(AnswerLeaseRow).where(AnswerLeaseRow.until <= now))


def lease(session: Session, item_id: int, now: datetime) -> Lease | None:
    """Who is answering, None when nobody is."""
    row = session.get(AnswerLeaseRow, item_id)
    found = Lease(row.agent_id, row.agent_name, row.until) if row else None
    return found if found and found.holds(now) else None


def begin_answer(session: Session, item_id: int, agent: Agent, now: datetime, knowingly: bool = False) -> Lease:
    """The lease of the message: this agent's, renewed, unless another holds it. `knowingly`: takes it over from whoever holds it."""
    exclusive(session, f"answer {item_id}")
    row = session.get(AnswerLeaseRow, item_id, populate_existing=True)
    held = Lease(row.agent_id, row.agent_name, row.until) if row else None
    if held and held.keeps_out(agent.id, now) and not knowingly:
        return held
    session.merge(AnswerLeaseRow(item_id=item_id, agent_id=agent.id, agent_name=agent.name, until=now + LEASE))
    session.flush()
    return Lease(agent.id, agent.name, now + LEASE)


def end_answer(session: Session, item_id: int, agent: Agent) -> None:
    """The agent answers no more."""
    session.execute(delete(AnswerLeaseRow).where(AnswerLeaseRow.item_id == item_id, AnswerLeaseRow.agent_id == agent.id))
