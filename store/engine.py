"""Opens the database: SQLite with the settings that make it safe under several processes, or PostgreSQL by URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session, sessionmaker

BUSY_TIMEOUT_SECONDS = 15

_READS = "ecoute_reads"


def open_engine(url: str) -> Engine:
    """Engine for `url`. SQLite files get their folder, WAL, foreign keys and a busy time-out.

    Errors hide the values of their statement: a log must hold nobody's words. A transaction on SQLite begins with BEGIN IMMEDIATE:
    a reader that turns writer would otherwise fail at once with "database is locked", whatever the time-out. Those that only read
    (`Sessions`) wait for nobody, and can write nothing.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def exclusive(session: Session, name: str) -> None:
    """Lets one transaction at a time go on under this name, until it ends: what it counts cannot change meanwhile.

    SQLite lets one write at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})


class Sessions(sessionmaker[Session]):
    """Called, gives a session that only reads: a write in it is refused by the database (OperationalError on SQLite, InternalError on
    PostgreSQL). `begin()` gives one that writes, committed at the end of its block.

    Objects stay readable after the end of their session.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, expire_on_commit=False)
        self._reading = _only_reads(engine)

    def configure(self, **new_kw: Any) -> None:
        super().configure(**new_kw)
        self._reading = _only_reads(self.kw["bind"])

    def __call__(self, **local_kw: Any) -> Session:
        return super().__call__(**{"bind": self._reading} | local_kw)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with super().__call__() as session, session.begin():
            yield session


def _only_reads(engine: Engine) -> Engine:
    """The same connections, for transactions that write nothing."""
    return engine.execution_options(postgresql_readonly=True, **{_READS: True})


def session_factory(engine: Engine) -> Sessions:
    """Sessions on this database."""
    return Sessions(engine)


def _begin_sqlite(connection: Connection) -> None:
    reads = bool(connection.get_execution_options().get(_READS))
    # A connection goes from one use to the other: what it may do is remembered with it.
    if connection.info.get(_READS, False) != reads:
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads else 'OFF'}")
        connection.info[_READS] = reads
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")
