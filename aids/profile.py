"""Who asks for an aid and for what, as far as it is known. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from aids.model import Audience, Project
from aids.places import Place

NEAR = 0.15
"""Share by which a number said to be about right may be off."""


@dataclass(frozen=True)
class Range:
    """A number known between two bounds, both included; `most` may be infinite."""

    least: float
    most: float

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise ValueError(f"{self.least} to {self.most} is no range")

    @classmethod
    def exactly(cls, value: float) -> "Range":
        return cls(value, value)

    @classmethod
    def about(cls, value: float, *, whole: bool) -> "Range":
        """A number said to be about `value`; `whole` when it counts one by one."""
        least, most = value * (1 - NEAR), value * (1 + NEAR)
        return cls(round(least), round(most)) if whole else cls(least, most)

    @property
    def middle(self) -> float | None:
        """The number that this range says to be about; None for any other range."""
        if self.exact or self.most == inf:
            return None
        middle = float(f"{(self.least + self.most) / 2:.3g}")
        return middle if any(self == Range.about(middle, whole=whole) for whole in (True, False)) else None

    @property
    def exact(self) -> bool:
        return self.least == self.most

    def within(self, least: float | None, most: float | None) -> bool | None:
        """Whether the number stands between two other bounds, None being none; None when it may or may not."""
        least, most = least if least is not None else 0, most if most is not None else inf
        if least <= self.least and self.most <= most:
            return True
        return False if self.most < least or most < self.least else None


@dataclass(frozen=True)
class Profile:
    """What was said; None, or empty, is not known.

    `places`: the places that the name said may mean; one when it is sure. `sectors`: NAF sections that the trade may belong to, `trade` its
    word. `headcount` in employees, `turnover` and `budget` (of the project) in euros, `years` of existence of the company, `age` of
    the person. `words`: what was said of the project.
    """

    audiences: frozenset[Audience] = frozenset()
    projects: frozenset[Project] = frozenset()
    places: tuple[Place, ...] = ()
    sectors: frozenset[str] = frozenset()
    trade: str = ""
    headcount: Range | None = None
    turnover: Range | None = None
    budget: Range | None = None
    years: Range | None = None
    age: Range | None = None
    words: str = ""

    def region(self) -> str | None:
        """The region, when every place that may be meant is in it."""
        found = {place.region for place in self.places}
        return found.pop() if len(found) == 1 else None

    def to_json(self) -> dict[str, Any]:
        """As plain values, without what is not known."""
        values: dict[str, Any] = {
            "audiences": sorted(self.audiences),
            "projects": sorted(self.projects),
            "places": [[place.name, place.region, place.departement, place.commune, place.inhabitants] for place in self.places],
            "sectors": sorted(self.sectors),
            "trade": self.trade,
            "words": self.words,
        }
        for key in RANGES:
            known = getattr(self, key)
            values[key] = known and [known.least, None if known.most == inf else known.most]
        return {key: value for key, value in values.items() if value}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Profile":
        """The profile that `to_json` wrote."""

        def read(key: str) -> Range | None:
            known = values.get(key)
            return Range(known[0], inf if known[1] is None else known[1]) if known else None

        return cls(
            audiences=frozenset(map(Audience, values.get("audiences", ()))),
            projects=frozenset(map(Project, values.get("projects", ()))),
            places=tuple(Place(*place) for place in values.get("places", ())),
            sectors=frozenset(values.get("sectors", ())),
            trade=values.get("trade", ""),
            headcount=read("headcount"),
            turnover=read("turnover"),
            budget=read("budget"),
            years=read("years"),
            age=read("age"),
            words=values.get("words", ""),
        )


RANGES = ("headcount", "turnover", "budget", "years", "age")
"""The fields that are numbers."""
