"""Finds schemes by what people call them or want, whatever the accents and typos. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import log

import snowballstemmer
from rapidfuzz import fuzz

from aids.model import AUDIENCE_LABELS, Aid
from language.normalise import fold

_STEMMER = snowballstemmer.stemmer("french")

NAME_SCORE = 86
"""From this likeness (0–100) a phrase is taken for the name of a scheme. Below, the assistant asks."""
PART_SCORE = 90
"""Likeness of a name said in part."""
LEAST = 0.9
"""Weight of words under which a scheme is not told: one word that half of the schemes say."""

_KINDS = frozenset("pret prime pass contrat fonds bonus cheque carte permis region occitanie loire pays investissement creation".split())
"""Words that many schemes share: alone they name none."""

_EMPTY = frozenset(
    """a ai aide aides as au aux avec ce ces cette combien comment d dans de des dispositif du elle en est et il je j l la le les leur
    lui m ma mes moi mon n ne nos notre nous on ou par pas pour qu que quel quelle quelles quels qui quoi region s sa se ses son sont sur
    t ta te tu un une vos votre vous y c ca ont etre avoir peut peux puis faire fait faut besoin voudrais veux subvention demande
    dossier projet cherche chercher trouver existe bonjour bonsoir merci svp ans suis notre petit petite temps bien plus tres aussi ici ma
    mais donc alors si quand comme fois jour mois annee""".split()
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
    hits = [Hit(aid, max(max(_likeness(wanted, name), _part(wanted, name)) for name in map(_folded, names_of(aid)))) for aid in aids]
    return sorted((hit for hit in hits if hit.score >= NAME_SCORE), key=lambda hit: (-hit.score, hit.aid.name))


def search(question: str, aids: Iterable[Aid], limit: int = 5) -> list[Hit]:
    """Schemes that speak of what `question` asks, best first; by name when one is named.

    A word weighs the more, the fewer schemes speak of it (inverse document frequency); words that none knows weigh nothing, so that a
    long story finds as much as a short one. A scheme under half of the best is left out.
    """
    aids = list(aids)
    words = {word for word in fold(question).split() if word not in _EMPTY and len(word) > 1}
    if not words:
        return []
    named = {hit.aid.slug: hit.score for hit in find_by_name(question, aids)}
    vocabularies = [_vocabulary(aid) for aid in aids]
    known = {word: [_weight(word, vocabulary) for vocabulary in vocabularies] for word in words}
    rare = {word: log(1 + len(aids) / found) for word, weights in known.items() if (found := sum(weight > 0 for weight in weights))}
    told = [sum(rare[word] * known[word][at] for word in rare) for at in range(len(aids))]
    best = max(told)
    kept = [
        (aid.slug not in named, -score, aid)
        for aid, score in zip(aids, told)
        if aid.slug in named or (score >= LEAST and score >= best / 2)
    ]
    kept.sort(key=lambda each: (each[0], each[1], each[2].name))
    return [Hit(aid, max(named.get(aid.slug, 0), min(100, 30 * -score))) for _, score, aid in kept[:limit]]


def names_of(aid: Aid) -> tuple[str, ...]:
    """Every name a scheme goes by."""
    return (aid.name, aid.slug.replace("-", " "), *aid.aliases)


def _part(wanted: str, name: str) -> float:
    """Likeness of a name said in part ("éco-chèque" for "éco-chèque voiture"): what is left must be words of the name that tell it."""
    said = [word for word in wanted.split() if word not in _EMPTY]
    if not said or not any(word not in _KINDS for word in said) or len("".join(said)) < 5:
        return 0
    known = name.split()
    return PART_SCORE if all(any(fuzz.ratio(word, other) >= 85 for other in known) for word in said) else 0


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


def _vocabulary(aid: Aid) -> tuple[frozenset[str], frozenset[str]]:
    """Stems of the title, the keywords and the audience; and those of the rest of the sheet."""
    strong = [aid.name, *aid.aliases, *aid.keywords, *aid.categories, *(AUDIENCE_LABELS[audience] for audience in aid.audiences)]
    weak = [aid.short_title, aid.purpose, aid.description, *aid.project_examples, *aid.expenses.eligible]
    return _stems(" ".join(strong)), _stems(" ".join(weak))


def _weight(word: str, vocabulary: tuple[frozenset[str], frozenset[str]]) -> float:
    """1 when the strong part knows the word, 0.6 when the other one does, else 0."""
    strong, weak = vocabulary
    return 1.0 if _known(word, strong) else 0.6 if _known(word, weak) else 0.0


@lru_cache(maxsize=100_000)
def _known(word: str, vocabulary: frozenset[str]) -> bool:
    stem = _stem(word)
    return stem in vocabulary or (
        len(stem) > 5 and any(fuzz.ratio(stem, known) >= 88 for known in vocabulary if abs(len(known) - len(stem)) < 3)
    )


@lru_cache(maxsize=500)
def _stems(text: str) -> frozenset[str]:
    return frozenset(map(_stem, fold(text).split()))


@lru_cache(maxsize=20_000)
def _folded(name: str) -> str:
    return fold(name)


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    """ "exporter", "exportation" and "export" are one word for a search."""
    return str(_STEMMER.stemWord(word))
