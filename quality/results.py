"""The figures that are published, each with what it is counted over; small counts are hidden, since they could tell of somebody. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

SMALL = 5
"""Counts under this are not published."""
NBSP = "\u00a0"
METHODS = {
    "delai_tenu": "Messages reçus sur la période : réponses parties dans le délai annoncé, sur toutes les réponses et tous les délais passés sans réponse. "
    "Ne comptent pas les messages clos sans réponse écrite, rouverts, ou transmis à un autre organisme.",
    "delai_median": "La moitié des réponses part en ce temps ou moins. Jours ouvrés jusqu'au premier message écrit par un agent, sans le jour d'arrivée.",
    "delai_90": "Neuf réponses sur dix partent en ce temps ou moins. Même compte que la médiane.",
    "avis_repondus": "Avis auxquels un agent a écrit, sur tous les avis reçus sur la période, même ceux dont le délai court encore.",
    "avis_positifs": "Avis au ressenti positif, sur tous les avis reçus sur la période. Le ressenti est lu par un programme, corrigé par les agents.",
}
NAMES = {
    "delai_tenu": "Réponses dans le délai annoncé",
    "delai_median": "Temps de réponse médian",
    "delai_90": "Temps de réponse, 90e centile",
    "avis_repondus": "Avis qui ont reçu une réponse",
    "avis_positifs": "Avis positifs",
}
DAYS = ("delai_median", "delai_90")


@dataclass(frozen=True)
class Counts:
    """What was counted over some messages: those of a channel or of a commitment (`dimension` "canal" or "engagement"), or all ("ensemble")."""

    dimension: str
    code: str
    name: str
    in_time: int
    due: int
    answers: int
    median: int | None
    ninetieth: int | None
    opinions: int
    opinions_answered: int
    positive: int


@dataclass(frozen=True)
class Figure:
    """A published figure: `value` in percent or working days, over `base` messages. Both None when they are too few to be published."""

    dimension: str
    code: str
    name: str
    measure: str
    value: float | None
    base: int | None

    @property
    def unit(self) -> str:
        return "jours ouvrés" if self.measure in DAYS else "%"

    def told(self) -> str:
        """As it is read in a table."""
        if self.value is None:
            return "trop peu"
        number = f"{self.value:.1f}".removesuffix(".0").replace(".", ",")
        return f"{number}{NBSP}{self.unit if self.unit == '%' else 'j'}"


@dataclass(frozen=True)
class Results:
    """Figures of the messages received from `since` to `until`."""

    since: date
    until: date
    figures: tuple[Figure, ...]

    def whole(self, measure: str) -> Figure:
        return next(one for one in self.figures if one.dimension == "ensemble" and one.measure == measure)

    def rows(self, dimension: str) -> list[tuple[str, list[Figure]]]:
        """Each name of a dimension with its figures, in the order of NAMES."""
        names = dict.fromkeys(one.name for one in self.figures if one.dimension == dimension)
        return [(name, [one for one in self.figures if one.dimension == dimension and one.name == name]) for name in names]

    def sentences(self) -> list[str]:
        """What is known of the whole, a sentence each."""
        kept, middle, most, answered = (self.whole(one) for one in ("delai_tenu", "delai_median", "delai_90", "avis_repondus"))
        told = []
        if kept.base:
            told.append(f"{kept.told()} des messages ont reçu une réponse dans le délai annoncé, sur {kept.base}.")
        if middle.base:
            told.append(f"La moitié des réponses part en {_days(middle.value)} ou moins, et neuf sur dix en {_days(most.value)} ou moins.")
        if answered.base:
            told.append(f"{answered.told()} des avis ont reçu une réponse, sur {answered.base}.")
        return told or ["Il y a trop peu de messages sur cette période pour publier des délais."]


def publish(since: date, until: date, counted: Sequence[Counts]) -> Results:
    """Figures of these counts. A share is hidden when what it is of, or the part that it counts or leaves out, is small but not none."""
    figures = []
    for one in counted:
        values = {
            "delai_tenu": _share(one.in_time, one.due),
            "delai_median": _of(one.median, one.answers),
            "delai_90": _of(one.ninetieth, one.answers),
            "avis_repondus": _share(one.opinions_answered, one.opinions),
            "avis_positifs": _share(one.positive, one.opinions),
        }
        figures += [Figure(one.dimension, one.code, one.name, measure, *values[measure]) for measure in NAMES]
    return Results(since, until, tuple(figures))


def shown(counts: Sequence[int]) -> list[int | None]:
    """Counts that add up to a published total, without the small ones; one more goes when the total would tell the only one that is hidden."""
    small = {place for place, count in enumerate(counts) if 0 < count < SMALL}
    others = [place for place, count in enumerate(counts) if count >= SMALL]
    if len(small) == 1 and others:
        small.add(min(others, key=counts.__getitem__))
    return [None if place in small else count for place, count in enumerate(counts)]


def shown_total(counts: Sequence[int]) -> int | None:
    """Their total, unless it is small itself."""
    return None if 0 < sum(counts) < SMALL else sum(counts)


def _share(part: int, whole: int) -> tuple[float | None, int | None]:
    if whole < SMALL or 0 < part < SMALL or 0 < whole - part < SMALL:
        return None, None
    return round(100 * part / whole, 1), whole


def _of(value: int | None, base: int) -> tuple[float | None, int | None]:
    return (None, None) if base < SMALL else (value, base)


def _days(days: float | None) -> str:
    count = int(days or 0)
    return f"{count}{NBSP}jour ouvré" if count < 2 else f"{count}{NBSP}jours ouvrés"
