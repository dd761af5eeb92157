"""Finds the mails in what is given to import: mbox, Maildir, .eml, folder or zip of .eml. One in memory at a time."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from triage.mbox import MOST_BYTES, begins_as_mbox, split

TOO_HEAVY = f"message trop lourd : {MOST_BYTES // 1_000_000} Mo au plus"
MAILDIR = ("cur", "new")
LEFT_OUT = {"D": "brouillon", "T": "message supprimé"}
"""Flags of a Maildir whose mails are not taken."""


class Sort(StrEnum):
    """What a path holds."""

    MBOX = "mbox"
    MAILDIR = "maildir"
    EML = "eml"
    ZIP = "zip"
    FOLDER = "folder"
    CSV = "csv"


@dataclass(frozen=True)
class Found:
    """A mail, or why there is none. `place`: a line or a name within the file; `read`: bytes of the file read so far."""

    place: str
    raw: bytes | None
    reason: str
    read: int


def sort_of(path: Path) -> Sort | None:
    """What a path holds, None when it is nothing that can be imported. Raises OSError."""
    if path.is_dir():
        return Sort.MAILDIR if any((path / name).is_dir() for name in MAILDIR) else Sort.FOLDER
    with path.open("rb") as file:
        start = file.read(512)
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return Sort.CSV
    if start.startswith(b"PK\x03\x04") or suffix == ".zip":
        return Sort.ZIP
    if begins_as_mbox(start) or suffix == ".mbox":
        return Sort.MBOX
    return Sort.EML if suffix == ".eml" else None


def weight(path: Path) -> int:
    """Bytes to read, for a bar."""
    if path.is_dir():
        return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
    return path.stat().st_size


def mails(path: Path, sort: Sort) -> Iterator[Found]:
    """The mails of a path, in order. Raises OSError when it cannot be read at all."""
    readers = {Sort.MBOX: _from_mbox, Sort.ZIP: _from_zip, Sort.MAILDIR: _from_maildir, Sort.FOLDER: _from_folder, Sort.EML: _from_file}
    return readers[sort](path)


def _from_mbox(path: Path) -> Iterator[Found]:
    with path.open("rb") as file:
        none = True
        for piece in split(file):
            none = False
            yield Found(str(piece.line), piece.raw, "" if piece.raw is not None else TOO_HEAVY, file.tell())
        if none:
            yield Found("1", None, "aucun message : le fichier n'est pas une boîte mbox", file.tell())


def _from_file(path: Path) -> Iterator[Found]:
    yield _read(path, "", 0)


def _from_folder(path: Path) -> Iterator[Found]:
    yield from _each(path, sorted(one for one in path.rglob("*") if one.suffix.lower() == ".eml" and _is_own(one)))


def _from_maildir(path: Path) -> Iterator[Found]:
    """The mails of the folder and of those inside it."""
    inboxes = sorted(one for name in MAILDIR for one in path.rglob(name) if one.is_dir() and not one.is_symlink())
    yield from _each(path, (file for inbox in inboxes for file in sorted(inbox.iterdir()) if _is_own(file) and file.name[0] != "."))


def _is_own(file: Path) -> bool:
    """A link in what somebody gave us could lead to any file of this machine."""
    return file.is_file() and not file.is_symlink()


def _each(root: Path, files: "Iterator[Path] | list[Path]") -> Iterator[Found]:
    read = 0
    for file in files:
        place = str(file.relative_to(root))
        flags = file.name.partition(":2,")[2]
        reason = next((why for flag, why in LEFT_OUT.items() if flag in flags), "") if flags else ""
        if reason:
            yield Found(place, None, reason, read)
            continue
        found = _read(file, place, read)
        read = found.read
        yield found


def _read(file: Path, place: str, before: int) -> Found:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as error:
        return Found(place, None, f"fichier illisible : {error.strerror}", before)
    heavy = len(raw) > MOST_BYTES
    return Found(place, None if heavy else raw, TOO_HEAVY if heavy else "", before + len(raw))


def _from_zip(path: Path) -> Iterator[Found]:
    """Its .eml members, each bounded whatever its size is said to be."""
    try:
        with zipfile.ZipFile(path) as archive:
            read = 0
            for member in archive.infolist():
                if member.is_dir() or member.filename.startswith("__MACOSX/"):
                    continue
                read += member.compress_size
                raw, reason = _member(archive, member)
                yield Found(member.filename, raw, reason, read)
    except (zipfile.BadZipFile, ValueError) as error:
        yield Found("", None, f"archive zip abîmée : {error}", 0)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[bytes | None, str]:
    if not member.filename.lower().endswith(".eml"):
        return None, "ce n'est pas un fichier .eml"
    if member.flag_bits & 1:
        return None, "fichier chiffré"
    try:
        with archive.open(member) as stream:
            raw = stream.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        return None, f"fichier abîmé dans l'archive : {error}"
    return (None, TOO_HEAVY) if len(raw) > MOST_BYTES else (raw, "")
