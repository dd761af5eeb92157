"""The engine and the migrations, on both databases."""

import threading
from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session, sessionmaker

from ecoute.tables import metadata
from store.engine import open_engine
from store.migrate import current_revision, downgrade, latest_revision, upgrade
from triage.tables import FeedbackLabelRow, MailLedgerRow


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
