"""Which aid a person speaks of: the one named now, else the one the conversation is about. Pure but for the live catalogue."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aids.model import Aid
from aids.search import find_by_name, search
from bot.actions.services import Services
from bot.actions.turn import UNKNOWN, Turn
from language.normalise import fold, stands_in

SURELY = 0.9
"""Probability from which a message is out of scope, whatever aid a word of it may call."""
CLEAR_LEAD = 4
"""Points of likeness (0–100) by which a name must beat the next one to be taken without asking."""


@dataclass(frozen=True)
class Named:
    """`aids`: those spoken of; `unknown`: a name typed that no scheme has; `near`: schemes that it may mean."""

    aids: tuple[Aid, ...] = ()
    unknown: str | None = None
    near: tuple[Aid, ...] = ()


def aids_named(turn: Turn, services: Services) -> Named:
    """What the message names, else the aid remembered, else those just offered; an unknown name never falls back on the aid remembered.

    Aids of other bodies are not looked for: "et avec le RSA ?" is about the aid in hand.
    """
    typed = [value for value in turn.values("aide") if not services.answers.elsewhere(value, schemes_only=True)]
    if not typed:
        remembered = services.catalogue.get(str(turn.slots.get("aide") or ""))
        offered = tuple(filter(None, map(services.catalogue.get, turn.slots.get("aides_proposees") or ())))
        pointed = at_rank(turn.text, len(offered))
        if pointed is None:
            pointed = by_a_word(turn.text, offered)
        if pointed is not None:
            return Named(aids=(offered[pointed],))
        return Named(aids=(remembered,)) if remembered else Named(near=offered)
    found: list[Aid] = []
    for phrase in typed:
        hits = find_by_name(phrase, services.catalogue.aids())
        clear = len(hits) == 1 or (len(hits) > 1 and hits[0].score - hits[1].score >= CLEAR_LEAD)
        if clear and hits[0].aid not in found:
            found.append(hits[0].aid)
        elif len(hits) > 1 and not clear:
            return Named(near=tuple(hit.aid for hit in hits[:4]))
    if found:
        return Named(aids=tuple(found))
    return Named(unknown=typed[0], near=tuple(hit.aid for hit in search(typed[0], services.catalogue.aids(), limit=3)))


def only_sounds_like(turn: Turn, services: Services) -> bool:
    """Whether the message is surely out of scope and has no aid's own name: "mon permis de conduire" is another word for one, not meant so."""
    said = fold(turn.text)
    sure = turn.intent == UNKNOWN and turn.sure >= SURELY
    return sure and not any(stands_in(fold(aid.name), said) for aid in aids_named(turn, services).aids)


def unknown_name(turn: Turn, services: Services) -> str | None:
    """A name in quotes, or with its capitals, said as that of an aid ("le Pass Truc"), that no scheme has; None when there is none."""
    for found in _NAME.finditer(turn.text):
        name = (found["quoted"] or found["capital"]).strip()
        if not find_by_name(name, services.catalogue.aids()):
            return name
    return None


_KINDS = "pass|prime|ch[eè]que|bonus|contrat|bourse|carte|fonds|pr[eê]t|plan|programme|dispositif|aide"
_NAME = re.compile(
    rf"[«\"“]\s*(?P<quoted>(?i:{_KINDS})\b[^»\"”]{{2,60}})[»\"”]|"
    rf"\b(?:[Ll]e|[Ll]a|[Dd]u|[Aa]u|[Uu]n|[Uu]ne) (?P<capital>(?i:{_KINDS})(?: [A-ZÉÈÀ][\w'’-]+)+)"
)
_RANKS: tuple[frozenset[str], ...] = (
    frozenset({"1", "1er", "1ere", "1re", "premier", "premiere"}),
    frozenset({"2", "2e", "2eme", "deuxieme", "second", "seconde"}),
    frozenset({"3", "3e", "3eme", "troisieme"}),
    frozenset({"4", "4e", "4eme", "quatrieme"}),
    frozenset({"5", "5e", "5eme", "cinquieme"}),
)
_LAST = ("dernier", "derniere")
_POINTING = re.compile(
    r"\b(?:la|le|celle|celui|l aide|aide|numero|no|n|pour la|option) (\w+)\b(?! (?:fois|annee|demande|partie|etape|date|piece))|^(\w+)$"
)


def at_rank(text: str, offered: int) -> int | None:
    """Which of the aids just listed is pointed at, from 0 ("la deuxième", "la 2", "le dernier"); None when none is."""
    for found in _POINTING.finditer(fold(text)):
        word = found[1] or found[2]
        rank = next((at for at, words in enumerate(_RANKS) if word in words), offered - 1 if word in _LAST else None)
        if rank is not None and 0 <= rank < offered:
            return rank
    return None


def by_a_word(text: str, offered: Sequence[Aid]) -> int | None:
    """Which of the aids just listed is called by a word that its name alone has ("le prêt"), from 0; None when none is, or several are."""
    names = [set(fold(aid.name).split()) for aid in offered]
    said = set(re.findall(r"\b(?:le|la|l|du|au|ce|cette) (\w{4,})", fold(text)))
    called = [at for at, name in enumerate(names) if said & name - set().union(*(other for other in names if other is not name))]
    return called[0] if len(called) == 1 else None


def points_only(text: str, offered: int) -> bool:
    """Whether the message hardly does more than point at one of them."""
    return at_rank(text, offered) is not None and len([word for word in fold(text).split() if word not in _AROUND]) <= 1


_AROUND = frozenset(
    "la le l celle celui aide numero no pour oui et euh alors bien plutot voir je veux choisis svp merci option bonjour n du de".split()
)
