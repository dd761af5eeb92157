"""Cuts an mbox file into its mails, one in memory at a time. Pure: reads the stream it is given."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MOST_BYTES = 50_000_000
"""Bytes of one mail: what is heavier is told, not held in memory."""
LONGEST_LINE = 64 * 1024

_LOOSE = re.compile(rb"From \S+\s.*\d{1,2}:\d{2}.*\b\d{4}\b")
_STRICT = re.compile(rb"From \S+\s+[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}(:\d{2})? (?:[+-]\d{4} )?\d{4}\s*$")
_ESCAPED = re.compile(rb">+From ")
_BLANK = (b"\n", b"\r\n")


@dataclass(frozen=True)
class Piece:
    """A mail of the file. `line`: of its separator, from 1; `raw`: None when it is heavier than allowed."""

    line: int
    raw: bytes | None


def begins_as_mbox(start: bytes) -> bool:
    """Whether these first bytes of a file are those of an mbox."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").startswith(b"From ")


def split(file: BinaryIO, most: int = MOST_BYTES) -> Iterator[Piece]:
    """The mails in order; what stands before the first separator is none.

    A separator follows an empty line and holds a time and a year; without the empty line (the mail before it was cut), it must be whole.
    Lines escaped in the manner of mboxrd (">From ") get their form back.
    """
    kept: list[bytes] = []
    began, number, size = 0, 0, 0
    at_start, after_blank = True, True
    while chunk := file.readline(LONGEST_LINE):
        if at_start:
            number += 1
            bare = chunk.removeprefix(b"\xef\xbb\xbf") if number == 1 else chunk
            if bare.startswith(b"From ") and ((_LOOSE if after_blank else _STRICT).match(bare)):
                if began:
                    yield _piece(began, kept, size > most)
                kept, began, size = [], number, 0
                at_start, after_blank = chunk.endswith(b"\n"), False
                continue
            if _ESCAPED.match(chunk):
                chunk = chunk[1:]
            after_blank = chunk in _BLANK
        at_start = chunk.endswith(b"\n")
        size += len(chunk)
        if size > most:
            kept.clear()
        elif began:
            kept.append(chunk)
    if began:
        yield _piece(began, kept, size > most)


def _piece(line: int, kept: list[bytes], heavy: bool) -> Piece:
    """The empty line that ends a mail is the file's, not the mail's."""
    if kept and kept[-1] in _BLANK:
        kept.pop()
    return Piece(line, None if heavy else b"".join(kept))
