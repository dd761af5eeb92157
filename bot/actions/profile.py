"""What a sentence tells of the person and of the project, and what it takes back. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import inf

from aids.eligibility import Dimension
from aids.model import Audience, Project
from aids.places import Gazetteer, Place
from aids.profile import RANGES, Profile, Range
from bot.actions.place_said import PlaceSaid, find_place, is_in
from bot.actions.projects import find_audiences, find_projects, without_audiences
from bot.actions.quantities import AMOUNT, flat, quantity, read
from bot.actions.trades import find_trade, without_trades
from language.normalise import fold
from language.private import redact


@dataclass(frozen=True)
class Reading:
    """`told`: what is new. `others`: numbers said to count no employees (members, pupils…). `unknown_place`: a name that no place of France has,
    with those `near` it. `not_known`: the person cannot tell. `adding`: the project comes beside the one known. `wish`: what is wanted, as
    typed, when it is no kind of project known."""

    told: Profile = field(default_factory=Profile)
    others: frozenset[int] = frozenset()
    unknown_place: str | None = None
    near: tuple[Place, ...] = ()
    not_known: bool = False
    adding: bool = False
    wish: str = ""

    def tells(self) -> frozenset[Dimension]:
        """What the sentence tells of."""
        told = self.told
        found = {Dimension(key) for key in RANGES if getattr(told, key) is not None}
        found |= {Dimension.AUDIENCE} if told.audiences else set()
        found |= {Dimension.PROJECT} if told.projects or self.wish else set()
        found |= {Dimension.PLACE} if told.places or self.unknown_place else set()
        found |= {Dimension.SECTOR} if told.sectors else set()
        found |= {Dimension.HEADCOUNT} if self.others else set()
        return frozenset(found)


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
_TURNOVER = re.compile(r"\bca\b|chiffre(?: d'affaires?)?|\bfacture\b|de recettes")
_TURNOVER_BARE = re.compile(
    r"(?:\bca|chiffre(?: d'affaires?)?)\b[^\d]{0,20}(?P<a>\d{4,})(?![\d ]*%)|(?P<b>\d{4,}) (?:de |en |d')?(?:ca|chiffre)\b"
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
    r"(?:j'ai|j'aurai|d'avoir|a l'age de|agee?s? de|age de|age :?|fille a|fils a|enfant a|elle a|il a|vient d'avoir|fete\w*|de moins de|les)(?: (?:tout juste|deja|presque))? ?$"
)

_NOT_KNOWN = re.compile(
    r"(?:je |j'|on |nous )?(?:ne |n'(?:en )?)?(?:sais|sait|savons|vois|ai) (?:\w+ )?(?:pas|aucune idee)\b|aucune idee|chais pas|jsp|je ne sais plus|passer?\b(?! (?:le|mon) )|"
    r"sans opinion|ca depend|pas sur|peu importe|bonne question"
)
_WANTS = re.compile(
    r"\b(?:pour|veux|veut|voudrais|voudrait|voulons|aimerais|aimerait|souhaite|souhaitons|projet de|projet d['’]) ?((?!\w+ (?:à|une? agent))\w+(?:er|ir|re)\b[^,.;?!]{3,60})",
    re.IGNORECASE,
)
_OWNS = re.compile(r"\b(?:j'ai|on a|nous avons|je tiens|nous tenons|notre|dans mon|dans ma)\b")
_ADDING = re.compile(r"\b(?:aussi|egalement|en plus|par ailleurs|ainsi que|en meme temps)\b")


def read_profile(
    text: str,
    named_places: Sequence[str],
    today: date,
    france: Gazetteer,
    *,
    asked: Dimension | None = None,
    known: Profile | None = None,
    served: Collection[str] = (),
) -> Reading:
    """All that `text` tells. `asked`: what was just asked, so that a bare number is understood; `known`: what was told before, since
    "140" counts a club's members and a workshop's employees; `served`: the regions of the catalogue."""
    known = known or Profile()
    plain = flat(text)
    (audiences, of_oneself), trade = find_audiences(plain), find_trade(text)
    if trade and audiences and audiences <= PEOPLE and not of_oneself and _OWNS.search(plain):
        audiences = frozenset()  # who has a garage and speaks of an apprentice is no apprentice
    if audiences and audiences <= PEOPLE and known.audiences - PEOPLE and not of_oneself:
        audiences = frozenset()  # an association that speaks of students helps them
    if trade and not audiences & BODIES and not (audiences and audiences <= PEOPLE):
        audiences |= trade.audiences or {Audience.ENTREPRISE}
    projects = find_projects(plain, audiences or known.audiences)
    if Project.CREER in projects and audiences <= PEOPLE - {Audience.LYCEEN}:
        audiences = frozenset({Audience.ENTREPRISE}) | (trade.audiences if trade else frozenset())
    if Project.TRANSPORT_SCOLAIRE in projects and not audiences and not known.audiences:
        audiences = frozenset({Audience.LYCEEN, Audience.PARTICULIER})
    if Project.PARTIR in projects and audiences == {Audience.PARTICULIER}:
        audiences = frozenset({Audience.ETUDIANT})
    who = audiences or known.audiences
    # A bare name told out of turn is a place when none is known.
    longest = 2 if asked is Dimension.PROJECT else 4
    bare = asked is not None and not known.places and len(text.split()) <= longest and text[:1].isupper()
    place = find_place(text, named_places, france, asked=bare or asked is Dimension.PLACE, served=served)
    if asked is not Dimension.PLACE and not place.places and not named_places:
        place = PlaceSaid()
    headcount, others = _headcount(plain, who, asked, known)
    turnover, budget = _money(plain, asked)
    years, age = _times(plain, who, asked, projects, today)
    told = Profile(
        audiences=frozenset(audiences),
        projects=projects,
        places=place.places,
        sectors=trade.sections if trade else frozenset(),
        trade=trade.word if trade else "",
        headcount=headcount,
        turnover=turnover,
        budget=budget,
        years=years,
        age=age,
        words=redact(text.strip()) if projects else "",  # kept by Rasa with the rest of what is known
    )
    not_known = bool(_NOT_KNOWN.search(plain)) and told == Profile()
    wish = _WANTS.search(text) if not projects and asked is Dimension.PROJECT else None
    return Reading(
        told,
        others,
        None if not_known else place.unknown,
        place.near,
        not_known,
        bool(_ADDING.search(plain)),
        wish[1].strip() if wish else "",
    )


def learn(known: Profile, reading: Reading) -> Profile:
    """What is known after the reading: what is told anew replaces what was told before; a number said to count others is taken back."""
    told = reading.told
    changes = {key: getattr(told, key) for key in RANGES if getattr(told, key) is not None}
    if told.audiences:
        changes["audiences"] = _narrowed(known.audiences, told.audiences)
    if told.projects:
        adding = reading.adding and known.projects
        if known.projects and not adding and told.projects != known.projects and told.budget is None:
            changes["budget"] = None  # the price of something else
        changes["projects"] = known.projects | told.projects if adding else told.projects
        changes["words"] = f"{known.words} {told.words}".strip() if adding else told.words
    if told.places:
        wide = told.places[0] if told.places[0].commune is None else None
        inside = tuple(place for place in known.places if wide and place.commune and is_in(place, wide)) if len(known.places) > 1 else ()
        changes["places"] = inside or told.places
    if told.sectors:
        changes |= {"sectors": told.sectors, "trade": told.trade}
    if told.headcount is None and known.headcount and known.headcount.exact and known.headcount.least in reading.others:
        changes["headcount"] = None
    changed: Profile = replace(known, **changes)
    if told.audiences and not changed.audiences & _COMPANY:
        # Another kind of person: what was told of a company is no longer about who asks.
        changed = replace(changed, years=told.years, turnover=told.turnover, sectors=told.sectors, trade=told.trade)
    return changed


_COMPANY = frozenset(
    {Audience.ENTREPRISE, Audience.ARTISAN, Audience.COMMERCANT, Audience.AGRICULTEUR, Audience.PROFESSION_LIBERALE, Audience.ASSOCIATION}
)


def _narrowed(known: frozenset[Audience], told: frozenset[Audience]) -> frozenset[Audience]:
    """A company that turns out to be a craftsman's is both; anything else replaces."""
    world = frozenset({Audience.ENTREPRISE, Audience.ARTISAN, Audience.COMMERCANT, Audience.PROFESSION_LIBERALE})
    return known | told if known <= world and told <= world else told


def _headcount(plain: str, who: frozenset[Audience], asked: Dimension | None, known: Profile) -> tuple[Range | None, frozenset[int]]:
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


def _money(plain: str, asked: Dimension | None) -> tuple[Range | None, Range | None]:
    """Turnover and budget of the project."""
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


def _times(
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


_ONESELF = re.compile(
    r"\b(?:je suis|on est|nous sommes|j'ai une?|on a une?|je tiens|je dirige|notre|nous|(?:on|je|nous) (?:veut|voudr\w+|veux|voulons|cherche\w*)|"
    r"je (?:monte|cree|lance|reprends|m'installe)|(?:mon|ma) (?:fils|fille|enfant|mari|femme|mere|pere))\b"
)
_WISH = re.compile(
    r"\b(?:voudr\w+|veux|veut|voulons|aimer\w+|souhait\w+|besoin|envie|cherch\w+|projet|compte|prevo\w+|aide[rs]?|subvention|financ\w+)\b"
)
_ELSEWHERE = re.compile(
    r"\b(?:rendez-vous|reclamation|plainte|dossier|passeport|permis de construire|carte d'identite|facture|colis est)\b"
)
_QUESTION = re.compile(r"\?|\b(?:quels?|quelles?|comment|combien|pourquoi|qui|quand|ou|est-ce)\b")


def introduces(text: str, reading: Reading) -> bool:
    """Whether the sentence does hardly more than say who one is and what one wants: it asks for an aid without the word.

    Of 4,998 training sentences out of scope, 14 do.
    """
    plain, tells = flat(text), reading.tells()
    if _QUESTION.search(plain) or _ELSEWHERE.search(plain) or not _ONESELF.search(plain):
        return False
    body = bool(reading.told.audiences) and not reading.told.audiences <= PEOPLE
    return (
        {Dimension.AUDIENCE, Dimension.PROJECT} <= tells
        or (body and Dimension.HEADCOUNT in tells)
        or (
            body
            and len(tells - {Dimension.SECTOR}) > 1
            and bool(re.search(r"\b(?:on|nous|je) (?:veut|voulons|veux|voudr\w+|souhait\w+|aimer\w+|cherch\w+)", plain))
        )
        or (Dimension.PROJECT in tells and len(tells - {Dimension.SECTOR}) > 1 and bool(_WISH.search(plain)))
    )


def project_words(text: str) -> str:
    """What is left of a sentence without who speaks: its words may be those of a sheet."""
    plain = flat(text)
    wanted = _AID_FOR.search(plain)
    return without_trades(without_audiences(wanted[1] if wanted else plain))


_AID_FOR = re.compile(r"\b(?:aides?|subventions?|soutien|financements?|coup de pouce)(?: \w+){0,2}? pour (.+)")


def is_restart(text: str) -> bool:
    """Whether the person wants to begin the search again from nothing."""
    folded = fold(text)
    # "Dois-je recommencer ma demande ?" is about a file.
    return bool(_RESTART.search(folded)) and len(folded.split()) <= 6 and not re.search(r"\b(?:demande|dossier|formulaire)\b", folded)


_RESTART = re.compile(
    r"\b(?:recommenc\w*|repartir de zero|repartons de zero|reprendre (?:depuis le debut|a zero)|tout effacer|nouvelle recherche)\b"
)
