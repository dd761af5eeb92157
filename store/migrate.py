"""Brings the database to a given version of its tables (Alembic)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Applies the migrations up to `revision`."""
    _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Undoes the migrations down to `revision`. Data in dropped tables is lost."""
    _run(engine, command.downgrade, revision)


def current_revision(engine: Engine) -> str | None:
    """The version the database is at, None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def latest_revision() -> str | None:
    """The newest version this code knows."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _run(engine: Engine, verb: object, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect() as connection, _tables_may_be_rebuilt(connection), connection.begin():
        config.attributes["connection"] = connection
        verb(config, revision)  # type: ignore[operator]
        if _is_sqlite(connection) and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
            raise IntegrityError("PRAGMA foreign_key_check", None, ValueError(f"a row of {broken[0]} would point at nothing"))


@contextmanager
def _tables_may_be_rebuilt(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by copying it and dropping the old one: with foreign keys in force, dropping it would erase, or be refused for,
    the rows that point at it. They are checked at the end instead."""
    raw = connection.connection.dbapi_connection  # outside any transaction, where alone the pragma holds
    if raw is None or not _is_sqlite(connection):
        yield
        return
    raw.cursor().execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.cursor().execute("PRAGMA foreign_keys=ON")


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
