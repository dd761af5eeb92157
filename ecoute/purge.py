"""Forgets what may be kept no longer: conversations, Rasa's own copy of them, codes, sessions, lines of the history."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, column, create_engine, delete, inspect, table
from sqlalchemy.orm import Session, sessionmaker

import conversations.store
import desk.presence
import dossiers.store
import history.store
import web.accounts.sessions

EVENTS = table("events", column("timestamp"), column("sender_id"))
CODES_KEPT = timedelta(days=1)


def purge(sessions: sessionmaker[Session], rasa_database: Path, now: datetime, kept: timedelta, history_kept: timedelta) -> int:
    """Erases what is older than `kept` (lines of the history: than `history_kept`); gives the number of conversations erased."""
    with sessions.begin() as session:
        erased = conversations.store.purge(session, now - kept)
        dossiers.store.purge_codes(session, now - CODES_KEPT)
        web.accounts.sessions.purge_sessions(session, now)
        desk.presence.purge(session, now)
        # Last: the lines of the history wait for each other.
        history.store.purge(session, now - history_kept, at=now)
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
