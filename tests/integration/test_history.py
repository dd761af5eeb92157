"""The history on both databases: lines are added, never changed, and leave by age only."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from history import store
from history.model import What
from store.base import Base
from web.accounts.model import Agent

NOW = datetime.now(UTC)
AGNES = Agent(7, "agnes", "Agnès Martin")


@pytest.fixture(params=["migrations", "tables"])
def made(request: pytest.FixtureRequest, engine: Engine) -> sessionmaker[Session]:
    """The tables as the migrations make them, and as the code does: both refuse the same."""
    if request.param == "migrations":
        made: sessionmaker[Session] = request.getfixturevalue("sessions")
        return made
    Base.metadata.create_all(engine)
    return sessionmaker(engine, expire_on_commit=False)


def fill(sessions: sessionmaker[Session], days_ago: list[int]) -> None:
    for days in days_ago:
        with sessions.begin() as session:
            store.note(session, AGNES, What.CHANGED, f"AV-{days}", "Délais", "Accueil", at=NOW - timedelta(days=days))


def test_nobody_changes_a_line(made: sessionmaker[Session]) -> None:
    fill(made, [400, 300, 1])
    orders = ["UPDATE history SET who = 'x'", "DELETE FROM history", "DELETE FROM history WHERE number = 2"]
    if made.kw["bind"].dialect.name == "postgresql":
        orders.append("TRUNCATE history")
    for order in orders:
        with pytest.raises(DBAPIError, match="history lines"), made.begin() as session:
            session.execute(text(order))
    with made() as session:
        assert len(store.find(session, store.Wanted(), 10)) == 3
        assert store.examine(session) == []


def test_old_lines_leave_after_a_line_that_says_so_and_the_chain_holds(made: sessionmaker[Session]) -> None:
    fill(made, [500, 400, 300, 10])
    with made.begin() as session:
        assert store.purge(session, NOW - timedelta(days=365), at=NOW) == 2
    with made() as session:
        assert [row.what for row in store.find(session, store.Wanted(), 10)] == ["purge", "change", "change"]
        assert store.examine(session) == []
    with made.begin() as session:
        assert store.purge(session, NOW - timedelta(days=365), at=NOW) == 0
    fill(made, [0])
    with made.begin() as session:
        assert store.purge(session, NOW, at=NOW) == 1  # the one of 300 days; never one younger than 180
        assert store.examine(session) == []


def test_a_false_purge_does_not_take_young_lines(made: sessionmaker[Session]) -> None:
    fill(made, [20, 10])
    with made.begin() as session:
        store.note(session, "x", What.PURGED, "historique", "1-2", "0" * 64, at=NOW)
    with pytest.raises(DBAPIError, match="history lines"), made.begin() as session:
        session.execute(text("DELETE FROM history WHERE number = 1"))


def test_what_is_changed_behind_the_triggers_is_seen(made: sessionmaker[Session]) -> None:
    fill(made, [3, 2, 1])
    on_sqlite = made.kw["bind"].dialect.name == "sqlite"
    with made.begin() as session:
        session.execute(text("DROP TRIGGER history_never_changes" + ("" if on_sqlite else " ON history")))
        session.execute(text("UPDATE history SET about = 'AV-9' WHERE number = 2"))
    with made() as session:
        assert store.examine(session) == ["la ligne 2 a été modifiée"]


def test_lines_written_at_once_make_one_chain(made: sessionmaker[Session]) -> None:
    def write() -> None:
        for _ in range(10):
            with made.begin() as session:
                store.note(session, AGNES, What.READ, "AV-1", at=NOW)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with made() as session:
        assert store.last_entry(session)[0] == 40
        assert store.examine(session) == []


def test_a_line_falls_with_what_it_tells(made: sessionmaker[Session]) -> None:
    with made.begin() as session:
        store.note(session, AGNES, What.CHANGED, "AV-1", at=NOW)
        session.rollback()
    with made() as session:
        assert store.last_entry(session) == (0, "0" * 64)


def test_lines_are_found_by_person_thing_and_day(made: sessionmaker[Session]) -> None:
    fill(made, [3, 2, 1])
    with made.begin() as session:
        store.note(session, Agent(8, "luc", "Luc Petit"), What.READ, "AV-2", at=NOW)
        store.note_reading(session, AGNES, "AV-2", at=NOW)
        store.note_reading(session, AGNES, "AV-2", at=NOW + timedelta(minutes=14))
        store.note_reading(session, AGNES, "AV-2", at=NOW + timedelta(minutes=16))
        store.note(session, AGNES, What.CHANGED, "AV-2", "x" * 900, "\x00\ud800", at=NOW)
    with made() as session:
        assert [row.about for row in store.find(session, store.Wanted(person=8), 10)] == ["AV-2"]
        assert len(store.find(session, store.Wanted(about="AV-2"), 10)) == 5
        assert len(store.find(session, store.Wanted(since=NOW - timedelta(days=2), until=NOW), 10)) == 2
        assert [row.number for row in store.find(session, store.Wanted(), 2, 1)] == [6, 5]
        assert len(store.find(session, store.Wanted(about="AV-2"), 1)[0].before or "") == 500
        assert store.examine(session) == []
