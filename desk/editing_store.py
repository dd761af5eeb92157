"""Versions of the content files, and the one way to write such a file.

The file is the truth: a Region may edit it by other means, and what is found changed becomes a version written by "fichier".
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from history.model import What
from history.store import Person, note
from store.base import Base, UtcDateTime

BY_FILE = "fichier"
"""Who wrote what did not come by the console."""


class ContentVersionRow(Base):
    __tablename__ = "content_version"
    __table_args__ = (Index("ix_content_version_file", "file", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person: Mapped[int | None]
    who: Mapped[str] = mapped_column(String(200))
    why: Mapped[str] = mapped_column(String(300))
    digest: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)


class ChangedMeanwhileError(Exception):
    """Ce contenu a changé depuis que vous l'avez ouvert. Rien n'est enregistré. `text`: what the file holds now."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class CannotWriteError(Exception):
    """Le fichier n'a pas pu être écrit. Rien n'a changé. Prévenez qui tient le serveur."""


def digest_of(text: str) -> str:
    """What tells one text from another: SHA-256."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def text_of(path: Path) -> str:
    """The text of a content file. Raises OSError, and ValueError when it is none."""
    text = path.read_bytes().decode("utf-8")
    if "\0" in text:  # PostgreSQL keeps none
        raise ValueError("caractère nul")
    return text


def look(sessions: sessionmaker[Session], path: Path, file: str, at: datetime) -> str:
    """The text of the file at `path`, kept as a version by "fichier" when it is not the last one known. Raises as `text_of`."""
    with _alone(path.parent):
        text = text_of(path)
        with sessions() as session:
            known = _last_digest(session, file) == digest_of(text)
        if not known:
            with sessions.begin() as session:
                _note_outside(session, file, text, at)
    return text


def _last_digest(session: Session, file: str) -> str | None:
    return session.scalar(
        select(ContentVersionRow.digest).where(ContentVersionRow.file == file).order_by(ContentVersionRow.id.desc()).limit(1)
    )


def _note_outside(session: Session, file: str, text: str, at: datetime) -> None:
    last = _last_digest(session, file)
    if last != digest_of(text):
        why = "" if last else "Premier texte connu"
        session.add(ContentVersionRow(file=file, at=at, person=None, who=BY_FILE, why=why, digest=digest_of(text), text=text))
        session.flush()


def save(sessions: sessionmaker[Session], path: Path, file: str, text: str, opened: str, who: Person, why: str, *, at: datetime) -> None:
    """Writes `text` to the file at `path` as a new version. `opened`: digest of the text that was edited.

    The file is replaced in one go, at the end of the transaction: should that one fail, the text is a version by "fichier" at the next
    look. Raises ChangedMeanwhileError and CannotWriteError; nothing is changed then.
    """
    try:
        with _alone(path.parent), sessions.begin() as session:
            now = text_of(path)
            if digest_of(now) != opened:
                raise ChangedMeanwhileError(now)
            if now == text:
                return
            _note_outside(session, file, now, at)
            session.add(
                ContentVersionRow(file=file, at=at, person=who.id, who=who.name[:200], why=why[:300], digest=digest_of(text), text=text)
            )
            session.flush()
            note(session, who, What.CHANGED, f"contenu {file}", digest_of(now)[:12], f"{digest_of(text)[:12]} {why}".strip(), at=at)
            _replace(path, text)
    except (OSError, ValueError) as error:
        raise CannotWriteError from error


def versions(session: Session, file: str, limit: int = 100) -> Sequence[ContentVersionRow]:
    """Newest first."""
    return session.scalars(
        select(ContentVersionRow).where(ContentVersionRow.file == file).order_by(ContentVersionRow.id.desc()).limit(limit)
    ).all()


def version(session: Session, file: str, number: int) -> tuple[ContentVersionRow, ContentVersionRow | None] | None:
    """A version of this file and the one before it; None when it is none."""
    chosen = select(ContentVersionRow).where(ContentVersionRow.file == file, ContentVersionRow.id <= number)
    found = session.scalars(chosen.order_by(ContentVersionRow.id.desc()).limit(2)).all()
    if not found or found[0].id != number:
        return None
    return found[0], found[1] if len(found) > 1 else None


def text_by_digest(session: Session, file: str, digest: str) -> str | None:
    """The text that somebody opened; None when this file never held it."""
    return session.scalar(select(ContentVersionRow.text).where(ContentVersionRow.file == file, ContentVersionRow.digest == digest).limit(1))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer at a time in a folder, whatever its process."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, text: str) -> None:
    mode = path.stat().st_mode & 0o777
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".nouveau")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
