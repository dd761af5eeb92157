"""Communes, départements and regions of France, by the names that people say. Reads only the files of `aids/geography`."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from language.normalise import fold

GEOGRAPHY = Path(__file__).parent / "geography" / "node_modules" / "@etalab" / "decoupage-administratif" / "data"
"""The Code officiel géographique of Insee and the postal codes of La Poste (Licence Ouverte), as `make` installs them."""
LEFT_OUT = frozenset({"984", "989"})
"""Départements where nobody has an address."""
LIKENESS = 84
"""From this likeness (0–100) a commune is offered for a name that none has; never taken without asking."""
SHORTENED = 5
"""Letters that the beginning of a long name must have to be known by it."""

_LINKS = frozenset("en sur sous le la les l de du des d et au aux pres devant".split())
"""Words that no name ends with."""
_WHERE = {
    "Pays de la Loire": "dans les Pays de la Loire",
    "Hauts-de-France": "dans les Hauts-de-France",
    "Grand Est": "dans le Grand Est",
    "Centre-Val de Loire": "en Centre-Val de Loire",
    "La Réunion": "à La Réunion",
    "Mayotte": "à Mayotte",
    "Saint-Barthélemy": "à Saint-Barthélemy",
    "Saint-Martin": "à Saint-Martin",
    "Saint-Pierre-et-Miquelon": "à Saint-Pierre-et-Miquelon",
    "Wallis et Futuna": "à Wallis et Futuna",
}


@dataclass(frozen=True)
class Place:
    """A commune (`commune`: its Insee code), a département (`departement`: its code) or a region. What is wider is always given."""

    name: str
    region: str
    departement: str | None = None
    commune: str | None = None
    inhabitants: int = 0


@dataclass(frozen=True)
class Departement:
    code: str
    name: str
    region: str


class Gazetteer:
    """Look-ups by folded name, by code, by postal code."""

    def __init__(self, departements: Iterable[Departement], communes: Iterable[tuple[str, str, str, str]]) -> None:
        """`communes`: Insee code, name, postal codes, inhabitants; a name without postal code is that of a merged commune."""
        self.departements = {each.code: each for each in departements}
        self.regions = frozenset(each.region for each in self.departements.values())
        self._wide: dict[str, list[Place]] = defaultdict(list)
        self._communes: dict[str, list[Place]] = defaultdict(list)
        self._beginnings: dict[str, set[str]] = defaultdict(set)
        self._postal: dict[str, list[Place]] = defaultdict(list)
        self._by_code: dict[str, Place] = {}
        for region in sorted(self.regions):
            self._wide[said(region)].append(Place(region, region))
        for each in self.departements.values():
            place = Place(each.name, each.region, each.code)
            # A region of one département has its name and is no wider.
            if said(each.name) not in self._wide:
                self._wide[said(each.name)].append(place)
        for code, name, postal, inhabitants in communes:
            departement = self.departements[departement_of(code)]
            place = Place(name, departement.region, departement.code, code, int(inhabitants or 0))
            key = said(name)
            self._communes[key].append(place)
            for end in range(SHORTENED, len(key)):
                if key[end] == " " and key[:end].split()[-1] not in _LINKS:
                    self._beginnings[key[:end]].add(key)
            if postal:
                self._by_code[code] = place
            for each_code in postal.split():
                self._postal[each_code].append(place)

    def knows(self, key: str) -> bool:
        """Whether a place, or a long name's beginning, is written so; `key` as `said` writes it."""
        return key in self._wide or key in self._communes or key in self._beginnings

    def communes(self, name: str) -> tuple[Place, ...]:
        """Every commune of this name, the most inhabited first, whatever its accents, hyphens, or "St" for "Saint".

        Those merged in another one, whose inhabitants are not counted apart, only when no commune of today has the name. A beginning
        that one commune alone has is enough ("Ancenis" for "Ancenis-Saint-Géréon").
        """
        key = said(name)
        found = self._communes.get(key, ())
        if not found and len(self._beginnings.get(key, ())) == 1:
            found = self._communes[next(iter(self._beginnings[key]))]
        today = [place for place in found if place.inhabitants]
        return tuple(sorted(today or found, key=lambda place: -place.inhabitants))

    def wide(self, name: str) -> tuple[Place, ...]:
        """Département or region of this name."""
        return tuple(self._wide.get(said(name), ()))

    def departement(self, code: str) -> Place | None:
        found = self.departements.get(code.upper().zfill(2))
        return Place(found.name, found.region, found.code) if found else None

    def commune(self, code: str) -> Place | None:
        """The commune of this Insee code, as it is today."""
        return self._by_code.get(code)

    def postal(self, code: str) -> tuple[Place, ...]:
        return tuple(sorted(self._postal.get(code, ()), key=lambda place: -place.inhabitants))

    def near(self, name: str, regions: Collection[str], most: int = 3) -> list[Place]:
        """Communes of these regions whose name looks like `name`, likeliest first."""
        wanted = said(name)
        if len(wanted) < 4:
            return []
        names = [key for key, places in self._communes.items() if any(place.region in regions for place in places)]
        found = process.extract(wanted, names, scorer=fuzz.ratio, score_cutoff=LIKENESS, limit=most)
        # One that was merged gives way to a commune of today of the same name, maybe elsewhere.
        like = (next((place for place in self.communes(key) if place.region in regions), None) for key, _score, _at in found)
        return [place for place in like if place]

    def title(self, place: Place) -> str:
        """ "Laval (Mayenne)"; a département or a region by its name; never twice the same name."""
        if place.commune is None or place.departement is None:
            return place.name
        around = self.departements[place.departement].name
        return place.name if around == place.name else f"{place.name} ({around})"


def where(region: str) -> str:
    """ "en Occitanie", "dans les Pays de la Loire"."""
    return _WHERE.get(region, f"en {region}")


def departement_of(code: str) -> str:
    """Code of the département of an Insee code."""
    return code[:3] if code[:2] in ("97", "98") else code[:2]


def said(name: str) -> str:
    """The folded name, "St" and "Ste" spelt out, "s/" as "sur"."""
    return " ".join(map(spelt, fold(name).split()))


def spelt(word: str) -> str:
    """A folded word of a name, spelt out when it is a short form."""
    return _SHORT_FORMS.get(word, word)


_SHORT_FORMS = {"st": "saint", "ste": "sainte", "sts": "saints", "s": "sur"}


@cache
def gazetteer() -> Gazetteer:
    """France as the official files have it; read once, in about a fifth of a second. Raises OSError when they are not installed."""
    regions = {each["code"]: each["nom"] for each in _read("regions")}
    departements = [
        Departement(each["code"], each["nom"], regions[each["region"]]) for each in _read("departements") if each["code"] not in LEFT_OUT
    ]
    return Gazetteer(departements, _communes(_read("communes")))


def _communes(found: Sequence[dict[str, Any]]) -> Iterable[tuple[str, str, str, str]]:
    """Communes of today, then those merged in one of them, whose names people still say: the code is then that of the new one."""
    today = {
        each["code"]: each["nom"] for each in found if each["type"] == "commune-actuelle" and departement_of(each["code"]) not in LEFT_OUT
    }
    for each in found:
        if each["type"] == "commune-actuelle" and each["code"] in today:
            yield each["code"], each["nom"], " ".join(each.get("codesPostaux", ())), str(each.get("population", ""))
    for each in found:
        into = each.get("chefLieu", "")
        if each["type"] in ("commune-deleguee", "commune-associee") and into in today and each["nom"] != today[into]:
            yield into, each["nom"], "", ""


def _read(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((GEOGRAPHY / f"{name}.json").read_text(encoding="utf-8"))
    return found
