"""Finds schemes by what people call them or want, whatever the accents and typos. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer
from rapidfuzz import fuzz

from aids.model import AUDIENCE_LABELS, Aid
from language.normalise import fold

NAME_SCORE = 86
"""From this likeness (0–100) a phrase is taken for the name of a scheme. Below, the assistant asks."""

_STEMMER = snowballstemmer.stemmer("french")

_EMPTY = frozenset(
    """a ai aide aides as au aux avec ce ces cette combien comment d dans de des dispositif du elle en est et il je j l la le les leur
    lui m ma mes moi mon n ne nos notre nous on ou par pas pour qu que quel quelle quelles quels qui quoi region s sa se ses son sont sur
    t ta te tu un une vos votre vous y c ca ont etre avoir peut peux puis faire fait faut besoin voudrais veux subvention demande
    dossier""".split()
)


@dataclass(frozen=True)
class Hit:
    """A scheme and how well it answers, 0 to 100."""

    aid: Aid
    score: float


def find_by_name(phrase: str, aids: Iterable[Aid]) -> list[Hit]:
    """Schemes whose name, short name or alias is `phrase`, or stands in it, best first. Empty when none is near enough."""
    wanted = fold(phrase)
    if not wanted:
        return []
    hits = [Hit(aid, max(_likeness(wanted, fold(name)) for name in names_of(aid))) for aid in aids]
    return sorted((hit for hit in hits if hit.score >= NAME_SCORE), key=lambda hit: (-hit.score, hit.aid.name))


def search(question: str, aids: Iterable[Aid], limit: int = 5) -> list[Hit]:
    """Schemes that speak of what `question` asks, best first; by name when one is named."""
    aids = list(aids)
    words = [word for word in fold(question).split() if word not in _EMPTY and len(word) > 1]
    if not words:
        return []
    named = {hit.aid.slug: hit.score for hit in find_by_name(question, aids)}
    hits = [Hit(aid, max(named.get(aid.slug, 0), _coverage(words, aid))) for aid in aids]
    return sorted((hit for hit in hits if hit.score >= 25), key=lambda hit: (-hit.score, hit.aid.name))[:limit]


def names_of(aid: Aid) -> tuple[str, ...]:
    """Every name a scheme goes by."""
    return (aid.name, aid.slug.replace("-", " "), *aid.aliases)


def _likeness(wanted: str, name: str) -> float:
    if not name:
        return 0
    whole = fuzz.ratio(wanted, name)
    # A short name found anywhere in a long sentence would match too much: there it must be a run of whole words.
    if len(name) < 5:
        return 100 if f" {name} " in f" {wanted} " else whole
    size = len(name.split())
    words = wanted.split()
    runs = (" ".join(words[start : start + width]) for width in {size, size + 1} for start in range(max(1, len(words) - width + 1)))
    return max(whole, max(fuzz.ratio(run, name) for run in runs))


def _coverage(words: list[str], aid: Aid) -> float:
    """Share of the question's words that the sheet knows, those of its title and keywords counting more."""
    strong = _stems(" ".join([aid.name, *aid.aliases, *aid.keywords, *aid.categories, *(AUDIENCE_LABELS[a] for a in aid.audiences)]))
    weak = _stems(" ".join([aid.short_title, aid.purpose, aid.description, *aid.project_examples, *aid.expenses.eligible]))
    found = 0.0
    for word in words:
        if _known(word, strong):
            found += 1.0
        elif _known(word, weak):
            found += 0.6
    return 100 * found / (len(words) + 1)


def _known(word: str, vocabulary: frozenset[str]) -> bool:
    stem = _stem(word)
    return stem in vocabulary or (
        len(stem) > 5 and any(fuzz.ratio(stem, known) >= 88 for known in vocabulary if abs(len(known) - len(stem)) < 3)
    )


@lru_cache(maxsize=500)
def _stems(text: str) -> frozenset[str]:
    return frozenset(map(_stem, fold(text).split()))


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    """ "exporter", "exportation" and "export" are one word for a search."""
    return str(_STEMMER.stemWord(word))
