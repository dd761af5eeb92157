"""Numbers as people say them in French: in words, rounded, between two bounds, with what they count. Pure."""

import re
import unicodedata
from math import inf

from aids.profile import Range
from language.normalise import tidy

_UNITS = "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize".split()
_WORDS = {word: value for value, word in enumerate(_UNITS)} | {
    "une": 1,
    "vingt": 20,
    "vingts": 20,
    "trente": 30,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
    "septante": 70,
    "octante": 80,
    "nonante": 90,
    "cent": 100,
    "cents": 100,
    "mille": 1000,
}
_SHORT = {"ds": "dans", "pr": "pour", "ns": "nous"}
_ABOUT = {
    "dizaine": 10,
    "douzaine": 12,
    "quinzaine": 15,
    "vingtaine": 20,
    "trentaine": 30,
    "quarantaine": 40,
    "cinquantaine": 50,
    "soixantaine": 60,
    "centaine": 100,
}
LARGEST = 10**12
"""Beyond, number words are no number that anybody means."""
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_RUN = re.compile(rf"(?<![\w'])(?:{_WORD})(?:[ -](?:et[ -])?(?:{_WORD}))*(?![\w'])")
_ARTICLES = ("un", "une", "neuf")
"""Words of another meaning too: numbers only before what is counted, or after "on est"."""
_COUNTED = r"(?:seule? )?(?:salarie|employe|personne|collaborat|ans?\b|mois\b|annee)"

_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})(?:[ .](\d{3}))+(?![\d])")
_MONEY = re.compile(
    r"(\d+(?:[.,]\d+)?) ?(?:(k(?=e?(?![a-z]))|m(?![a-z])|mille(?![a-z])|millions?(?![a-z])|milliers?(?![a-z])) ?(?:d')?)?(€|euros?|eur|balles|e)?(?![a-z0-9])"
)
_FACTORS = {"k": 1_000, "mille": 1_000, "milliers": 1_000, "millier": 1_000}

AMOUNT = r"(?:\d{1,12}(?:\.\d{1,3})?)(?!\d)"
_BEFORE = r"(?:(?P<before>moins d[e']|pas plus d[e']|plus d[e']|au moins|minimum|au plus|au maximum|maximum|max|jusqu'a|environ|autour d[e']|presque|quasi(?:ment)?|pres d[e']|a peu pres|entre|de) ?)?"
_AFTER = r"(?:\W{0,2}(?P<after>au plus|maximum|max\b|ou plus|et plus|minimum|environ|a peu pres|ou moins))?"


def flat(text: str) -> str:
    """Lower case without accents nor short forms ("ds" is "dans"), numbers in figures ("vingt-cinq" is "25", "30 k€" is "30000 euros", "une dizaine" is "environ 10")."""
    bare = unicodedata.normalize("NFD", tidy(text).lower().replace("œ", "oe"))
    bare = "".join(letter for letter in bare if unicodedata.category(letter) != "Mn").replace("’", "'")
    # Only these: the models' normal form also shortens a letter held down, and with it 800000.
    bare = re.sub(r"\b(?:ds|pr|ns)\b", lambda short: _SHORT[short.group()], bare)
    for word, value in _ABOUT.items():
        bare = re.sub(rf"\b(?:une? |d'une )?{word}s?\b(?: d[e'])?", f"environ {value} ", bare)
    bare = _RUN.sub(lambda run: _figures(run, bare), bare)
    bare = _THOUSANDS.sub(lambda found: re.sub(r"\D", "", found.group()), bare)
    bare = _MONEY.sub(_euros, bare)
    return re.sub(r" +", " ", bare).strip()


def quantity(unit: str) -> re.Pattern[str]:
    """A pattern for a number, or two bounds, of `unit` (a pattern without named groups, may be empty); `read` reads what it finds.

    The second bound carries the unit, the first may too: "de 3 à 9 salariés", "de 6 mois à 1 an" (groups `unit` and `first`).
    """
    second = rf"(?: ?(?P<first>{unit}))?(?: ?(?:a|et|ou|-) ?)(?P<b>{AMOUNT})"
    return re.compile(rf"(?<![\w.,])(?<!pas ){_BEFORE}(?P<a>{AMOUNT})(?:{second})? ?(?P<unit>{unit})(?![\w]){_AFTER}")


def read(found: re.Match[str], *, whole: bool) -> Range:
    """The number found. `whole`: what is counted comes one by one, so that less than 10 is 9 at most."""
    a, b = float(found["a"]), found["b"]
    before, after = (found["before"] or "").rstrip("e' "), found["after"] or ""
    if b is not None and float(b) >= a:
        return Range(a, float(b))
    step = 1 if whole else 0
    if before == "moins d":
        return Range(0, max(0, a - step))
    if before == "plus d":
        return Range(a + step, inf)
    if before in ("au moins", "minimum") or after in ("ou plus", "et plus", "minimum"):
        return Range(a, inf)
    if before in ("au plus", "au maximum", "maximum", "max", "jusqu'a", "pas plus d") or after in ("au plus", "maximum", "max", "ou moins"):
        return Range(0, a)
    if before in ("environ", "autour d", "presque", "quasi", "quasiment", "pres d", "a peu pres") or after in ("environ", "a peu pres"):
        return Range.about(a, whole=whole)
    return Range.exactly(a)


def _figures(run: re.Match[str], text: str) -> str:
    words = [word for word in re.split(r"[ -]", run.group()) if word != "et"]
    after, before = text[run.end() :].lstrip(), text[: run.start()]
    alone = len(words) == 1 and words[0] in _ARTICLES
    we_are = words[0] == "neuf" and re.search(r"\b(?:on est|sommes|etes)(?: a)? $", before)
    if alone and not re.match(_COUNTED, after) and not we_are and text.strip() != run.group():
        return run.group()
    if (
        alone
        and words[0] != "neuf"
        and re.match(r"ans?\b|mois\b|annee", after)
        and not re.search(r"\b(?:a|depuis|moins d'|plus d') ?$", before)
    ):
        return run.group()
    total = current = 0
    for word in words:
        value = _WORDS[word]
        if value == 1000:
            total, current = total + max(1, current) * 1000, 0
        elif value == 100 or (value == 20 and current == 4):
            current = max(1, current) * value
        else:
            current += value
    return str(total + current) if total + current <= LARGEST else run.group()


def _euros(found: re.Match[str]) -> str:
    number, factor, currency = found.groups()
    if not factor and not currency:
        return found.group().replace(",", ".") if "," in number and found.group() == number else found.group()
    if not currency and factor not in ("k",) and not (factor or "").startswith("million"):
        return found.group()  # "10 m" may be metres, "2 mille" is read as a number already
    if currency == "e" and not factor and len(number) < 3:
        return found.group()  # "2 e" is a rank
    value = float(number.replace(",", ".")) * (_FACTORS.get(factor, 1_000_000) if factor else 1)
    return f"{value:.0f} euros "
