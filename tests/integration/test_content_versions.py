"""Versions of contents on both databases: who comes second overwrites nothing, and each text is kept once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from desk import editing_store as kept
from history.store import HistoryRow

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
FILE = "aides/essai"


@dataclass(frozen=True)
class Editor:
    id: int
    name: str


AGNES = Editor(1, "Agnès")


def told(sessions: sessionmaker[Session]) -> list[tuple[str, str, str]]:
    with sessions() as session:
        return [(row.who, row.why, row.text) for row in reversed(kept.versions(session, FILE))]


def test_a_file_is_saved_with_its_version_and_what_came_otherwise_is_one_too(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    path = tmp_path / "essai.yml"
    path.write_text("a: 1\n")
    opened = kept.digest_of(kept.look(sessions, path, FILE, NOW))
    kept.look(sessions, path, FILE, NOW)
    kept.save(sessions, path, FILE, "a: 2 # œuvre 🌱\n", opened, AGNES, "Délibération", at=NOW)
    kept.look(sessions, path, FILE, NOW)
    path.write_text("a: 3\n")
    with pytest.raises(kept.ChangedMeanwhileError):
        kept.save(sessions, path, FILE, "a: 4\n", opened, AGNES, "", at=NOW)
    assert path.read_text() == "a: 3\n"
    kept.look(sessions, path, FILE, NOW)
    assert told(sessions) == [
        ("fichier", "Premier texte connu", "a: 1\n"),
        ("Agnès", "Délibération", "a: 2 # œuvre 🌱\n"),
        ("fichier", "", "a: 3\n"),
    ]
    with sessions() as session:
        assert kept.text_by_digest(session, FILE, opened) == "a: 1\n"
        assert [row.about for row in session.query(HistoryRow)] == [f"contenu {FILE}"]


def test_of_many_who_save_at_once_one_is_kept(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    path = tmp_path / "essai.yml"
    path.write_text("a: 0\n")
    opened = kept.digest_of(kept.look(sessions, path, FILE, NOW))

    def save(number: int) -> bool:
        try:
            kept.save(sessions, path, FILE, f"a: {number}\n", opened, AGNES, "", at=NOW)
        except kept.ChangedMeanwhileError:
            return False
        finally:
            kept.look(sessions, path, FILE, NOW)
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(save, range(1, 7))) == 1
    assert [who for who, _, _ in told(sessions)] == ["fichier", "Agnès"]
    assert told(sessions)[-1][2] == path.read_text()
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".nouveau")] == []


def test_a_file_that_is_no_text_is_left_alone(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    path = tmp_path / "essai.yml"
    for content in (b"a: \0\n", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(ValueError):  # noqa: PT011 - a file that is not UTF-8 has an error of its own
            kept.look(sessions, path, FILE, NOW)
    with pytest.raises(kept.CannotWriteError):
        kept.save(sessions, path, FILE, "a: 1\n", "", AGNES, "", at=NOW)
    assert told(sessions) == []
