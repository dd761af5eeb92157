"""Brings the database to a given version of its tables (Alembic)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

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
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        verb(config, revision)  # type: ignore[operator]
