"""Files that came with a form: kept once by content and compressed, listed beside the message, never opened. The caller commits."""

import mimetypes
import zlib
from dataclasses import asdict

from sqlalchemy.orm import Session

from triage import store
from triage.decode import clean
from triage.model import Attachment, File
from triage.store import Packed
from triage.tables import AttachmentFileRow

UNKNOWN = "application/octet-stream"
LONGEST_NAME = 200


def told_by_name(name: str) -> str:
    """The media type that a file's name claims: what is inside is not looked at."""
    return mimetypes.guess_type(name, strict=True)[0] or UNKNOWN


def plain_name(name: str) -> str:
    """A file's name on one line, without the folders that some browsers send along, its extension kept."""
    name = " ".join(clean(name).replace("\\", "/").rsplit("/", 1)[-1].split())
    stem, stop, extension = name.rpartition(".")
    most = LONGEST_NAME - len(stop) - len(extension)
    return f"{stem[:most]}{stop}{extension}" if most > 0 and stem else name[:LONGEST_NAME]


def listed(file: File, packed: Packed) -> Attachment:
    """How a kept file is told in its message."""
    return Attachment(file.name, file.media_type, packed.size, packed.sha256)


def keep_file(session: Session, packed: Packed) -> None:
    """Keeps the bytes of a file, once."""
    if session.get(AttachmentFileRow, packed.sha256) is None:
        session.add(AttachmentFileRow(**asdict(packed)))
        session.flush()


def read_kept(session: Session, sha256: str) -> bytes:
    """Bytes of a file kept. Raises KeyError when they are not."""
    row = session.get(AttachmentFileRow, sha256)
    if row is None:
        raise KeyError(sha256)
    return zlib.decompress(row.compressed)


def read_attachment(session: Session, reference: str, number: int) -> File:
    """The file at this place (from 1) among those of a message. Raises KeyError when it is not kept: a mail's own are in the mail."""
    item = store.get_item(session, reference)
    if item is None or not 1 <= number <= len(item.attachments):
        raise KeyError(number)
    told = item.attachments[number - 1]
    row = session.get(AttachmentFileRow, told.get("sha256") or "")
    if row is None:
        raise KeyError(number)
    return File(told["name"], told["media_type"], zlib.decompress(row.compressed))
