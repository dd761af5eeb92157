"""Finds in a text what has a shape: file numbers, amounts, headcounts, dates and durations. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterable, List


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` (not included) of a text, and what they are. `value`: the exact characters."""

    start: int
    end: int
    entity: str
    value: str

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


_NUMBER_WORDS = "une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante|cent"
_ABOUT = r"(?:dizaine|quinzaine|vingtaine|trentaine|quarantaine|cinquantaine|centaine)"
_MONTH = (
    r"(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre|janv\.?|sept\.|oct\.|nov\.|d[ée]c\.)"
)
_DAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
_WORD_END = r"(?![\w])"

# First come, first served: a pattern never takes characters that an earlier one took.
_PATTERNS = (
    ("numero_dossier", r"(?<![\w-])[a-z]{2,4}[ \u2013-]?(?:19|20)\d\d[ \u2013-]?\d{5}" + _WORD_END),
    (
        "montant",
        r"(?<![\w.,])\d+(?:[\u00a0\u202f .]\d{3})*(?:,\d+)?[\u00a0\u202f ]?(?:k€|m€|k[\u00a0 ]?euros?|€|euros?|eur|ke|k|(?<=\d{3})e|balles|mille euros|millions? d'euros)"
        r"(?:[\u00a0\u202f ](?:hors taxes|ht|ttc))?" + _WORD_END,
    ),
    (
        "montant",
        rf"(?<!\w)(?:(?:{_NUMBER_WORDS}|cents|mille|millions?)[ -]){{1,8}}(?:d'euros|euros?){_WORD_END}",
    ),
    (
        "effectif",
        rf"(?<![\w.,-])(?:\d{{1,5}}|(?:une )?{_ABOUT} (?:de|d')|{_NUMBER_WORDS})[\u00a0\u202f ]?"
        r"(?:salari[ée]e?s?|employ[ée]e?s?|personnes|pers|etp|collaborat(?:eurs?|rices?)|compagnons|équivalents temps plein|employees|people)"
        + _WORD_END,
    ),
    ("date", rf"(?<!\w)(?:{_DAY} )?(?:\d{{1,2}}|1er) {_MONTH}(?: (?:19|20)\d\d)?{_WORD_END}"),
    ("date", r"(?<![\w/.-])(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)|(?:19|20)\d\d-\d\d-\d\d)(?![\w/-])"),
    ("date", rf"(?<!\w)(?:d[ée]but|fin|mi)[ -]{_MONTH}(?: (?:19|20)\d\d)?{_WORD_END}"),
    ("date", rf"(?<!\w)(?:mois (?:de |d'))?{_MONTH}(?: (?:19|20)\d\d)?{_WORD_END}"),
    (
        "date",
        rf"(?<![\w.,-])(?:\d{{1,3}}|{_NUMBER_WORDS}|vingt-quatre|dix-huit|une quinzaine de)[\u00a0\u202f ]?(?:derni[èe]re?s )?"
        r"(?:jours?|semaines?|mois|ann[ée]es?|trimestres?)" + _WORD_END,
    ),
    # "J'ai 19 ans" tells an age.
    (
        "date",
        rf"(?<![\w.,-])(?<!j'ai )(?<!il a )(?<!elle a )(?<![àa] )(?<!g[ée] de )(?<!g[ée]e de )(?:\d{{1,3}}|{_NUMBER_WORDS})[\u00a0\u202f ]?ans?{_WORD_END}",
    ),
    ("date", rf"(?<!\w){_DAY}(?: (?:prochain|dernier|matin|soir|suivant))?{_WORD_END}"),
    (
        "date",
        r"(?<!\w)(?:semaine|mois|an|ann[ée]e|trimestre|[ée]t[ée]|printemps|automne|hiver) "
        r"(?:prochaine?|derni[èe]re?|derniere|pass[ée]e?|suivante?)" + _WORD_END,
    ),
    ("date", r"(?<!\w)cet(?:te)? (?:ann[ée]e|semaine|[ée]t[ée]|automne|hiver)" + _WORD_END),
    ("date", r"(?<!\w)(?:aujourd'hui|demain(?: matin| soir)?|hier(?: matin| soir)?)" + _WORD_END),
    ("date", r"(?<!\w)ce(?:tte)? (?:matin|soir|nuit|weekend|week-end)" + _WORD_END),
    ("montant", r"(?<![\w.,+/-])(?<!siren )(?<!siret )[1-9]\d{0,2}(?:[\u00a0\u202f ]\d{3}){1,2}(?![\w]|[\u00a0\u202f ]\d)"),
    ("date", r"(?<![\w.,/-])(?:19[5-9]|20[0-4])\d(?![\w/-])"),
    ("numero_dossier", r"(?<![\w,.+/-])(?<!siren )(?<!siret )\d{6,9}(?![\w/-]|[.,]\d)"),
)
_COMPILED = tuple((entity, re.compile(pattern, re.IGNORECASE)) for entity, pattern in _PATTERNS)
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'"})


def find_spans(text: str) -> List[Span]:
    """Everything found, in the order of the text, without overlap."""
    plain = text.translate(_APOSTROPHES)  # same length: places stay right
    found: List[Span] = []
    for entity, pattern in _COMPILED:
        for match in pattern.finditer(plain):
            found = with_span(found, Span(match.start(), match.end(), entity, text[match.start() : match.end()]))
    return sorted(found, key=lambda span: span.start)


def with_span(found: Iterable[Span], span: Span) -> List[Span]:
    """`found` and `span`, unless its place is taken."""
    found = list(found)
    return found if any(span.overlaps(other) for other in found) else [*found, span]
