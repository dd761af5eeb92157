"""What may be kept no longer is forgotten, in Rasa's own database too."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from conversations import store as chat
from ecoute.purge import purge

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_old_conversations_are_erased_everywhere_and_recent_ones_kept(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    with sessions.begin() as session:
        old, recent = (chat.start(session, NOW - timedelta(days=days)) for days in (31, 29))
    rasa = tmp_path / "rasa.db"
    with sqlite3.connect(rasa) as connection:
        connection.execute("CREATE TABLE events (sender_id TEXT, timestamp REAL)")
        rows = [("ancien", (NOW - timedelta(days=31)).timestamp()), ("recent", (NOW - timedelta(days=29)).timestamp())]
        connection.executemany("INSERT INTO events VALUES (?, ?)", rows)
    connection.close()
    assert purge(sessions, rasa, NOW, timedelta(days=30), timedelta(days=365)) == 1
    with sessions() as session:
        assert chat.find(session, old) is None
        assert chat.find(session, recent) is not None
    connection = sqlite3.connect(rasa)
    assert connection.execute("SELECT sender_id FROM events").fetchall() == [("recent",)]
    connection.close()
