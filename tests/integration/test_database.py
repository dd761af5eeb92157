"""The engine and the migrations, on both databases."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, Table, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session, sessionmaker

from ecoute.tables import metadata
from store.engine import open_engine
from store.migrate import current_revision, downgrade, latest_revision, upgrade
from triage.tables import FeedbackLabelRow, MailLedgerRow, RawMessageRow


def test_migrations_come_to_the_tables_of_the_code_and_go_back(engine: Engine) -> None:
    assert current_revision(engine) is None
    upgrade(engine)
    assert current_revision(engine) == latest_revision()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _ours})
        assert compare_metadata(context, metadata) == []
    upgrade(engine)
    downgrade(engine)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())


@pytest.mark.parametrize("before", ["0005", "0009"])
def test_what_a_database_holds_survives_the_migrations_to_come(engine: Engine, before: str) -> None:
    upgrade(engine, before)
    tables = MetaData()
    tables.reflect(engine)
    held = {"raw_message": {"sha256": "0" * 64}, "feedback_item": {"id": 1, "status": "waiting"}, "feedback_label": {"item_id": 1}}
    with engine.begin() as connection:
        for name, known in held.items():
            connection.execute(tables.tables[name].insert(), _row(tables.tables[name], known))
    upgrade(engine)
    with engine.connect() as connection:
        counts = {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in held}
        assert counts == dict.fromkeys(held, 1)
        assert connection.scalar(text("SELECT remind_on FROM feedback_item")) is not None
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE feedback_label SET item_id = 999"))


def _row(table: Table, known: dict[str, Any]) -> dict[str, Any]:
    """A row with something in every column that must hold something."""
    samples = {
        str: "avis",
        int: 1,
        float: 0.5,
        bool: False,
        datetime: datetime(2026, 11, 24, tzinfo=UTC),
        date: date(2026, 11, 24),
        bytes: b"x",
    }
    wanted = [column for column in table.columns if not column.nullable and column.server_default is None and column.name not in known]
    return known | {column.name: [] if "JSON" in str(column.type) else samples[column.type.python_type] for column in wanted}


def _ours(name: str | None, _kind: str, _parents: object) -> bool:
    """The index of the search is the database's own: its tables are not described in the code."""
    return not (name or "").startswith("item_search")


def test_foreign_keys_are_enforced(sessions: sessionmaker[Session]) -> None:
    with pytest.raises(IntegrityError), sessions.begin() as session:
        session.add(FeedbackLabelRow(item_id=999, slug="delais", confidence=1, evidence=[]))


def test_a_time_without_zone_is_refused(sessions: sessionmaker[Session]) -> None:
    naive = datetime(2026, 11, 24)  # noqa: DTZ001 - what is refused
    row = MailLedgerRow(mailbox="m", folder="f", uidvalidity=1, uid=1, sha256="0", outcome="pending", seen_at=naive)
    with pytest.raises(StatementError, match="naive time"), sessions.begin() as session:
        session.add(row)


def test_sqlite_is_set_for_several_processes(tmp_path_factory: pytest.TempPathFactory) -> None:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('base') / 'dossier' / 'a.db'}")
    with engine.connect() as connection:
        settings = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "foreign_keys", "busy_timeout")}
    engine.dispose()
    assert settings == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 15000}


def raw(name: str) -> RawMessageRow:
    return RawMessageRow(sha256=name, compressed=b"", size=0)


def kept(session: Session) -> list[str]:
    return list(session.scalars(select(RawMessageRow.sha256).order_by(RawMessageRow.sha256)))


def test_a_session_that_reads_can_write_nothing_and_the_next_one_can(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        assert kept(session) == []
        session.add(raw("a"))
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            session.flush()
    with sessions.begin() as session:  # the same connection, given back to the pool
        session.add(raw("b"))
    with sessions() as session:
        session.add(raw("c"))
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            session.flush()
    with sessions() as session:
        assert kept(session) == ["b"]


def test_who_reads_waits_for_nobody_and_holds_nobody_up(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as writing:
        writing.add(raw("a"))
        writing.flush()
        with sessions() as one, sessions() as other:
            assert kept(one) == kept(other) == []
    with sessions() as reading:
        assert kept(reading) == ["a"]
        with sessions.begin() as writing:
            writing.add(raw("b"))
    with sessions() as reading:
        assert kept(reading) == ["a", "b"]


def test_sessions_turned_to_another_database_read_there(sessions: sessionmaker[Session], tmp_path_factory: pytest.TempPathFactory) -> None:
    other = open_engine(f"sqlite:///{tmp_path_factory.mktemp('autre') / 'a.db'}")
    upgrade(other)
    with sessions.begin() as session:
        session.add(raw("a"))
    sessions.configure(bind=other)
    with sessions() as session:
        assert kept(session) == []
    other.dispose()


def test_what_fails_in_a_session_that_writes_is_undone(sessions: sessionmaker[Session]) -> None:
    label = FeedbackLabelRow(item_id=999, slug="delais", confidence=1, evidence=[])
    with pytest.raises(IntegrityError), sessions.begin() as session:
        session.add_all([raw("a"), label])
    with sessions() as session:
        assert kept(session) == []


def test_writers_wait_for_each_other(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))

    def add() -> None:
        for _ in range(20):
            with engine.begin() as connection:
                lock = "" if engine.dialect.name == "sqlite" else " FOR UPDATE"
                n = connection.execute(text(f"SELECT n FROM counter{lock}")).scalar_one()
                connection.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT n FROM counter")).scalar() == 80
