"""What a scheme asks, held against what is known of a person: met, not met or not known, and why in plain French. Pure.

A scheme is never left out: what is not known is said to be checked, what is clearly not met puts it last.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from math import inf

from aids.model import AUDIENCE_LABELS, PROJECT_LABELS, Aid, Audience, Condition, Project
from aids.places import Place, gazetteer, where
from aids.profile import Profile, Range
from aids.search import search


class Verdict(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Dimension(StrEnum):
    """What may be asked of a person, most telling first."""

    AUDIENCE = "audience"
    PROJECT = "project"
    PLACE = "place"
    HEADCOUNT = "headcount"
    YEARS = "years"
    TURNOVER = "turnover"
    BUDGET = "budget"
    AGE = "age"
    SECTOR = "sector"


ASKED: tuple[Dimension, ...] = tuple(dimension for dimension in Dimension if dimension is not Dimension.SECTOR)
"""What one may be asked; a trade is only ever volunteered: no list of them is short enough to choose from."""


FIRST = ASKED[:4]
"""What people say first of themselves."""


@dataclass(frozen=True)
class Criterion:
    """One thing that a scheme asks. `text`: a sentence, with the reason of the verdict. `dimension`: what it is about, None when only a
    person can check it. `least` and `most`: the bounds asked, for numbers."""

    text: str
    verdict: Verdict
    dimension: Dimension | None = None
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Match:
    """A scheme against a profile. `relevance`: how much it speaks of the project, 0 to 100."""

    aid: Aid
    criteria: tuple[Criterion, ...]
    relevance: float
    closed: bool

    def having(self, verdict: Verdict) -> list[Criterion]:
        return [criterion for criterion in self.criteria if criterion.verdict is verdict]

    @property
    def excluded(self) -> bool:
        """Whether something that it asks is clearly not met."""
        return any(criterion.verdict is Verdict.NOT_MET for criterion in self.criteria)

    def verdict(self, dimension: Dimension) -> Verdict | None:
        """The worst verdict about `dimension`; None when the scheme asks nothing about it."""
        found = {criterion.verdict for criterion in self.criteria if criterion.dimension is dimension}
        return next((verdict for verdict in (Verdict.NOT_MET, Verdict.UNKNOWN, Verdict.MET) if verdict in found), None)


def rank(profile: Profile, aids: Iterable[Aid], today: date) -> list[Match]:
    """Every scheme, those that fit first: nothing against them, open, about the project, least left to check."""
    aids = list(aids)
    told = _speaking_of(profile.words, aids)
    # The trade tells two schemes for one project apart: "un four" is a baker's or a potter's.
    with_trade = _speaking_of(f"{profile.words} {profile.trade}", aids) if profile.words and profile.trade else told
    matches = [
        (Match(aid, assess(profile, aid), told.get(aid.slug, 0.0), aid.is_closed(today)), with_trade.get(aid.slug, 0.0)) for aid in aids
    ]
    return [match for match, nearness in sorted(matches, key=lambda pair: _order(*pair))]


def _speaking_of(words: str, aids: Sequence[Aid]) -> dict[str, float]:
    """How much each sheet speaks of these words, by slug; only those that do."""
    return {hit.aid.slug: hit.score for hit in search(words, aids, limit=len(aids))} if words else {}


def assess(profile: Profile, aid: Aid) -> tuple[Criterion, ...]:
    """All that the scheme asks: whom it is for, what it pays for, and its conditions, in the order of the sheet."""
    conditions = aid.eligibility.conditions
    found = [_project(profile, aid)]
    if not any(condition.audiences for condition in conditions):
        found.insert(0, _audience(profile, aid.audiences))
    for condition in conditions:
        found += _condition(profile, condition)
    if not any(condition.has_place for condition in conditions):
        found.append(Criterion(f"{aid.perimeter.rstrip('.')}.", Verdict.UNKNOWN))
    if aid.amount.budget_min is not None and not any(c.budget_min or c.budget_max for c in conditions):
        found.append(_number(Dimension.BUDGET, profile.budget, aid.amount.budget_min, None))
    return tuple(found)


def open_questions(matches: Sequence[Match]) -> list[Dimension]:
    """What, once known, could put a scheme that still fits aside: what people say of themselves first, then what decides for most schemes.

    Closed schemes need no question.
    """
    still = [match for match in matches if not match.excluded and not match.closed]
    counts: Counter[Dimension] = Counter(
        criterion.dimension
        for match in still
        for criterion in {c.dimension: c for c in match.having(Verdict.UNKNOWN)}.values()
        if criterion.dimension in ASKED
    )
    return sorted(
        counts,
        key=lambda each: (min(ASKED.index(each), len(FIRST)), -counts[each], ASKED.index(each)),
    )


STEPS = {Dimension.HEADCOUNT: 1, Dimension.AGE: 1, Dimension.TURNOVER: 1, Dimension.BUDGET: 1, Dimension.YEARS: 1 / 365}
"""The least difference that is told apart: an employee, a year of age, a euro, a day."""


def ranges(dimension: Dimension, matches: Iterable[Match]) -> list[Range]:
    """The ranges of a number within which the answer is the same for every scheme that still fits, from 0 on."""
    step = STEPS[dimension]
    starts = {0.0}
    for match in matches:
        for criterion in match.criteria:
            if criterion.dimension is dimension and not match.excluded and not match.closed:
                starts |= {criterion.least} if criterion.least else set()
                starts |= {criterion.most + step} if criterion.most is not None else set()
    ordered = sorted(starts)
    return [Range(start, after - step) for start, after in pairwise(ordered)] + [Range(ordered[-1], inf)]


_COMPANIES = frozenset({Audience.ENTREPRISE, Audience.ARTISAN, Audience.COMMERCANT, Audience.AGRICULTEUR, Audience.PROFESSION_LIBERALE})
_PEOPLE = frozenset({Audience.PARTICULIER, Audience.SALARIE, Audience.ETUDIANT, Audience.APPRENTI, Audience.LYCEEN})
_ALSO = {
    Audience.ARTISAN: {Audience.ENTREPRISE},
    Audience.COMMERCANT: {Audience.ENTREPRISE},
    Audience.PROFESSION_LIBERALE: {Audience.ENTREPRISE},
    Audience.APPRENTI: {Audience.SALARIE, Audience.PARTICULIER},
    Audience.ETUDIANT: {Audience.PARTICULIER},
    Audience.LYCEEN: {Audience.PARTICULIER},
    Audience.SALARIE: {Audience.PARTICULIER},
}
"""What one is as well."""
_NEVER_BOTH = (
    frozenset({Audience.ETUDIANT, Audience.APPRENTI, Audience.LYCEEN}),
    frozenset({Audience.AGRICULTEUR, Audience.ARTISAN, Audience.PROFESSION_LIBERALE}),
    frozenset({Audience.AGRICULTEUR, Audience.COMMERCANT, Audience.PROFESSION_LIBERALE}),
)
_OF_A_COMPANY = frozenset({Project.EQUIPER, Project.AMENAGER, Project.NUMERISER, Project.EXPORTER, Project.RECRUTER})
"""Projects that `DEVELOPPER` may cover."""


def _audience(profile: Profile, wanted: Sequence[Audience]) -> Criterion:
    label = f"Pour les {_and([AUDIENCE_LABELS[each] for each in wanted])}"
    verdict = _audience_verdict(profile.audiences, frozenset(wanted))
    if verdict is Verdict.MET:
        return Criterion(f"{label} : c'est votre cas.", verdict, Dimension.AUDIENCE)
    if verdict is Verdict.NOT_MET:
        return Criterion(f"{label} : ce n'est pas votre cas.", verdict, Dimension.AUDIENCE)
    return Criterion(f"{label}.", verdict, Dimension.AUDIENCE)


def _audience_verdict(are: frozenset[Audience], wanted: frozenset[Audience]) -> Verdict:
    if not are:
        return Verdict.UNKNOWN
    whole = are.union(*(_ALSO.get(each, ()) for each in are))
    if whole & wanted:
        return Verdict.MET
    # One may be more than what one said, within the same world: a company may be a craftsman's, not a student.
    possible = {each for world in (_COMPANIES, _PEOPLE) if world & are for each in world}
    possible -= {other for each in are for never in _NEVER_BOTH if each in never for other in never}
    return Verdict.UNKNOWN if possible & wanted else Verdict.NOT_MET


def _project(profile: Profile, aid: Aid) -> Criterion:
    label = f"Pour {', '.join(PROJECT_LABELS[each] for each in aid.projects)}" if aid.projects else aid.purpose.rstrip(".")
    are, wanted = profile.projects, frozenset(aid.projects)
    if are & wanted:
        return Criterion(f"{label} : c'est votre projet.", Verdict.MET, Dimension.PROJECT)
    if not are or not wanted or (Project.DEVELOPPER in wanted and are & _OF_A_COMPANY):
        return Criterion(f"{label}.", Verdict.UNKNOWN, Dimension.PROJECT if not are and wanted else None)
    return Criterion(f"{label} : votre projet est autre.", Verdict.NOT_MET, Dimension.PROJECT)


def _condition(profile: Profile, condition: Condition) -> list[Criterion]:
    """A criterion for each value compared; the text itself where something is left to a person."""
    found = [*_worded(profile, condition), *_labelled(profile, condition)]
    against = [criterion for criterion in found if criterion.verdict is Verdict.NOT_MET]
    if found and not condition.partly:
        return found
    if against:
        return against
    # What is left to check stands for the whole: nobody reads the same condition twice. A value not known yet may still be asked.
    unknown = next((criterion for criterion in found if criterion.verdict is Verdict.UNKNOWN), Criterion("", Verdict.UNKNOWN))
    return [replace(unknown, text=condition.text)]


def _labelled(profile: Profile, condition: Condition) -> Iterable[Criterion]:
    """What is compared and can be said in a few words of its own."""
    if condition.audiences:
        yield _audience(profile, condition.audiences)
    if condition.has_place:
        yield _place(profile.places, condition)
    for dimension, value, least, most in (
        (Dimension.HEADCOUNT, profile.headcount, condition.headcount_min, condition.headcount_max),
        (Dimension.TURNOVER, profile.turnover, None, condition.turnover_max),
        (Dimension.BUDGET, profile.budget, condition.budget_min, condition.budget_max),
        (Dimension.YEARS, profile.years, condition.years_min, condition.years_max),
        (Dimension.AGE, profile.age, condition.age_min, condition.age_max),
    ):
        if least is not None or most is not None:
            yield _number(dimension, value, least, most)


def _worded(profile: Profile, condition: Condition) -> Iterable[Criterion]:
    """What is compared and needs the words of the sheet: trades, and who is left out. One criterion for all, of the worst verdict."""
    verdicts = set()
    if condition.not_audiences:
        verdicts.add(_opposite(_audience_verdict(profile.audiences, frozenset(condition.not_audiences))))
    if condition.naf_sections:
        verdicts.add(_trade_verdict(profile.sectors, frozenset(condition.naf_sections)))
    if condition.not_naf_sections:
        verdicts.add(_opposite(_trade_verdict(profile.sectors, frozenset(condition.not_naf_sections))))
    text = condition.text.rstrip(".")
    if Verdict.NOT_MET in verdicts:
        trade = f"« {profile.trade} » ne convient pas" if profile.trade else "ce n'est pas votre cas"
        yield Criterion(f"{text} : {trade}.", Verdict.NOT_MET, Dimension.SECTOR)
    elif Verdict.UNKNOWN in verdicts:
        yield Criterion(f"{text}.", Verdict.UNKNOWN, Dimension.SECTOR)
    elif verdicts:
        trade = f"« {profile.trade} » convient" if profile.trade else "c'est votre cas"
        yield Criterion(f"{text} : {trade}.", Verdict.MET, Dimension.SECTOR)


def _trade_verdict(are: frozenset[str], sections: frozenset[str]) -> Verdict:
    if are and are <= sections:
        return Verdict.MET
    return Verdict.NOT_MET if are and not are & sections else Verdict.UNKNOWN


def _opposite(verdict: Verdict) -> Verdict:
    return {Verdict.MET: Verdict.NOT_MET, Verdict.NOT_MET: Verdict.MET}.get(verdict, verdict)


def _place(places: tuple[Place, ...], condition: Condition) -> Criterion:
    france = gazetteer()
    label = _or(
        [where(region) for region in condition.regions]
        + [f"dans le département {france.departements[code].name}" for code in condition.departements]
        + ([f"dans une des {len(condition.communes)} communes de la liste"] if condition.communes else [])
    )
    label = label[:1].upper() + label[1:]
    answers = {_inside(place, condition) for place in places}
    if len(answers) == 1 and None not in answers:
        here = france.title(places[0])
        if True in answers:
            return Criterion(f"{label} : {here} y est.", Verdict.MET, Dimension.PLACE)
        there = f"{here} est {where(places[0].region)}" if len(places) == 1 and here != places[0].region else f"vous êtes à {here}"
        there = f"vous êtes {where(places[0].region)}" if here == places[0].region else there
        return Criterion(f"{label} : {there}.", Verdict.NOT_MET, Dimension.PLACE)
    return Criterion(f"{label}.", Verdict.UNKNOWN, Dimension.PLACE)


def _inside(place: Place, condition: Condition) -> bool | None:
    """Whether the place is one of those asked; None when it is wider than they are, and holds one of them."""
    if place.region in condition.regions or place.departement in condition.departements or place.commune in condition.communes:
        return True
    france = gazetteer()
    narrower = [Place("", france.departements[code].region, code) for code in condition.departements] if not place.departement else []
    narrower += [found for code in condition.communes if (found := france.commune(code)) and not place.commune]
    return None if any(_holds(place, each) for each in narrower) else False


def _holds(wide: Place, narrow: Place) -> bool:
    return wide.departement == narrow.departement if wide.departement else wide.region == narrow.region


_NUMBERS = {
    Dimension.HEADCOUNT: ("", "vous en avez {}"),
    Dimension.TURNOVER: ("Chiffre d'affaires ", "le vôtre est {}"),
    Dimension.BUDGET: ("Projet ", "le vôtre est {}"),
    Dimension.YEARS: ("Entreprise ", "la vôtre a {}"),
    Dimension.AGE: ("", "vous avez {}"),
}


def _number(dimension: Dimension, value: Range | None, least: float | None, most: float | None) -> Criterion:
    before, have = _NUMBERS[dimension]
    label = before + _between(dimension, least, most)
    label = label[:1].upper() + label[1:]
    inside = value.within(least, most) if value else None
    if value is None or inside is None:
        return Criterion(f"{label}.", Verdict.UNKNOWN, dimension, least, most)
    if dimension is Dimension.YEARS and value.most == 0:
        reason = "la vôtre n'est pas encore créée"
    elif dimension is Dimension.HEADCOUNT and value.most == 0:
        reason = "vous n'en avez aucun"
    else:
        reason = have.format(said_range(dimension, value, of=dimension in (Dimension.TURNOVER, Dimension.BUDGET)))
    return Criterion(f"{label} : {reason}.", Verdict.MET if inside else Verdict.NOT_MET, dimension, least, most)


def _between(dimension: Dimension, least: float | None, most: float | None) -> str:
    """Bounds asked, in words: "de 3 à 50 salariés", "moins de 10 salariés", "d'au moins 10 000 €"."""
    counted = dimension in (Dimension.HEADCOUNT, Dimension.AGE)
    if least and most is not None:
        return f"de {_plain(dimension, least)} à {_with_unit(dimension, most)}"
    if most is not None:
        return f"moins de {_with_unit(dimension, most + 1)}" if counted else f"de {_with_unit(dimension, most)} au plus"
    return f"{_with_unit(dimension, least or 0)} ou plus" if counted else f"d'au moins {_with_unit(dimension, least or 0)}"


def range_label(dimension: Dimension, value: Range) -> str:
    """A range to choose, in words: "Moins de 3 salariés", "De 3 à 9 salariés", "250 salariés ou plus"."""
    step = STEPS[dimension]
    if value.most == inf:
        # A bound that is the most of something begins just after it; a number of people begins where it is told.
        just_after = dimension is Dimension.YEARS or (dimension in (Dimension.TURNOVER, Dimension.BUDGET) and value.least % 10 == 1)
        return f"Plus de {_with_unit(dimension, value.least)}" if just_after else f"{_with_unit(dimension, value.least)} ou plus"
    if value.least == 0:
        after = value.most + step
        return "Aucun salarié" if after == 1 and dimension is Dimension.HEADCOUNT else f"Moins de {_with_unit(dimension, after)}"
    if value.exact:
        return _with_unit(dimension, value.least).capitalize()
    last = value.most if step == 1 and dimension in (Dimension.HEADCOUNT, Dimension.AGE) else value.most + step
    first = _with_unit(dimension, value.least) if dimension is Dimension.YEARS else _plain(dimension, value.least)
    return f"De {first} à {_with_unit(dimension, last)}"


def said_range(dimension: Dimension, value: Range, *, of: bool = False) -> str:
    """What a person told of a number, said back: "12", "moins de 10", "7 ans"; with `of`, after a noun: "de 800 000 €", "d'au moins 3 ans"."""
    unit = _plain if dimension is Dimension.HEADCOUNT else _with_unit
    least = unit(dimension, value.least)
    if value.most == inf:
        return f"{"d'" if of else ''}au moins {least}"
    if value.middle is not None:
        return f"{"d'" if of else ''}environ {unit(dimension, value.middle)}"
    if least == unit(dimension, value.most):
        return f"{'de ' if of else ''}{least}"
    if value.least == 0:
        return f"{'de ' if of else ''}{unit(dimension, value.most)} au plus"
    most = unit(dimension, value.most)
    first, _, same = least.rpartition("\u00a0")
    if first and most.endswith(f"\u00a0{same}") and not same[-1].isdigit():
        least = first  # the unit once: "entre 10 000 et 20 000 €"
    return f"{'de' if of else 'entre'} {least} {'à' if of else 'et'} {most}"


def _with_unit(dimension: Dimension, value: float) -> str:
    if dimension is Dimension.YEARS:
        months = max(1, round(value * 12))
        if months < 24 and months != 12:
            return f"{months}\u00a0mois"
        return f"{months // 12}\u00a0{'an' if months == 12 else 'ans'}"
    if dimension is Dimension.HEADCOUNT:
        return f"{value:g}\u00a0{'salarié' if value < 2 else 'salariés'}"
    return f"{_plain(dimension, value)}\u00a0{'ans' if dimension is Dimension.AGE else '€'}"


def _plain(dimension: Dimension, value: float) -> str:
    if dimension in (Dimension.TURNOVER, Dimension.BUDGET):
        value = value // 10 * 10  # a euro more or less tells ranges apart, not people
    return f"{value:.0f}" if dimension is Dimension.YEARS else f"{round(value):,}".replace(",", "\u00a0")


def _or(words: Sequence[str]) -> str:
    return _list(words, "ou")


def _and(words: Sequence[str]) -> str:
    return _list(words, "et")


def _list(words: Sequence[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _order(match: Match, nearness: float) -> tuple[bool, bool, bool, float, int, str]:
    about = match.verdict(Dimension.PROJECT) is Verdict.MET
    unknown = sum(criterion.dimension is not None for criterion in match.having(Verdict.UNKNOWN))
    return match.excluded, match.closed, not about, -nearness, unknown, match.aid.name
