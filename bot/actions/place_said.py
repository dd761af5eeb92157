"""The place that a person says to be in: a commune, a département, a region, a postal code. Never the one that they go to. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from aids.places import Gazetteer, Place, said, spelt
from language.normalise import fold


@dataclass(frozen=True)
class PlaceSaid:
    """`places`: what the name may mean, several when it is shared; `unknown`: a name that no place of France has; `near`: those like it."""

    places: tuple[Place, ...] = ()
    unknown: str | None = None
    near: tuple[Place, ...] = ()


@dataclass(frozen=True)
class _Word:
    typed: str
    folded: str
    start: int

    @property
    def key(self) -> str:
        return spelt(self.folded)


_WORD = re.compile(r"\w+")
LONGEST = 8
"""Words in the longest name looked for."""
BIG = 1500
"""Inhabitants from which a commune is known without its capital letter."""
_ORDINARY = frozenset(
    """mer rue die vif ham bourg port corps vendre creer monter porte aire cours prix mur eu change vue publier four rivieres campagne marche
    nous ce bonne somme lot cher nord""".split()
)
"""Names of communes that are first of all words: with their capital letter only."""
_TO = frozenset(
    """salon salons foire foires stand exposer expose exposons exposent stage semestre sejour partir part pars partons partent exporter exporte
    exportons vendre vend vendons mission prospecter prospection marche marches voyage clients erasmus livrer""".split()
)
"""What one does in a place that is not one's own."""
_OWN = re.compile(r"\bsalon de (?:coiffure|the|beaute|esthetique|massage)|\b(?:part\w*|pars) en apprentissage")
_SEAT = frozenset("mairie commune ville village bourg association asso club ecole comite habite habitons reside residons".split())
_HERE = re.compile(
    r"[,.;:!?()]|\b(?:on est|je suis|nous sommes|bas[ée]e?s?|install[ée]e?s?|situ[ée]e?s?|c'est|mais|et on|et je)\b", re.IGNORECASE
)
_ABROAD = frozenset(
    """france allemagne espagne italie belgique suisse angleterre royaume uni irlande portugal pologne canada japon chine maroc tunisie algerie
    senegal etats unis usa quebec europe afrique asie amerique inde bresil mexique australie pays bas luxembourg autriche grece suede norvege
    finlande danemark roumanie ukraine turquie dubai londres berlin milan rome madrid barcelone lisbonne montreal dakar tokyo region etranger ici
    departement commune campagne ville village""".split()
)
_FILLERS = frozenset(
    "a au aux de du d la le les l en dans sur je j suis on est nous sommes c ce cest oui non alors bien euh ma mon notre commune ville village habite "
    "habitons pres cote vers s appelle bonjour svp merci pas plutot fait voila reponse lieu chez entreprise bas base basee bases".split()
)


def find_place(text: str, named: Sequence[str], france: Gazetteer, *, asked: bool = False, served: Collection[str] = ()) -> PlaceSaid:
    """The place told in `text`. `named`: what Rasa took for places; `asked`: whether the place was just asked for.

    A shared name is that of the commune in the regions `served`, when only one is there.
    """
    words = [_Word(found.group(), fold(found.group()), found.start()) for found in _WORD.finditer(text)]
    found = _by_number(text, words, france, asked)
    spans = list(_spans(text, words, {said(name) for name in named}, france, asked))
    told = [places for places, _start in spans]
    narrow = next((places for places in told if places[0].commune), None)
    wide = next((places for places in told if not places[0].commune), None) or (found if found and not found[0].commune else None)
    if found and found[0].commune:
        narrow = tuple(place for place in found if narrow is None or place in narrow) or found
    if narrow and wide:
        narrow = tuple(place for place in narrow if is_in(place, wide[0])) or narrow
    places = narrow or wide
    if places:
        here = tuple(place for place in places if place.region in served)
        return PlaceSaid(here if len(here) == 1 else places)
    unknown = _unknown(text, words, named, asked)
    return PlaceSaid((), unknown, tuple(france.near(unknown, served)) if unknown else ())


def _spans(
    text: str, words: Sequence[_Word], named: Collection[str], france: Gazetteer, asked: bool
) -> Iterable[tuple[tuple[Place, ...], int]]:
    """Names of places, longest first at each word."""
    at = 0
    while at < len(words):
        for size in range(min(LONGEST, len(words) - at), 0, -1):
            places = _name(words, at, size, named, france, asked)
            if places and not _elsewhere(text, words, at):
                yield places, at
            if places:
                at += size
                break
        else:
            at += 1


def _name(words: Sequence[_Word], at: int, size: int, named: Collection[str], france: Gazetteer, asked: bool) -> tuple[Place, ...]:
    run = words[at : at + size]
    key = " ".join(word.key for word in run)
    if not france.knows(key) and not (at and words[at - 1].folded in ("au", "aux")):
        return ()
    before = words[at - 1].folded if at else ""
    before_that = words[at - 2].folded if at > 1 else ""
    name = " ".join(word.folded for word in run)
    article = {"au": "le ", "aux": "les "}.get(before, "")
    capital = run[0].typed[:1].isupper() or (size > 1 and run[0].folded in ("la", "le", "les", "l") and run[1].typed[:1].isupper())
    is_named = any(said(name) == each or said(article + name) == each for each in named)
    rest = [word for word in (*words[:at], *words[at + size :]) if word.folded not in _FILLERS] if asked else []
    alone = asked and len(rest) <= 2
    wide = france.wide(name)
    communes = (france.communes(article + name) if article else ()) or (() if article and not capital else france.communes(name))
    if before in ("pas", "plus") or (before in ("a", "de", "en") and before_that == "pas"):
        return ()
    if wide and (
        (is_named and before not in ("a", "au"))
        or (alone and before not in ("a", "au"))
        or (size > 1 and (name != "la reunion" or run[1].typed[:1].isupper()))
        or (before == "en" and (name not in _ORDINARY or run[0].typed[:1].isupper()))
        or (before in ("la", "le", "l", "les") and before_that == "dans")
        or (before in ("la", "le", "l", "du", "de", "des", "d") and "departement" in [word.folded for word in words[max(0, at - 3) : at]])
    ):
        return wide if not (alone and communes and communes[0].departement != wide[0].departement) else (*wide, *communes)
    if not communes:
        return ()
    known = capital or (communes[0].inhabitants >= BIG and name not in _ORDINARY and run[0].folded not in ("la", "le", "les", "l"))
    seat = before in ("a", "au", "aux", "sur") or (
        before in ("de", "d", "du", "des") and any(word.folded in _SEAT for word in words[max(0, at - 4) : at - 1])
    )
    seat = seat or before in _SEAT
    if is_named or (known and seat) or (alone and (known or (not rest and name not in _ORDINARY))):
        return communes
    return ()


def _elsewhere(text: str, words: Sequence[_Word], at: int) -> bool:
    """Whether the words just before tell of a place where one goes."""
    start = words[max(0, at - 6)].start
    clause = _OWN.sub(" ", fold(_HERE.split(text[start : words[at].start])[-1]))
    return bool(_TO & set(clause.split()))


def _by_number(text: str, words: Sequence[_Word], france: Gazetteer, asked: bool) -> tuple[Place, ...]:
    """A postal code, or the number of a département."""
    for found in re.finditer(
        r"(?<![\d ,.])(?:\b)(\d\d) ?(\d{3})\b(?! ?(?:€|euros|k|habitants|km|m2))|\(\s*(\d\d|2[ab]|97\d)\s*\)", text, re.IGNORECASE
    ):
        if found[3]:
            place = france.departement(found[3])
            return (place,) if place else ()
        code = found[1] + found[2]
        near = text[max(0, found.start() - 16) : found.start()].lower()
        after = text[found.end() : found.end() + 2]
        if france.postal(code) and (asked or "postal" in near or " à " in near or after[1:].isupper()):
            return france.postal(code)
    departement = re.search(
        r"\b(?:dans le|d[ée]partement)\s+(\d\d|2[ab]|97\d)\b(?!\s?(?:%|€|euros|ans|mois|jours|salari|personnes))", text, re.IGNORECASE
    )
    alone = re.fullmatch(r"\W*(?:le |dans le )?(\d\d|2[ab]|97\d)\W*", text, re.IGNORECASE) if asked else None
    code = (alone or departement)[1] if alone or departement else ""  # type: ignore[index]
    place = france.departement(code) if code else None
    return (place,) if place else ()


def _unknown(text: str, words: Sequence[_Word], named: Sequence[str], asked: bool) -> str | None:
    """A name said to be a place, that none has."""
    for name in named:
        at = next((i for i, word in enumerate(words) if word.folded == fold(name).split()[0]), 0) if fold(name) else 0
        if fold(name) and not set(fold(name).split()) & _ABROAD and words and not _elsewhere(text, words, at):
            before = words[at - 1].folded if at else ""
            if asked or before in ("a", "au", "aux"):
                return name
    if not asked:
        return None
    kept = [word.typed for word in words if word.folded not in _FILLERS]
    short = 0 < len(kept) <= 4 and not any(character.isdigit() for character in text) and not {fold(word) for word in kept} & _ABROAD
    return " ".join(kept) if short else None


def is_in(place: Place, wide: Place) -> bool:
    """Whether a commune is in a département or a region."""
    return place.departement == wide.departement if wide.departement else place.region == wide.region
