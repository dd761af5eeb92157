"""What the search of an aid asks and says. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Any

from aids.eligibility import Dimension, Match, Verdict, range_label, ranges, said_range
from aids.model import PROJECT_LABELS, Aid, Audience, Project
from aids.places import Place, gazetteer, where
from aids.profile import RANGES, Profile, Range
from bot.actions.figures_said import BODIES
from bot.actions.messages import Message
from bot.actions.sheet import SAMPLE
from language.dates import in_words

Option = tuple[str, Profile]
"""A button: its label, which is also the message that it sends, and what choosing it tells."""

RESUME = ("Reprendre ma recherche d'aides", "Reprendre ma recherche d'aides")
RESTART = ("Recommencer", "Recommencer ma recherche d'aides")
NOT_KNOWN = ("Je ne sais pas", "Je ne sais pas")
MOST_OPTIONS = 6
MOST_ASIDE = 6
"""Schemes told by name among those that do not fit."""

_ONE = {
    Audience.ENTREPRISE: "entreprise",
    Audience.ARTISAN: "artisan",
    Audience.COMMERCANT: "commerçant",
    Audience.AGRICULTEUR: "agriculteur",
    Audience.PROFESSION_LIBERALE: "profession libérale",
    Audience.ASSOCIATION: "association",
    Audience.COMMUNE: "commune",
    Audience.ETUDIANT: "étudiant",
    Audience.APPRENTI: "apprenti",
    Audience.LYCEEN: "élève ou parent d'élève",
    Audience.SALARIE: "salarié",
    Audience.PARTICULIER: "particulier",
}
_FOR = {
    Audience.ENTREPRISE: "Une entreprise",
    Audience.ARTISAN: "Un artisan ou un commerçant",
    Audience.AGRICULTEUR: "Une exploitation agricole",
    Audience.ASSOCIATION: "Une association",
    Audience.COMMUNE: "Une commune",
    Audience.ETUDIANT: "Un étudiant",
    Audience.APPRENTI: "Un apprenti",
    Audience.LYCEEN: "Un élève ou ses parents",
    Audience.PARTICULIER: "Un particulier",
}

_QUESTIONS = {
    Dimension.AUDIENCE: (
        "Pour qui demandez-vous cette aide ?",
        "Il faut d'abord savoir qui demande. Choisissez, ou dites-le en quelques mots.",
    ),
    Dimension.PROJECT: ("Quel est votre projet ?", "Que doit payer l'aide ? Par exemple une machine, des travaux, un salon."),
    Dimension.PLACE: ("Dans quelle commune ?", "Le territoire compte. Écrivez une commune, un département ou un code postal."),
    Dimension.HEADCOUNT: (
        "Combien de salariés comptez-vous ?",
        "Un ordre de grandeur suffit pour les salariés. Ne comptez ni membres ni bénévoles.",
    ),
    Dimension.YEARS: ("Depuis quand l'entreprise existe-t-elle ?", "L'âge de l'entreprise compte. Son année de création suffit."),
    Dimension.TURNOVER: (
        "Quel est votre chiffre d'affaires annuel, hors taxes ?",
        "Pour le chiffre d'affaires, un ordre de grandeur suffit.",
    ),
    Dimension.BUDGET: ("Quel est le budget du projet ?", "Pour le budget, un ordre de grandeur suffit."),
    Dimension.AGE: ("Quel âge avez-vous ?", "Certaines aides dépendent de l'âge. Indiquez celui de la personne aidée."),
}
_PLACES = {
    Audience.ETUDIANT: "Dans quelle commune étudiez-vous ?",
    Audience.PARTICULIER: "Dans quelle commune habitez-vous ?",
    Audience.SALARIE: "Dans quelle commune habitez-vous ?",
    Audience.LYCEEN: "Dans quelle commune habitez-vous ?",
    Audience.APPRENTI: "Dans quelle commune vous formez-vous ?",
    Audience.ENTREPRISE: "Dans quelle commune est votre entreprise ?",
    Audience.ASSOCIATION: "Dans quelle commune est votre association ?",
    Audience.COMMUNE: "Quelle est votre commune ?",
}


def question(dimension: Dimension, profile: Profile, *, again: bool) -> str:
    """The question on `dimension`; in other words when it was asked before."""
    first, other = _QUESTIONS[dimension]
    if again:
        return other
    if dimension is Dimension.PLACE:
        return next((words for audience, words in _PLACES.items() if audience in profile.audiences), first)
    if dimension is Dimension.HEADCOUNT and Audience.ASSOCIATION in profile.audiences:
        return "Combien de salariés compte votre association ?"
    return first


def options(dimension: Dimension, profile: Profile, matches: Sequence[Match]) -> list[Option]:
    """Answers to choose from: only those that the schemes still fitting tell apart."""
    still = [match for match in matches if not match.excluded and not match.closed]
    if dimension is Dimension.AUDIENCE:
        wanted = {audience for match in still for audience in match.aid.audiences}
        wanted |= {Audience.ENTREPRISE, Audience.PARTICULIER}  # who is neither has to be able to say so
        wanted |= {Audience.ARTISAN} if Audience.COMMERCANT in wanted else set()
        groups = {Audience.ARTISAN: frozenset({Audience.ARTISAN, Audience.COMMERCANT})}
        return [
            (label, Profile(audiences=groups.get(audience, frozenset({audience}))))
            for audience, label in _FOR.items()
            if audience in wanted
        ]
    if dimension is Dimension.PROJECT:
        counts: dict[Project, float] = {}
        for match in still:
            for project in match.aid.projects:
                # What is meant for one first: a student's stay abroad before a home that anybody may renovate.
                counts[project] = counts.get(project, 0) + (2 if profile.audiences & set(match.aid.audiences) else 1)
        best = sorted(counts, key=lambda project: (-counts[project], list(Project).index(project)))[:MOST_OPTIONS]
        told = [(capital(PROJECT_LABELS[each]), Profile(projects=frozenset({each}), words=PROJECT_LABELS[each])) for each in best]
        return told if len(told) > 1 else []
    if dimension is Dimension.PLACE:
        if len(profile.places) > 1:
            return shared_name(profile.places)
        regions = sorted({region for match in still for condition in match.aid.eligibility.conditions for region in condition.regions})
        return [(region, Profile(places=(Place(region, region),))) for region in regions] if len(regions) <= MOST_OPTIONS else []
    found = ranges(dimension, matches)
    return [(range_label(dimension, each), having(dimension.value, each)) for each in found] if 1 < len(found) <= MOST_OPTIONS else []


def having(key: str, value: Range) -> Profile:
    """A profile of which only this number is known."""
    return Profile.from_json(Profile().to_json() | {key: [value.least, None if value.most == inf else value.most]})


def shared_name(places: Sequence[Place]) -> list[Option]:
    """Places that share a name, or look like one that nobody has."""
    return [(gazetteer().title(place), Profile(places=(place,))) for place in places[:MOST_OPTIONS]]


def described(profile: Profile) -> list[str]:
    """What is known, each thing in a few words: "artisan (menuiserie)", "12 salariés", "à Laval (Mayenne)"…"""
    words = []
    if profile.audiences:
        words.append(who(profile) + (f" ({profile.trade})" if profile.trade and profile.trade not in who(profile) else ""))
    elif profile.trade:
        words.append(profile.trade)
    if profile.headcount:
        count = profile.headcount
        said = said_range(Dimension.HEADCOUNT, count)
        one = "salarié" if count.most < 2 else "salariés"
        if count.least == 0 < count.most:
            words.append(f"{count.most:g}\u00a0{one} au plus")
        else:
            words.append("aucun salarié" if count.most == 0 else f"{said}\u00a0{one}")
    if len(profile.places) == 1:
        words.append(_at(profile.places[0]))
    if profile.years:
        age = said_range(Dimension.YEARS, profile.years, of=True)
        words.append("entreprise pas encore créée" if profile.years.most == 0 else f"entreprise {age}")
    if profile.turnover:
        words.append(f"chiffre d'affaires {said_range(Dimension.TURNOVER, profile.turnover, of=True)}")
    if profile.age:
        words.append(said_range(Dimension.AGE, profile.age))
    if profile.projects:
        words.append(f"pour {wanted(profile)}")
    if profile.budget:
        words.append(f"budget {said_range(Dimension.BUDGET, profile.budget, of=True)}")
    return words


def situation(profile: Profile) -> str:
    """A line on who asks, and one on the project."""
    person = described(replace(profile, projects=frozenset(), budget=None))
    lines = [f"Votre situation : {', '.join(person)}."] if person else []
    if profile.projects:
        cost = described(Profile(budget=profile.budget))
        lines.append(f"Projet : {', '.join([wanted(profile), *cost])}.")
    return "\n".join(lines)


def who(profile: Profile) -> str:
    """ "artisan et commerçant": an artisan is a company too, and the word that tells more is enough."""
    kinds = [one for audience, one in _ONE.items() if audience in profile.audiences]
    return " et ".join(kinds[1:] if len(kinds) > 1 and kinds[0] == "entreprise" else kinds)


def wanted(profile: Profile) -> str:
    return ", ".join(PROJECT_LABELS[project] for project in Project if project in profile.projects)


def news(before: Profile, after: Profile) -> list[str]:
    """What a reading has changed, in the words of `described`."""
    changed = {
        key: getattr(after, key) for key in (*RANGES, "audiences", "projects", "places") if getattr(after, key) != getattr(before, key)
    }
    if after.trade != before.trade:
        changed |= {"audiences": after.audiences, "trade": after.trade}
    return described(Profile(**changed)) if changed else []


def aside_card(matches: Sequence[Match], others: Sequence[Match]) -> Message | None:
    """Schemes that do not fit, or are closed, folded, each with its reason, those that miss least first; and `others`, not known to fit."""
    excluded = sorted(
        (match for match in matches if match.excluded), key=lambda match: (len(match.having(Verdict.NOT_MET)), -match.relevance)
    )
    near = [match for match in excluded if match.verdict(Dimension.AUDIENCE) is not Verdict.NOT_MET or _about(match)][:MOST_ASIDE]
    closed = [match for match in matches if match.closed and not match.excluded]
    details = []
    if others:
        items = [f"{match.aid.name}. {match.aid.short_title}." for match in others]
        details.append({"label": f"À vérifier aussi ({len(others)})", "items": items, "open": False})
    if near:
        items = [f"{match.aid.name}. {match.having(Verdict.NOT_MET)[0].text}" for match in near]
        left = len(excluded) - len(near)
        items += [f"{left} autre{'s' if left > 1 else ''}, pour d'autres personnes ou d'autres projets."] if left else []
        details.append({"label": f"Ne correspondent pas ({len(excluded)})", "items": items, "open": False})
    if closed:
        items = [f"{match.aid.name}. {_closed_since(match.aid)}" for match in closed]
        details.append({"label": f"Dépôt clos ({len(closed)})", "items": items, "open": False})
    if not details:
        return None
    sample = any(match.aid.sample for match in (*near, *closed, *others))
    return {"type": "card", "title": "Autres aides", "details": details, "notice": SAMPLE if sample else ""}


def nothing_fits(matches: Sequence[Match], profile: Profile) -> str:
    """Why no scheme is shown, and what comes nearest."""
    region = profile.region()
    served = {name for match in matches for condition in match.aid.eligibility.conditions for name in condition.regions}
    if region and served and region not in served:
        return f"Nos fiches ne couvrent pas votre territoire : vous êtes {where(region)}. Voyez avec votre Région."
    if any(match.closed and not match.excluded for match in matches):
        return "Les aides qui conviendraient sont closes. Un agent peut dire si elles reviennent."
    if not (profile.audiences and profile.projects):
        return "Aucune de nos fiches ne correspond à ce que vous avez dit. Un agent peut connaître une autre aide."
    lines = [f"Dans nos fiches, aucune aide ne convient à ce projet : {wanted(profile)}."]
    near = nearest(matches)
    lines += [f"La plus proche : {near.aid.name}. {near.having(Verdict.NOT_MET)[0].text}"] if near else []
    other = [match for match in matches if [c.dimension for c in match.having(Verdict.NOT_MET)] == [Dimension.PROJECT] and not match.closed]
    if not near and other and len(other) <= 2 and profile.audiences <= BODIES:
        names = " ; ".join(f"{match.aid.name} ({_small(match.aid.short_title)})" for match in other)
        lines.append(f"Pour vous, mais pour un autre projet : {names}.")
    return "\n".join([*lines, "Un agent peut connaître une autre aide."])


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]


def nearest(matches: Sequence[Match]) -> Match | None:
    """The scheme for the same project and the same kind of person that misses one thing only."""
    near = [
        match
        for match in matches
        if _about(match)
        and not match.closed
        and match.verdict(Dimension.AUDIENCE) is not Verdict.NOT_MET
        and len(match.having(Verdict.NOT_MET)) == 1
    ]
    # A budget may grow and a year pass; a workshop stays where it is.
    return min(near, key=lambda match: match.verdict(Dimension.PLACE) is Verdict.NOT_MET, default=None)


def _about(match: Match) -> bool:
    return match.verdict(Dimension.PROJECT) is Verdict.MET


def _closed_since(aid: Aid) -> str:
    return f"Dépôt clos depuis le {in_words(aid.calendar.deadline)}." if aid.calendar.deadline else "Dépôt clos."


def _at(place: Place) -> str:
    if place.commune:
        return f"à {gazetteer().title(place)}"
    return f"département {place.name}" if place.departement else where(place.region)


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def to_json(choices: Sequence[Option]) -> list[list[Any]]:
    return [[label, told.to_json()] for label, told in choices]
