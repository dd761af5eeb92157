"""Forgets what may be kept no longer: conversations, Rasa's own copy of them, codes, sessions."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, column, create_engine, delete, inspect, table
from sqlalchemy.orm import Session, sessionmaker

import conversations.store
import dossiers.store
import web.accounts.store

EVENTS = table("events", column("timestamp"), column("sender_id"))
CODES_KEPT = timedelta(days=1)


def purge(sessions: sessionmaker[Session], rasa_database: Path, now: datetime, kept: timedelta) -> int:
    """Erases what is older than `kept`; gives the number of conversations erased."""
    with sessions.begin() as session:
        erased = conversations.store.purge(session, now - kept)
        dossiers.store.purge_codes(session, now - CODES_KEPT)
        web.accounts.store.purge_sessions(session, now)
    _delete_at_rasa(rasa_database, EVENTS.c.timestamp < (now - kept).timestamp())
    return erased


def forget_at_rasa(path: Path, conversation_id: str) -> None:
    """Erases what Rasa keeps of one conversation."""
    _delete_at_rasa(path, EVENTS.c.sender_id == conversation_id)


def _delete_at_rasa(path: Path, condition: ColumnElement[bool]) -> None:
    """Rasa has no deletion of its own: its event table is cleared for it."""
    if not path.exists():
        return
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 15})
    with engine.begin() as connection:
        if inspect(connection).has_table(EVENTS.name):
            connection.execute(delete(EVENTS).where(condition))
    engine.dispose()
