"""Finds the text a person wrote in a mail's parts, and lists what is attached. Pure."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message as Mail

from inscriptis import get_text

from triage.decode import clean, to_text
from triage.model import Attachment

MAX_PARTS = 500
MAX_DRAWING = 20_000_000
"""Rows of tables times characters of text: beyond, HTML is not laid out, only its tags are taken off."""

_TAG = re.compile(r"<[^<>]*>")
_UNSEEN = re.compile(r"<(style|script|title)\b(?:(?!</\1).)*|<!--(?:(?!-->).)*", re.IGNORECASE | re.DOTALL)
_STUB = re.compile(r"html|navigateur|browser", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\s\u200c\u200d\u200e\u200f\u2800]+")


@dataclass(frozen=True)
class Part:
    """A leaf of the mail, decoded. `attached`: it is a file, not the body."""

    media_type: str
    charset: str | None
    name: str
    attached: bool
    flowed: bool
    raw: bytes


def leaves(mail: Mail) -> list[Part]:
    """The mail's parts, attached messages not opened."""
    found = []
    for part in _walk(mail):
        found.append(_part(part))
        if len(found) == MAX_PARTS:
            break
    return found


def text_of(parts: list[Part], limit: int) -> str:
    """The body, at most `limit` characters: plain text, else HTML as text, else whatever text there is. Never empty when one is not."""
    plain = _joined([_plain(part, limit) for part in parts if part.media_type == "text/plain" and not part.attached])
    rich = [part for part in parts if part.media_type == "text/html" and not part.attached]
    if _blank(plain) or (rich and len(plain) < 300 and _STUB.search(plain)):
        shown = _joined([_from_html(part, limit) for part in rich])
        # "Your program does not show HTML" is no message when the HTML says more.
        if not _blank(shown) and (_blank(plain) or len(shown) > 2 * len(plain)):
            plain = shown
    if _blank(plain):
        others = [part for part in parts if part.media_type.startswith("text/") or part.media_type == "message/rfc822"]
        plain = next((text for text in (_any_text(part, limit) for part in others) if not _blank(text)), "")
    return plain[:limit]


def attachments_of(parts: list[Part]) -> tuple[Attachment, ...]:
    """What came with the text, in order."""
    return tuple(Attachment(part.name, part.media_type, len(part.raw)) for part in parts if part.attached)


def _walk(mail: Mail) -> Iterator[Mail]:
    """Leaves in order, without recursion: nesting can be deeper than Python's stack."""
    stack = [mail]
    while stack:
        part = stack.pop()
        inside = part.get_payload()
        if isinstance(inside, list) and part.get_content_maintype() == "multipart":
            stack.extend(reversed([child for child in inside if isinstance(child, Mail)]))
        else:
            yield part


def _part(part: Mail) -> Part:
    media_type = part.get_content_type()
    if media_type.startswith("multipart/"):
        # Its parts could not be told apart: it is read as one text.
        return Part("text/plain", _safe(part.get_content_charset), "", False, False, _bytes(part))
    name = " ".join(clean(str(_safe(part.get_filename) or "")).split())[:200]
    attached = bool(name) or not media_type.startswith("text/") or _safe(part.get_content_disposition) == "attachment"
    flowed = str(_safe(lambda: part.get_param("format")) or "").lower() == "flowed"
    return Part(media_type, _safe(part.get_content_charset), name, attached, flowed, _bytes(part))


def _bytes(part: Mail) -> bytes:
    inside = part.get_payload()
    if isinstance(inside, list):
        return b"\n".join(bytes(_safe(child.as_bytes) or b"") for child in inside if isinstance(child, Mail))
    raw = _safe(lambda: part.get_payload(decode=True))
    return raw if isinstance(raw, bytes) else str(inside or "").encode("utf-8", "surrogateescape")


def _safe[T](call: Callable[[], T]) -> T | None:
    """None when the standard library trips on a broken header or part."""
    try:
        return call()
    except Exception:
        return None


def _plain(part: Part, limit: int) -> str:
    text = clean(to_text(part.raw[: 4 * limit], part.charset))
    return unflow(text) if part.flowed else text


def unflow(text: str) -> str:
    """Joins the lines that the sender's program folded (RFC 3676), those that are quoted left as they are."""
    out: list[str] = []
    open_line = False
    for line in text.split("\n"):
        if line.startswith(">"):
            out.append(line)
            open_line = False
            continue
        line = line[1:] if line.startswith(" ") else line
        if open_line and line != "-- ":
            out[-1:] = [out[-1] + line] if len(out[-1]) < 5_000 else [out[-1], line]
        else:
            out.append(line)
        open_line = line.endswith(" ") and line != "-- "
    return "\n".join(out)


def _from_html(part: Part, limit: int) -> str:
    source = clean(to_text(part.raw[: 10 * limit], part.charset))
    try:
        # A table is drawn as wide as its widest cell: made for it, a mail would fill the memory.
        text = get_text(source) if source.lower().count("<tr") * len(_TAG.sub("", source)) < MAX_DRAWING else ""
    except Exception:  # nesting deeper than Python's stack, entities that lxml refuses
        text = ""
    if _blank(text):
        # lxml drops in silence what is nested too deep.
        text = html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", source)))
    return clean("\n".join(line.rstrip() for line in text.split("\n")))


def _any_text(part: Part, limit: int) -> str:
    if part.media_type == "text/html":
        return _from_html(part, limit)
    return clean(to_text(part.raw[: 4 * limit], part.charset))


def _joined(texts: list[str]) -> str:
    return "\n\n".join(text.strip("\n") for text in texts if not _blank(text))


def _blank(text: str) -> bool:
    return not _INVISIBLE.sub("", text)
