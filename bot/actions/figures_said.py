"""Numbers that a sentence tells of a person or a company: employees, turnover, budget, years. Pure."""

import re
from collections.abc import Collection
from datetime import date
from math import inf

from aids.eligibility import Dimension
from aids.model import Audience, Project
from aids.profile import Profile, Range
from bot.actions.quantities import AMOUNT, quantity, read

PEOPLE = frozenset({Audience.PARTICULIER, Audience.SALARIE, Audience.ETUDIANT, Audience.APPRENTI, Audience.LYCEEN})
BODIES = frozenset({Audience.ASSOCIATION, Audience.COMMUNE})
_EMPLOYEES = r"(?:salarie(?:\(e\))?e?s?|employee?s?|collaborat(?:eurs?|rices?)|compagnons?|etp|equivalents? temps plein|ouvriere?s?|cdi|bonshommes|gars)"
_PERSONS = r"(?:personnes?|pers)"
_OTHERS = (
    r"(?:licenciee?s?|adherente?s?|membres?|benevoles?|eleves?|enfants?|habitante?s?|cliente?s?|etudiante?s?|joueu\w+|usagere?s?|inscrite?s?|apprentie?s?|"
    r"stagiaires?|associee?s?|logements?|places?|familles?|jeunes?|abonnee?s?|beneficiaires?|hectares?|vaches?|brebis|chevres?|ruches?|communes?)"
)
_COUNT = quantity(_EMPLOYEES)
_BARE = re.compile(quantity("").pattern + rf"(?! ?(?:{_OTHERS}|ans?|mois|%|€|euros|m2|km|h)\b)")
_COUNT_PERSONS = quantity(_PERSONS)
_WE_ARE = re.compile(
    rf"(?:on est|nous sommes|on sera|nous serons)(?: a| bien| que| seulement| tout juste| environ| plus que| deja)* (?P<a>{AMOUNT})(?! ?\w+ ?(?:%|€))(?! a la maison| dans la famille)(?P<next>(?: \w+)?)"
)
_ALONE = re.compile(
    r"\b(?:je suis|j'y suis|suis)(?: tout| toute)? seule?\b(?! a)|\b(?:tout|toute|travaille|bosse) seule?\b|\bque moi\b|\b(?:aucun|zero|pas (?:de|d'|un seul)|sans|0|ni) "
    rf"{_EMPLOYEES}|\bpersonne d'autre\b"
)
_OTHER_COUNT = re.compile(
    rf"(?P<a>\d+)(?:,? ?(?:c'est|ce sont|c etait|sont|etaient))?(?: (?:des|les|nos|le nombre de|le nombre d'))? ?{_OTHERS}\b"
)
_REFUSED = re.compile(
    rf"(?:\bet non(?: pas)?|\bpas|\bnon pas|\bau lieu de|\bplutot que) (?:de )?(?P<a>\d+)\b(?: ?{_EMPLOYEES})?(?! ?(?:ans|mois|m2|€|euros|km))"
)
_NEW_FIGURE = re.compile(
    r"(?:^|\bnon\b|\bmais|\bc'est|\bplutot|\bcorrig\w+|\bje voulais dire|[,:]) ?(?:bien |de |d')?(?P<a>\d+)(?![\d ]*(?:ans|mois|€|euros|%|km|m2|h\b))"
)
_MONEY = quantity(r"euros")
# "Ça coûte" is written "ca coute" here: those two letters are a turnover only where nothing else can stand.
_CA = r"(?:\b(?:le|mon|notre|de|un|son|en|du) ca\b|\bca (?=\d|de \d|annuel|ht\b|:|est de|environ|autour))"
_TURNOVER = re.compile(rf"{_CA}|chiffre(?: d'affaires?)?|\bfacture\b|de recettes")
_TURNOVER_BARE = re.compile(
    rf"(?:{_CA}|chiffre(?: d'affaires?)?\b)[^\d]{{0,20}}(?P<a>\d{{4,12}})(?![\d ]*%)|(?P<b>\d{{4,12}}) (?:de |en |d')?(?:ca|chiffre)\b"
)
_ALONE_AMOUNT = re.compile(rf"\W*(?:environ |a peu pres |dans les |autour de |disons )?(?P<a>{AMOUNT}) ?(?P<unit>euros)?\W*")
_NO_BUDGET = re.compile(
    r"salaire|gagne|revenus?|par mois|loyer|smic|retraite de|subvention d|aides? d|touche|recu|deja eu|prime de|capital|pension|bourse de|reste a payer|amende"
)
_BUDGET = re.compile(
    r"cout|budget|devis|prix|invest|acheter|achat|achete|projet|travaux|machine|materiel|depens|financ|vehicule|voiture|velo|minibus|programme|montant|"
    r"\ba environ $|\ba $|\bpour $|\bpour environ $|\bde $|facture|chantier|monter|ouvrir|besoin"
)
_DURATION = quantity(r"(?:ans?|annees?|mois|semaines?|jours?)")
_YEAR = re.compile(
    r"(?:depuis|en|cree\w*|fonde\w*|ouvert\w*|lance\w*|date|demarr\w+|immatricule\w*|debut|fin)(?: (?:de |d'|en |fin |debut |\w+ ){0,2})? ?(?P<year>(?:19|20)\d\d)\b"
)
_RECENT = re.compile(
    r"(?:cree\w*|ouvert\w*|lance\w*|demarre\w*|installe\w*|immatricule\w*) (?:\w+ )?(?:l'an (?:dernier|passe)|l'annee (?:derniere|passee)|cette annee)"
)
_COMPANY_AGE = re.compile(
    r"(?:entreprise|societe|boite|eurl|sarl|sas|commerce|boutique|magasin|atelier|restaurant|activite|exploitation|garage|salon|elle|ca|a mon compte|installee?s?|cree\w*|"
    r"ouvert\w*|existe\w*|lancee?|fondee?|exerce|tourne|demarree?)(?: (?:existe|a|ont|est|tourne|depuis|il|y|deja|aujourd'hui|seulement|ouverte?|creee?|lancee?|n'a|que|pas|encore|date|de|d'))* $"
)
_SINCE = re.compile(r"(?:depuis|il y a|ca fait|voila)(?: (?:deja|seulement|bientot|presque|a peine|environ|moins de|plus de))* ?$")
_NOT_YET = re.compile(
    r"pas encore (?:cree\w*|ouvert\w*|immatricule\w*|lance\w*|demarre\w*|installe\w*|commence\w*)|(?:en cours|en phase) de creation|n'existe pas encore|porteuse? de projet|"
    r"projet de creation|veux (?:\w+ )?creer|vais (?:\w+ )?creer|souhaite (?:\w+ )?creer"
)
_JUST = re.compile(
    r"(?:viens|vient|venons) (?:juste |tout juste )?d(?:e |')(?:creer|ouvrir|lancer|m'installer|nous installer|demarrer|monter)"
)
_PERSON_AGE = re.compile(
    r"(?:j'ai|j'aurai|d'avoir|a l'age de|agee?s? de|age de|age :?|fille a|fils a|enfant a|(?:fille|fils|enfant|mere|pere|mari|femme|frere|soeur)(?: de)?|elle a|il a|vient d'avoir|fete\w*|de moins de|les)(?: (?:tout juste|deja|presque))? ?$"
)


def find_headcount(plain: str, who: frozenset[Audience], asked: Dimension | None, known: Profile) -> tuple[Range | None, frozenset[int]]:
    """Employees, and the numbers said to count others."""
    others = frozenset(int(found["a"]) for found in _OTHER_COUNT.finditer(plain))
    refused = [int(found["a"]) for found in _REFUSED.finditer(plain)]
    kept = _REFUSED.sub(" ", plain) if refused else plain
    if _ALONE.search(kept) and not (who and who <= PEOPLE):
        return Range.exactly(0), others
    found = _COUNT.search(kept)
    if found and not re.search(r"(?:embaucher|recruter|creer|prendre|licencie\w*|embauche de) (?:encore )?$", kept[: found.start()]):
        return read(found, whole=True), others
    # Members come to a club and inhabitants to a town: there, only employees are employees. A family has none.
    counted = not who & BODIES and not (who and who <= PEOPLE)
    if counted or asked is Dimension.HEADCOUNT:
        found = _COUNT_PERSONS.search(kept)
        if found and int(float(found["a"])) not in others:
            return read(found, whole=True), others
        we = _WE_ARE.search(kept)
        if we and int(float(we["a"])) not in others and not re.match(rf" (?:{_OTHERS}|ans|mois|eme|%|sur|euros|km|m2|h)\b", we["next"]):
            return Range.exactly(float(we["a"])), others
    if asked is Dimension.HEADCOUNT:
        if re.fullmatch(r"\W*(?:aucune?|zero|personne|non|rien|pas un seul)\W*", kept):
            return Range.exactly(0), others
        bare = _BARE.search(kept)
        if bare and len(kept.split()) <= 8 and "?" not in kept and int(float(bare["a"])) not in others:
            return read(bare, whole=True), others
    if refused and known.headcount is not None:
        new = _NEW_FIGURE.search(kept)
        if new and int(new["a"]) not in others:
            return Range.exactly(float(new["a"])), others
    return None, others


def find_money(plain: str, who: frozenset[Audience], asked: Dimension | None, known: Profile) -> tuple[Range | None, Range | None]:
    """Turnover, which people have none of, and budget of the project."""
    turnover, budget = _amounts(plain, asked)
    corrected = _CORRECTED.fullmatch(plain)
    if corrected and turnover is None and budget is None and float(corrected["a"]) >= 1000:
        value = Range.exactly(float(corrected["a"]))
        turnover, budget = (None, value) if known.budget else (value if known.turnover else None, None)
    return (None if who and who <= PEOPLE else turnover), budget


_CORRECTED = re.compile(
    r"(?:(?:non|pardon|pas|plutot|en fait|enfin|je voulais dire|disons|c'est|oups|euh)[ ,:]*)+(?P<a>\d{1,12})(?: euros)?(?:[ ,]*(?:pardon|plutot|en fait|desolee?))*\W*"
)
"""A number alone that takes the place of one told before."""


def _amounts(plain: str, asked: Dimension | None) -> tuple[Range | None, Range | None]:
    turnover = budget = None
    for found in _MONEY.finditer(plain):
        before, after = plain[max(0, found.start() - 40) : found.start()], plain[found.end() : found.end() + 25]
        value = read(found, whole=False)
        if _TURNOVER.search(before[-30:]) or _TURNOVER.search(after) or (asked is Dimension.TURNOVER and not _BUDGET.search(before)):
            turnover = turnover or value
        elif (
            not _NO_BUDGET.search(before) and not _NO_BUDGET.search(after) and (asked is Dimension.BUDGET or _BUDGET.search(before + after))
        ):
            budget = budget or value
    if turnover is None and budget is None:
        # Without its unit: "le chiffre d'affaires, c'est 410 000", or the number alone once asked for.
        told = _TURNOVER_BARE.search(plain)
        bare = _ALONE_AMOUNT.fullmatch(plain)
        if told:
            turnover = Range.exactly(float(told["a"] or told["b"]))
        elif bare and (bare["unit"] or asked in (Dimension.TURNOVER, Dimension.BUDGET)):
            value = Range.exactly(float(bare["a"]))
            turnover, budget = (value, None) if asked is Dimension.TURNOVER else (None, value)
    return turnover, budget


def find_times(
    plain: str, who: frozenset[Audience], asked: Dimension | None, projects: Collection[Project], today: date
) -> tuple[Range | None, Range | None]:
    """Years of the company, and age of the person."""
    company = not (who and who <= PEOPLE)
    years = age = None
    if company and (_NOT_YET.search(plain) or (Project.CREER in projects and not re.search(r"repr(?:endre|ise|end)", plain))):
        years = Range.exactly(0)
    if company and _JUST.search(plain):
        years = Range(0, 0.25)
    for found in _DURATION.finditer(plain):
        before = plain[: found.start()]
        value = _in_years(read(found, whole=False), found["first"] or found["unit"], found["unit"])
        human = found["unit"].startswith("an") and bool(_PERSON_AGE.search(before))
        if human or (not company and asked is Dimension.AGE) or (asked is Dimension.AGE and not _COMPANY_AGE.search(before)):
            age = age or read(found, whole=True)
        elif company and (asked is Dimension.YEARS or _COMPANY_AGE.search(before) or (who and _SINCE.search(before))):
            years = value
        elif not company and who & {Audience.ETUDIANT, Audience.APPRENTI, Audience.LYCEEN} and re.search(r"(?:^|,) ?$|,? de $", before):
            age = age or (value if 14 <= value.least <= 40 and found["unit"].startswith("an") else None)
    if company and years is None and (recent := _RECENT.search(plain)):
        years = _since(today.year - (1 if "dernier" in recent.group() or "passe" in recent.group() else 0), today)
    year = _YEAR.search(plain) or (
        re.fullmatch(r"\W*(?:en |depuis )?(?P<year>(?:19|20)\d\d)\W*", plain) if asked is Dimension.YEARS else None
    )
    if company and year and years is None and (asked is Dimension.YEARS or who):
        years = _since(int(year["year"]), today)
    if asked in (Dimension.YEARS, Dimension.AGE) and years is None and age is None:
        bare = re.fullmatch(rf"\W*(?P<a>{AMOUNT})\W*", plain)
        if bare and float(bare["a"]) < 130:
            value = Range.exactly(float(bare["a"]))
            return (value, None) if asked is Dimension.YEARS else (None, value)
    if age is None and not company:
        if re.search(r"\bmajeure?s?\b", plain):
            age = Range(18, inf)
        elif re.search(r"\bmineure?s?\b|pas encore 18", plain):
            age = Range(0, 17)
    return years, age


def _in_years(value: Range, first: str, last: str) -> Range:
    """`first` and `last`: units of its two bounds."""
    least, most = (bound / _A_YEAR.get(unit[0], 1.0) for bound, unit in ((value.least, first), (value.most, last)))
    return Range(min(least, most), max(least, most))


_A_YEAR = {"m": 12.0, "s": 52.0, "j": 365.0}
"""How many months, weeks and days, by their first letter."""


def _since(year: int, today: date) -> Range | None:
    """Years since some day of `year`."""
    if year > today.year:
        return Range.exactly(0)
    start, end = date(year, 1, 1), min(date(year, 12, 31), today)
    return Range((today - end).days / 365.25, (today - start).days / 365.25)
