"""Who gets which message, by the rule that a queue was given. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

MOST_OPEN = 20
"""Open messages of an agent for whom nothing else was set."""
GIVEN_BACK = timedelta(days=1)
"""For how long a message is not given again to who gave it back."""
SOON_DAYS = 2


class Way(StrEnum):
    """How a queue is shared. TURN: to who has got nothing for longest; LOAD: to who has the least to do."""

    MANUAL = "manual"
    TURN = "turn"
    LOAD = "load"


@dataclass(frozen=True)
class Rule:
    """`by_commitment`: those who answer for a commitment of the message come first, when one of them has room."""

    way: Way = Way.MANUAL
    by_commitment: bool = False


@dataclass(frozen=True)
class Sharer:
    """Somebody who gets messages. `turn`: grows with each message that the rule gives; `open`, `weight`: what this person has now."""

    id: int
    queues: frozenset[str]
    most: int = MOST_OPEN
    absent: bool = False
    substitute: int | None = None
    scopes: frozenset[str] = frozenset()
    turn: int = 0
    open: int = 0
    weight: int = 0

    def has_room_for(self, item: "Shared") -> bool:
        """Whether the message may be given to this person."""
        return not self.absent and item.queue in self.queues and self.open < self.most and self.id not in item.refused_by


@dataclass(frozen=True)
class Shared:
    """An open message. `about`: its commitments and its service; `refused_by`: those who gave it back lately."""

    id: int
    queue: str
    weight: int = 1
    about: frozenset[str] = frozenset()
    holder: int | None = None
    refused_by: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Move:
    """A message that changes hands; `after` None: back to its queue."""

    item: int
    before: int | None
    after: int | None


def weight(rank: int, today: date) -> int:
    """What a message counts in somebody's load, by its place in the lists (`triage.risk`): 3 urgent, 2 soon due, 1 otherwise."""
    return 3 if rank < 0 else 2 if rank <= today.toordinal() + SOON_DAYS else 1


def share(items: Sequence[Shared], rules: Mapping[str, Rule], people: Collection[Sharer]) -> tuple[list[Move], dict[int, Sharer]]:
    """What changes hands, and everybody as they are afterwards. `items`: the most pressing first.

    Nothing stays with somebody who is absent or no longer there: it goes to the substitute, else to the queue, which shares it again.
    """
    now = {one.id: one for one in people}
    last = max((one.turn for one in people), default=0)
    moves = []
    for item in items:
        holder = now.get(item.holder) if item.holder is not None else None
        if holder is not None and not holder.absent:
            continue
        chosen = _substitute(item, holder, now) or _choose(item, rules.get(item.queue, Rule()), now.values())
        if holder is not None:
            now[holder.id] = replace(holder, open=holder.open - 1, weight=holder.weight - item.weight)
        if chosen is not None:
            last += 1
            now[chosen.id] = replace(chosen, open=chosen.open + 1, weight=chosen.weight + item.weight, turn=last)
        after = chosen.id if chosen else None
        if after != item.holder:
            moves.append(Move(item.id, item.holder, after))
    return moves, now


def _substitute(item: Shared, holder: Sharer | None, people: Mapping[int, Sharer]) -> Sharer | None:
    found = people.get(holder.substitute) if holder is not None and holder.substitute is not None else None
    return found if found is not None and found.has_room_for(item) else None


def _choose(item: Shared, rule: Rule, people: Collection[Sharer]) -> Sharer | None:
    if rule.way is Way.MANUAL:
        return None
    able = [one for one in people if one.has_room_for(item)]
    answering = [one for one in able if one.scopes & item.about] if rule.by_commitment else []
    if rule.way is Way.TURN:
        return min(answering or able, key=lambda one: (one.turn, one.id), default=None)
    return min(answering or able, key=lambda one: (one.weight, one.open, one.turn, one.id), default=None)
