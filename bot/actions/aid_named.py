"""Which aid a person speaks of: the one named now, else the one the conversation is about. Pure but for the live catalogue."""

from dataclasses import dataclass

from aids.model import Aid
from aids.search import find_by_name, search
from bot.actions.services import Services
from bot.actions.turn import Turn

CLEAR_LEAD = 4
"""Points of likeness (0–100) by which a name must beat the next one to be taken without asking."""


@dataclass(frozen=True)
class Named:
    """`aids`: those spoken of; `unknown`: a name typed that no scheme has; `near`: schemes that it may mean."""

    aids: tuple[Aid, ...] = ()
    unknown: str | None = None
    near: tuple[Aid, ...] = ()


def aids_named(turn: Turn, services: Services) -> Named:
    """What the message names, else the aid remembered, else those just offered; an unknown name never falls back on the aid remembered."""
    typed = turn.values("aide")
    if not typed:
        remembered = services.catalogue.get(str(turn.slots.get("aide") or ""))
        offered = filter(None, map(services.catalogue.get, turn.slots.get("aides_proposees") or ()))
        return Named(aids=(remembered,)) if remembered else Named(near=tuple(offered))
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
