"""A mail as its author made it, harmless: its HTML without anything that loads or runs, its files as bytes. Pure."""

import html
import re
from dataclasses import dataclass
from email import message_from_bytes

import nh3

from triage.body import Part, leaves
from triage.decode import clean, to_text
from triage.headers import TOLERANT

MAX_HTML = 500_000
_TAGS = frozenset(
    "b blockquote br caption cite code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre q s small span strong sub sup table "
    "tbody td tfoot th thead tr u ul".split()
)
# A mark of ours, which no text of the mail can hold: quotes of attributes come out escaped.
_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")+)>')
_ALT = re.compile(r' alt="([^"]*)"')


@dataclass(frozen=True)
class File:
    """Something attached, as its bytes. Its name and type are what the author says: never trusted."""

    name: str
    raw: bytes


@dataclass(frozen=True)
class Original:
    """`html`: harmless, "" when the mail has none."""

    html: str
    files: tuple[File, ...]


def open_original(raw: bytes) -> Original:
    """What a mail holds beside its text. Raises whatever the parser raises: call it where a mail may harm only itself."""
    parts = leaves(message_from_bytes(raw, policy=TOLERANT))
    rich = next((part for part in parts if part.media_type == "text/html" and not part.attached), None)
    return Original(harmless(_text(rich)) if rich else "", tuple(File(part.name, part.raw) for part in parts if part.attached))


def harmless(source: str) -> str:
    """HTML without script, style, link, form or anything loaded from elsewhere; a note in place of each image."""
    cleaned = nh3.clean(
        source[:MAX_HTML],
        tags=set(_TAGS),
        clean_content_tags={"script", "style", "title"},
        attributes={"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "img": {"alt"}},
        set_tag_attribute_values={"img": {"class": "image"}},
        link_rel=None,
    )
    return _IMAGE.sub(_note, cleaned)


def page(body: str) -> str:
    """A whole page to be shown in a frame of its own."""
    return f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Message d\'origine</title><style>{STYLE}</style></head><body>{body}</body></html>'


STYLE = (
    "html{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:12px;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;max-width:100%}td,th{padding:4px;vertical-align:top}.image{border:1px dashed;padding:0 6px}"
)


def _note(found: "re.Match[str]") -> str:
    alt = _ALT.search(found[1])
    told = " ".join(html.unescape(alt[1]).split())[:200] if alt else ""
    return f'<span class="image">[Image non affichée{" : " + html.escape(told) if told else ""}]</span>'


def _text(part: Part) -> str:
    return clean(to_text(part.raw[: 4 * MAX_HTML], part.charset))
