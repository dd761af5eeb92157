"""Turns bytes of a mail into clean text, whatever character set they claim. Pure."""

import codecs
import re

# Declared by programs that send anything at all: when the bytes are valid UTF-8, they are UTF-8.
_LOOSE = {"ascii", "iso8859-1", "iso8859-15", "cp1252"}
# Python's own tricks, or quadratic on long input: no mail means them.
_NOT_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
# NUL and other controls break databases and embedders; zero-width signs make a blank text look full;
# signs of direction show a name backwards.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069]")


def to_text(raw: bytes, charset: str | None = None) -> str:
    """Decodes with the declared set when it holds, else UTF-8, else Windows-1252. Never raises."""
    name = _known(charset)
    tries = ["utf-8"] if name is None or name in _LOOSE else [name, "utf-8"]
    if name == "iso8859-15":
        tries.append(name)
    for attempt in tries:
        try:
            return raw.decode(attempt)
        except (UnicodeError, LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Text that every store takes: no controls but line ends and tabs, no lone surrogates, line ends as \\n."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROLS.sub("", text)


def _known(charset: str | None) -> str | None:
    """Python's name for a declared set, None when it means nothing."""
    try:
        name = codecs.lookup((charset or "").strip("\"' ")).name
    except (LookupError, ValueError):
        return None
    return None if name in _NOT_CHARSETS else name
