"""Where the search of an aid stands between two messages, and what it asks next. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aids.eligibility import Dimension, Match, Verdict, open_questions
from aids.profile import Profile
from bot.actions.eligibility_words import Option, to_json
from language.normalise import tidy

SLOT = "recherche"
RIGHT = "droit_aide"
"""What waits for the name of an aid: whether one may have it."""
MOST_QUESTIONS = 4
MOST_TIMES = 2
"""How often the same thing is asked: the second time in other words, then never again."""
MOST_CARDS = 3
MOST_NAMED = 6
FEW = 3
"""Schemes that one can read at once: up to so many are shown without asking more first."""


@dataclass(frozen=True)
class Search:
    """Where the dialogue stands. `asked`: how often each thing was; `waiting`: what the next answer is about, with the buttons offered;
    `focus`: the one scheme that it is about; `shown`: the schemes told to fit, in their order; `seen`: those whose card was shown;
    `told`: whether a result was; `active`: whether nothing else was spoken of since."""

    profile: Profile = field(default_factory=Profile)
    asked: Mapping[Dimension, int] = field(default_factory=dict)
    skipped: frozenset[Dimension] = frozenset()
    waiting: Dimension | None = None
    offered: tuple[Option, ...] = ()
    focus: str | None = None
    shown: tuple[str, ...] = ()
    seen: frozenset[str] = frozenset()
    told: bool = False
    active: bool = True

    def to_slot(self) -> dict[str, Any]:
        return {
            "profile": self.profile.to_json(),
            "asked": dict(self.asked),
            "skipped": sorted(self.skipped),
            "waiting": self.waiting,
            "offered": to_json(self.offered),
            "focus": self.focus,
            "shown": list(self.shown),
            "seen": sorted(self.seen),
            "told": self.told,
            "active": self.active,
        }

    @classmethod
    def from_slot(cls, slot: Any) -> "Search | None":
        """The search that `to_slot` wrote; None when there is none, or one that an older version wrote otherwise."""
        try:
            return cls(
                Profile.from_json(slot["profile"]),
                {Dimension(key): int(times) for key, times in slot["asked"].items()},
                frozenset(map(Dimension, slot["skipped"])),
                Dimension(slot["waiting"]) if slot["waiting"] else None,
                tuple((label, Profile.from_json(told)) for label, told in slot["offered"]),
                slot["focus"],
                tuple(slot["shown"]),
                frozenset(slot["seen"]),
                bool(slot["told"]),
                bool(slot["active"]),
            )
        except (TypeError, KeyError, ValueError, AttributeError):
            return None

    def pressed(self, typed: str) -> Profile | None:
        """What the button that sends this text tells."""
        return next((told for label, told in self.offered if tidy(label).lower() == tidy(typed).lower()), None)


def next_question(search: Search, matches: Sequence[Match]) -> Dimension | None:
    """What is still worth asking: it could put aside a scheme that fits, and was neither told, left aside, nor asked twice."""
    if len(search.asked) >= MOST_QUESTIONS:
        return None
    known = search.profile
    told = {dimension for dimension in Dimension if getattr(known, _FIELDS.get(dimension, dimension.value))}
    told |= {Dimension.PROJECT} if known.words else set()
    told -= {Dimension.PLACE} if len(known.places) > 1 else set()
    return next(
        (
            dimension
            for dimension in open_questions(matches)
            if dimension not in told | search.skipped and search.asked.get(dimension, 0) < MOST_TIMES
        ),
        None,
    )


_FIELDS = {Dimension.AUDIENCE: "audiences", Dimension.PROJECT: "projects", Dimension.PLACE: "places", Dimension.SECTOR: "sectors"}


def left_aside(search: Search) -> Search:
    return replace(search, skipped=search.skipped | ({search.waiting} if search.waiting else set()), waiting=None, offered=())


def is_open(match: Match) -> bool:
    return not match.excluded and not match.closed


def fitting(matches: Sequence[Match]) -> list[Match]:
    """Open schemes with nothing against them; those whose sheet speaks of the project, when only its words are known and some do."""
    still = [match for match in matches if is_open(match)]
    known = any(match.verdict(Dimension.PROJECT) is Verdict.MET for match in matches)
    by_words = not known and any(match.relevance for match in matches)
    return [match for match in still if match.relevance or not by_words]
