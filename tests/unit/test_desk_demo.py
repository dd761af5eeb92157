"""The demonstration desk: the same for the same seed, and never among real messages."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from ecoute.demo import NotDemo, fill
from ecoute.settings import Settings
from ecoute.wire import FRENCH_HOLIDAYS, Parts
from store.base import Base
from store.engine import open_engine, session_factory
from triage.search_table import ItemWordsRow
from triage.tables import FeedbackItemRow

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def made(folder: Path, seed: int) -> sessionmaker[Session]:
    engine = open_engine(f"sqlite:///{folder / f'{seed}.db'}")
    Base.metadata.create_all(engine)
    sessions = session_factory(engine)
    fill(sessions, 200, Parts(Settings()).table(), NOW, FRENCH_HOLIDAYS.__contains__, seed)
    return sessions


def shown(sessions: sessionmaker[Session]) -> list[tuple[object, ...]]:
    row = FeedbackItemRow
    with sessions() as session:
        found = [
            tuple(one) for one in session.execute(select(row.reference, row.text, row.queue, row.due_on, row.sender_email).order_by(row.id))
        ]
        assert session.scalar(select(func.count()).select_from(ItemWordsRow)) == 200
    session.get_bind().dispose()  # type: ignore[union-attr]
    return found


def test_the_same_seed_gives_the_same_desk(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = shown(made(tmp_path / "a", 1))
    assert first == shown(made(tmp_path / "b", 1))
    assert first != shown(made(tmp_path / "a", 2))
    assert len({queue for _, _, queue, _, _ in first}) > 8
    assert all(due is None or due >= date(2024, 11, 1) for _, _, _, due, _ in first)


def test_real_messages_are_left_alone(tmp_path: Path) -> None:
    sessions = made(tmp_path, 3)
    with sessions.begin() as session:
        session.get_one(FeedbackItemRow, 1).model = "v1"
    with pytest.raises(NotDemo):
        fill(sessions, 1, Parts(Settings()).table(), NOW, FRENCH_HOLIDAYS.__contains__)
    sessions.kw["bind"].dispose()
