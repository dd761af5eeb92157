"""What a sentence tells of the person and of the project, and what it takes back. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from aids.eligibility import Dimension
from aids.model import Audience, Project
from aids.places import Gazetteer, Place
from aids.profile import RANGES, Profile
from bot.actions.figures_said import BODIES, PEOPLE, find_headcount, find_money, find_times
from bot.actions.place_said import PlaceSaid, find_place, is_in
from bot.actions.projects import find_audiences, find_projects, without_audiences
from bot.actions.quantities import flat
from bot.actions.trades import Trade, find_trade, without_trades
from language.normalise import fold
from language.private import redact


@dataclass(frozen=True)
class Reading:
    """`told`: what is new. `others`: numbers said to count no employees (members, pupils…). `unknown_place`: a name that no place of France has,
    with those `near` it. `not_known`: the person cannot tell. `adding`: the project comes beside the one known. `wish`: what is wanted, as
    typed, when it is no kind of project known. `denied`: employees are spoken of where others are counted ("pas des salariés")."""

    told: Profile = field(default_factory=Profile)
    others: frozenset[int] = frozenset()
    unknown_place: str | None = None
    near: tuple[Place, ...] = ()
    not_known: bool = False
    adding: bool = False
    wish: str = ""
    denied: bool = False

    def tells(self) -> frozenset[Dimension]:
        """What the sentence tells of."""
        told = self.told
        found = {Dimension(key) for key in RANGES if getattr(told, key) is not None}
        found |= {Dimension.AUDIENCE} if told.audiences else set()
        found |= {Dimension.PROJECT} if told.projects or self.wish else set()
        found |= {Dimension.PLACE} if told.places or self.unknown_place else set()
        found |= {Dimension.SECTOR} if told.sectors else set()
        found |= {Dimension.HEADCOUNT} if self.others and self.denied else set()
        return frozenset(found)


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
    named_trades: Sequence[str],
    today: date,
    france: Gazetteer,
    *,
    asked: Dimension | None = None,
    known: Profile | None = None,
    served: Collection[str] = (),
) -> Reading:
    """All that `text` tells. `named_places`, `named_trades`: what Rasa took for places and for trades; `asked`: what was just asked, so that a bare number is understood; `known`: what was told before, since
    "140" counts a club's members and a workshop's employees; `served`: the regions of the catalogue."""
    known = known or Profile()
    plain = flat(text)
    (audiences, of_oneself), trade = find_audiences(plain), find_trade(text)
    if not trade and not audiences and not known.audiences and named_trades:
        trade = Trade(named_trades[0], frozenset(), frozenset())  # a trade that our list lacks is one all the same
    if trade and audiences and audiences <= PEOPLE and not of_oneself and _OWNS.search(plain):
        audiences = frozenset()  # who has a garage and speaks of an apprentice is no apprentice
    if audiences and audiences <= PEOPLE and known.audiences - PEOPLE and not of_oneself:
        audiences = frozenset()  # an association that speaks of students helps them
    if trade and not audiences & BODIES and not (audiences and audiences <= PEOPLE):
        audiences |= trade.audiences or {Audience.ENTREPRISE}
    if audiences & BODIES:
        trade = None  # what an association does, or is called, is no trade
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
    headcount, others = find_headcount(plain, who, asked, known)
    turnover, budget = find_money(plain, who, asked, known)
    years, age = find_times(plain, who, asked, projects, today)
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
    # "C'est pour acheter un minibus" is no name of a place, whatever was asked.
    unknown_place = (
        place.unknown if named_places or (told == Profile() and not _QUESTION.search(plain) and not _VERB.search(plain)) else None
    )
    not_known = bool(_NOT_KNOWN.search(plain)) and told == Profile()
    wish = _WANTS.search(text) if not projects and asked is Dimension.PROJECT else None
    return Reading(
        told,
        others,
        None if not_known else unknown_place,
        place.near,
        not_known,
        bool(_ADDING.search(plain)),
        wish[1].strip() if wish else "",
        bool(re.search(r"\bsalarie|\bemploye", plain)),
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
        # A département told after a commune tells it from others of its name, and says less than it.
        inside = tuple(place for place in known.places if wide and place.commune and is_in(place, wide))
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


_VERB = re.compile(r"\b(?:je|j'ai|on|nous|vous|peut|peux|faut|faire|avoir|est-ce|jusqu)\b")
_ONESELF = re.compile(
    r"\b(?:je suis|on est|nous sommes|j'ai une?|on a une?|je tiens|je dirige|notre|nous|(?:on|je|nous) (?:veut|voudr\w+|veux?|voulons|cherche\w*)|"
    r"je (?:monte|cree|lance|reprends|m'installe)|(?:mon|ma) (?:fils|fille|enfant|mari|femme|mere|pere|salon|garage|boutique|magasin|commerce|resto|restaurant|atelier|"
    r"ferme|exploitation|entreprise|boite|cabinet|epicerie|boulangerie|asso|association|club))\b"
)
_WISH = re.compile(
    r"\b(?:voudr\w+|veux|veut|voulons|aimer\w+|souhait\w+|besoin|envie|cherch\w+|projet|compte|prevo\w+|aide[rs]?|subvention|financ\w+)\b"
)
_ELSEWHERE = re.compile(
    r"\b(?:rendez-vous|reclamation|plainte|dossier|passeport|permis de construire|carte d'identite|facture|colis est|banque|avocat|assurance|medecin|recours|carte grise|ameli|conge)\b"
)
_QUESTION = re.compile(r"\?|\b(?:quels?|quelles?|comment|combien|pourquoi|qui|quand|ou|est-ce)\b")


def introduces(text: str, reading: Reading) -> bool:
    """Whether the sentence does hardly more than say who one is and what one wants: it asks for an aid without the word.

    Of 4,998 training sentences out of scope, 12 do.
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
            and bool(re.search(r"\b(?:on|nous|je) (?:veut|voulons|veux?|voudr\w+|souhait\w+|aimer\w+|cherch\w+)", plain))
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
