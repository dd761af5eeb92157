"""Full-text search in French: the words of a message as they are indexed, what an agent looks for, and where it stands in a text. Pure.

A message is kept as its words in order, folded (lower case, no accent), then its stems, each marked. Both databases index that very text,
so both find the same.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from language.normalise import fold

MARK = "ǂ"
"""Before a stem. A letter, for the tokenizer, that no French word has."""
MOST_CHARACTERS = 20_000
MOST_TERMS = 12
_SHORTEST_PREFIX = 2
_STOP = frozenset(
    "a ai au aux avec c ce ces cet cette d dans de des du elle elles en est et il ils j je l la le les leur lui m ma mais me mes mon n ne nos "
    "notre nous on ont ou par pas pour qu que qui s sa se ses son sont sur t ta te tes ton tu un une vos votre vous y".split()
)
_PART = re.compile(r'(-?)"([^"]*)"?|(\S+)')
_WORD = re.compile(r"[^\W_]+")
_french = snowballstemmer.stemmer("french")


@dataclass(frozen=True)
class Term:
    """Something that must stand in a message, or must not (`without`).

    `stems`: any of them will do. `words`: folded words that follow one another; the last one only begins so when `prefix`.
    """

    stems: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    prefix: bool = False
    without: bool = False


@dataclass(frozen=True)
class Piece:
    """A piece of a text; `found`: it is what was looked for."""

    text: str
    found: bool = False


def indexed(parts: Iterable[str]) -> str:
    """What is kept for the search of a message: its words between spaces, then its marked stems. One space at least."""
    words: list[str] = []
    stems: dict[str, None] = {}
    for part in parts:
        for word in _WORD.findall(part[:MOST_CHARACTERS]):
            folded = _folded(word)
            words += folded
            if folded and folded[-1] not in _STOP:
                stems |= dict.fromkeys(_stems(word.lower()))
    # Two words of two parts must not read as one phrase for nothing: the order of the parts is the caller's.
    return f" {' '.join(words)} {' '.join(MARK + stem for stem in stems)} " if words else " "


def read_query(text: str) -> tuple[Term, ...]:
    """What is looked for: words (any form of them), "exact words", begin*, and -not. Never raises; () finds everything.

    What holds together by signs (a reference, an address, a file number) is looked for as it stands. Small words count only in quotes.
    """
    found = [(term, part[3] is not None) for part in _PART.finditer(text[:500]) if (term := _term(*part.groups()))]
    telling = [term for term, bare in found if not (bare and len(term.words) == 1 and term.words[0] in _STOP)]
    return tuple(telling or [term for term, _ in found])[:MOST_TERMS]


def pieces(text: str, terms: Iterable[Term], around: int = 90) -> list[Piece]:
    """The passage where the first thing looked for stands, with all that was found in it; the beginning when nothing is."""
    wanted = [term for term in terms if not term.without]
    words = [(found.start(), found.end(), " ".join(_folded(found[0]))) for found in _WORD.finditer(text[:MOST_CHARACTERS])]
    spans = sorted(span for term in wanted for span in _spans(term, words, text))
    middle = spans[0][0] if spans else 0
    begin, end = max(0, middle - around), min(len(text), middle + 2 * around)
    # Cut between words.
    begin = begin and (text.find(" ", begin, middle) + 1 or begin)
    end = end if end == len(text) else max(text.rfind(" ", middle, end), middle + 1)
    cut: list[Piece] = [Piece("…")] if begin else []
    at = begin
    for start, stop in spans:
        if start >= at and stop <= end:
            cut += [Piece(text[at:start]), Piece(text[start:stop], found=True)]
            at = stop
    cut += [Piece(text[at:end] + ("…" if end < len(text) else ""))]
    return [piece for piece in cut if piece.text]


@lru_cache(maxsize=100_000)
def _folded(text: str) -> tuple[str, ...]:
    """Folded words, of letters that the oldest of our tokenizers knows: it would cut a word at the others."""
    known = "".join(c if unicodedata.ucd_3_2_0.category(c)[0] in "LN" else " " for c in fold(text))
    return tuple(known.split())


@lru_cache(maxsize=100_000)
def _stems(word: str) -> tuple[str, ...]:
    """Stems of a word, with its accents and without: who types none finds as well."""
    folded = fold(word)
    # What the tokenizer does not know may leave nothing.
    return tuple(dict.fromkeys(stem for form in (word, folded) for stem in _folded(_french.stemWord(form))))


def _term(minus: str, quoted: str | None, bare: str | None) -> Term | None:
    if bare is None:
        words = _folded(quoted or "")
        return Term(words=words, without=bool(minus)) if words else None
    without, bare = bare.startswith("-"), bare.lstrip("-")
    prefix, bare = bare.endswith("*"), bare.rstrip("*")
    words = _folded(bare)
    if not words:
        return None
    if prefix and len(words[-1]) >= _SHORTEST_PREFIX:
        return Term(words=words, prefix=True, without=without)
    if len(words) > 1 and not _elided(words):
        return Term(words=words, without=without)
    if words[-1] in _STOP:
        return Term(words=words[-1:], without=without)
    return Term(stems=_stems(_WORD.findall(bare)[-1].lower()) or words[-1:], words=words[-1:], without=without)


def _elided(words: tuple[str, ...]) -> bool:
    """Whether it is a word after an elision: « l'aide », « qu'un »."""
    return len(words) == 2 and (len(words[0]) == 1 or words[0] == "qu") and words[0] in _STOP


def _spans(term: Term, words: list[tuple[int, int, str]], text: str) -> list[tuple[int, int]]:
    if term.stems:
        return [(start, end) for start, end, _ in words if set(_stems(text[start:end].lower())) & set(term.stems)]
    length = len(term.words)
    found = []
    for i in range(len(words) - length + 1):
        here = [word for _, _, word in words[i : i + length]]
        last = here[-1].startswith(term.words[-1]) if term.prefix else here[-1] == term.words[-1]
        if last and tuple(here[:-1]) == term.words[:-1]:
            found.append((words[i][0], words[i + length - 1][1]))
    return found
