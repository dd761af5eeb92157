"""Every query of sharing, and the pass that applies the rule. The caller commits."""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from desk.changes import Agent
from desk.model import Status
from desk.sharing import GIVEN_BACK, Move, Rule, Shared, Sharer, Way, share, weight
from desk.sharing_tables import AbsenceRow, AgentSharingRow, GivenBackRow, QueueSharingRow
from desk.tables import ItemChangeRow
from history.model import What
from history.store import note
from people.rights import Right, Role, may
from store.engine import exclusive
from triage.tables import FeedbackItemRow

BY_RULE = "La règle de partage"
MOST_IN_A_PASS = 200
Item = FeedbackItemRow


class Account(Protocol):
    """Somebody who has an account."""

    id: int
    name: str
    role: str
    scopes: list[str]
    disabled: bool


def able(accounts: Sequence[Account]) -> list[Account]:
    """Those who can be given messages."""
    return [one for one in accounts if not one.disabled and may(Role(one.role), Right.HANDLE_MESSAGES)]


def rules(session: Session) -> dict[str, Rule]:
    """How each queue is shared."""
    return {row.queue: Rule(Way(row.way), row.by_commitment) for row in session.scalars(select(QueueSharingRow))}


def people(session: Session, accounts: Sequence[Account], today: date) -> list[Sharer]:
    """Those who can be given messages, with what they have now."""
    held: dict[int, list[int]] = defaultdict(list)
    for holder, rank in session.execute(select(Item.assignee_id, Item.rank).where(Item.status == Status.OPEN)):
        if holder is not None:
            held[holder].append(weight(rank, today))
    served = {row.agent_id: row for row in session.scalars(select(AgentSharingRow))}
    away = {row.agent_id: row for row in absences(session, today) if row.first_day <= today}
    found = []
    for one in able(accounts):
        row, absence = served.get(one.id), away.get(one.id)
        sharer = Sharer(one.id, frozenset(), 0, absence is not None, absence.substitute_id if absence else None, frozenset(one.scopes))
        if row is not None:
            sharer = replace(sharer, queues=frozenset(row.queues), most=row.most, turn=row.turn)
        found.append(replace(sharer, open=len(held[one.id]), weight=sum(held[one.id])))
    return found


def absences(session: Session, today: date) -> Sequence[AbsenceRow]:
    """Absences of now and to come, the nearest first."""
    return session.scalars(select(AbsenceRow).where(AbsenceRow.last_day >= today).order_by(AbsenceRow.first_day, AbsenceRow.id)).all()


def apply_rule(session: Session, accounts: Sequence[Account], now: datetime) -> int:
    """Shares what is to be shared now, in a transaction of its own; how many messages changed hands. `now`: where the agents work.

    One pass at a time; what an agent takes meanwhile stays the agent's.
    """
    exclusive(session, "sharing")
    today, known = now.date(), rules(session)
    everybody = people(session, accounts, today)
    present = [one.id for one in everybody if not one.absent]
    shared = [queue for queue, rule in known.items() if rule.way is not Way.MANUAL]
    recent = select(GivenBackRow.item_id, GivenBackRow.agent_id).where(GivenBackRow.at > now - GIVEN_BACK)
    refused: dict[int, set[int]] = defaultdict(set)
    for item_id, agent_id in session.execute(recent):
        refused[item_id].add(agent_id)
    left = select(Item).where(Item.status == Status.OPEN, Item.assignee_id.is_not(None), Item.assignee_id.not_in(present))
    found = list(session.scalars(left.order_by(Item.rank, Item.id).limit(MOST_IN_A_PASS)))
    for queue in shared:
        if any(not one.absent and queue in one.queues and one.open < one.most for one in everybody):
            waiting = select(Item).where(Item.status == Status.OPEN, Item.queue == queue, Item.assignee_id.is_(None))
            found += session.scalars(waiting.order_by(Item.rank, Item.id).limit(MOST_IN_A_PASS + len(refused)))
    found.sort(key=lambda item: (item.rank, item.id))
    moves, after = share([_shared(item, today, refused) for item in found], known, everybody)
    made = [move for move in moves if _make(session, move, now)]
    turns = {one.id: one.turn for one in everybody}
    for row in session.scalars(select(AgentSharingRow)):
        if row.agent_id in after and after[row.agent_id].turn != turns[row.agent_id]:
            row.turn = after[row.agent_id].turn
    items, names = {item.id: item for item in found}, {one.id: one.name for one in accounts}
    batch = secrets.token_hex(8)
    for move in made:
        session.add(
            ItemChangeRow(
                batch=batch,
                item_id=move.item,
                field="assignee_id",
                before=move.before,
                after=move.after,
                agent_id=0,
                agent_name=BY_RULE,
                at=now,
            )
        )
    session.flush()
    for move in made:
        item = items[move.item]
        before, to = (names.get(one, "compte fermé") if one is not None else f"file {item.queue}" for one in (move.before, move.after))
        why = f"partagé par la règle ({known.get(item.queue, Rule()).way}) : {to}"
        note(session, BY_RULE, What.CHANGED, item.reference, before, why, at=now)
    return len(made)


def set_rule(session: Session, queue: str, rule: Rule) -> None:
    """From the next pass on, the queue is shared so."""
    session.merge(QueueSharingRow(queue=queue, way=rule.way.value, by_commitment=rule.by_commitment))


def set_agent(session: Session, agent_id: int, queues: Sequence[str], most: int) -> None:
    """What an agent serves. `most`: open messages at once."""
    row = session.get(AgentSharingRow, agent_id)
    if row is None:
        # Who begins has had no more turns than the others: else all would come at once.
        turn = session.scalar(select(func.max(AgentSharingRow.turn))) or 0
        session.add(AgentSharingRow(agent_id=agent_id, queues=list(queues), most=most, turn=turn))
    else:
        row.queues, row.most = list(queues), most


def add_absence(session: Session, agent_id: int, first: date, last: date, substitute: int | None, today: date) -> None:
    """Raises ValueError, in words."""
    if last < first:
        raise ValueError("Le dernier jour d'absence vient avant le premier. Corrigez l'une des deux dates.")
    if last < today:
        raise ValueError("Cette absence est déjà finie. Indiquez une date à venir.")
    if substitute == agent_id:
        raise ValueError("Une personne ne peut pas se remplacer elle-même. Choisissez quelqu'un d'autre, ou personne.")
    session.add(AbsenceRow(agent_id=agent_id, first_day=first, last_day=last, substitute_id=substitute))


def give_back(session: Session, items: Sequence[FeedbackItemRow], agent: Agent, reason: str, now: datetime) -> None:
    """Keeps that this agent gave these messages back: the rule gives them to somebody else. The reason is in the history."""
    said = " ".join(reason.replace("\x00", "").split())[:200]
    session.add_all(GivenBackRow(item_id=one.id, agent_id=agent.id, at=now, reason=said) for one in items)
    session.flush()
    for one in items if said else ():
        note(session, agent, What.CHANGED, one.reference, after=f"rendu à la file : {said}", at=now)


def _shared(item: FeedbackItemRow, today: date, refused: dict[int, set[int]]) -> Shared:
    about = {label.slug for label in item.labels} | ({item.origin.service} if item.origin else set())
    return Shared(item.id, item.queue, weight(item.rank, today), frozenset(about), item.assignee_id, frozenset(refused.get(item.id, ())))


def _make(session: Session, move: Move, now: datetime) -> bool:
    """False when an agent was quicker."""
    holder = Item.assignee_id.is_(None) if move.before is None else Item.assignee_id == move.before
    wanted = update(Item).where(Item.id == move.item, Item.status == Status.OPEN, holder)
    done = session.execute(wanted.values(assignee_id=move.after, assigned_at=now if move.after is not None else None))
    assert isinstance(done, CursorResult)
    return done.rowcount == 1
