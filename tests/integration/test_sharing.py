"""The rule applied to a desk, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker
from test_desk import add

from desk import sharing_store as sharing
from desk.sharing import GIVEN_BACK, Rule, Way
from history.store import HistoryRow, examine
from triage.tables import FeedbackItemRow
from web.accounts.model import Agent

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
Sessions = sessionmaker[Session]


@dataclass
class Person:
    id: int
    name: str
    role: str = "agent"
    disabled: bool = False
    scopes: list[str] = field(default_factory=list)


TEAM = [Person(1, "Agnès"), Person(2, "Marc"), Person(3, "Ines", "administrateur")]


def set_up(sessions: Sessions, way: Way = Way.TURN, most: int = 20) -> None:
    with sessions.begin() as session:
        sharing.set_rule(session, "Délais", Rule(way))
        for person in TEAM:
            sharing.set_agent(session, person.id, ["Délais"], most)


def apply(sessions: Sessions, now: datetime = NOW, team: list[Person] = TEAM) -> int:
    with sessions.begin() as session:
        return sharing.apply_rule(session, team, now)


def holders(sessions: Sessions) -> dict[int | None, int]:
    with sessions() as session:
        by_holder = select(FeedbackItemRow.assignee_id, func.count()).group_by(FeedbackItemRow.assignee_id)
        return {holder: count for holder, count in session.execute(by_holder)}


@pytest.mark.parametrize("way", [Way.TURN, Way.LOAD])
def test_messages_are_shared_up_to_the_bound_and_told(sessions: Sessions, way: Way) -> None:
    for n in range(5):
        add(sessions, f"{n}")
    add(sessions, "ailleurs", queue="Accueil")
    set_up(sessions, way, most=2)
    assert apply(sessions) == 4
    assert apply(sessions) == 0
    assert holders(sessions) == {1: 2, 2: 2, None: 2}
    with sessions() as session:
        told = session.scalars(select(HistoryRow.after).where(HistoryRow.who == sharing.BY_RULE)).all()
        assert len(told) == 4
        assert all(line and line.startswith("partagé par la règle") for line in told)
        assert examine(session) == []


def test_nothing_stays_with_who_is_absent_and_the_promised_day_stays(sessions: Sessions) -> None:
    for n in range(4):
        add(sessions, f"{n}")
    set_up(sessions)
    apply(sessions)
    with sessions.begin() as session:
        sharing.add_absence(session, 1, NOW.date() + timedelta(days=1), NOW.date() + timedelta(days=3), 2, NOW.date())
    assert apply(sessions) == 0
    assert apply(sessions, NOW + timedelta(days=1)) == 2
    assert holders(sessions) == {2: 4}
    with sessions() as session:
        assert set(session.scalars(select(FeedbackItemRow.due_on))) == {date(2026, 12, 1)}
    assert apply(sessions, team=[TEAM[0], Person(2, "Marc", disabled=True)]) == 4
    assert holders(sessions) == {1: 4}


def test_what_was_given_back_does_not_come_back_at_once(sessions: Sessions) -> None:
    add(sessions, "0")
    set_up(sessions)
    apply(sessions, team=TEAM[:1])
    with sessions.begin() as session:
        item = session.scalars(select(FeedbackItemRow)).one()
        item.assignee_id = None
        sharing.give_back(session, [item], Agent(1, "agnes", "Agnès"), "hors de ma compétence", NOW)
    assert apply(sessions, team=TEAM[:1]) == 0
    assert apply(sessions, NOW + GIVEN_BACK, TEAM[:1]) == 1


def test_two_processes_at_once_give_nothing_twice(sessions: Sessions) -> None:
    for n in range(12):
        add(sessions, f"{n}")
    set_up(sessions)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: apply(sessions), range(4))) == 12
    assert holders(sessions) == {1: 6, 2: 6}


@pytest.mark.parametrize(("first", "last", "substitute"), [(3, 1, None), (-3, -1, None), (0, 1, 1)])
def test_an_absence_that_cannot_be_is_refused_in_words(sessions: Sessions, first: int, last: int, substitute: int | None) -> None:
    days = [NOW.date() + timedelta(days=n) for n in (first, last)]
    with sessions.begin() as session, pytest.raises(ValueError, match=r"\."):
        sharing.add_absence(session, 1, days[0], days[1], substitute, NOW.date())
