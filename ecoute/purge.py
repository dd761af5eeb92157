"""Forgets what may be kept no longer: conversations, Rasa's own copy of them, codes, sessions."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.orm import Session, sessionmaker

import dossiers.store
import web.accounts.store
import web.chat.store

CODES_KEPT = timedelta(days=1)


def purge(sessions: sessionmaker[Session], rasa_database: Path, now: datetime, kept: timedelta) -> int:
    """Erases what is older than `kept`; gives the number of conversations erased."""
    with sessions.begin() as session:
        erased = web.chat.store.purge(session, now - kept)
        dossiers.store.purge_codes(session, now - CODES_KEPT)
        web.accounts.store.purge_sessions(session, now)
    if rasa_database.exists():
        _purge_rasa(rasa_database, now - kept)
    return erased


def _purge_rasa(path: Path, before: datetime) -> None:
    """Rasa has no deletion of its own: its event table is cleared of all that is too old."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 15})
    with engine.begin() as connection:
        if inspect(connection).has_table("events"):
            connection.execute(text("DELETE FROM events WHERE timestamp < :before"), {"before": before.timestamp()})
    engine.dispose()
