"""How what comes in, and how surely it is read, changes: weeks held against the time before; agents against the machine. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log
from typing import Any

from triage.autonomy import ERRORS, Trust, weakest
from triage.model import Autonomy, Commitment, Kind, Sentiment

WEEK = timedelta(days=7)
WEEKS, REFERENCE = 8, 12
"""The last weeks, each held against all the weeks of reference before them."""

LEAST_WEEK, LEAST_REFERENCE = 30, 100
"""Fewer messages show nothing."""

NOTABLE = 0.1
"""Index from which a change is worth a look, the usual mark; beyond what chance would make of so few messages."""

NONE = "aucun"
_SURE = (0.5, 0.8, 0.95)


@dataclass(frozen=True)
class AsRead:
    """What the machine read in an item, whatever agents said since.

    `commitments`: with their confidence, the surest first. `settled`: when an agent dealt with it. `said`: labels as agents leave them.
    """

    at: datetime
    kind: str
    kind_confidence: float
    sentiment: str
    sentiment_confidence: float
    urgent: bool
    urgent_confidence: float
    commitments: tuple[tuple[str, float], ...]
    autonomy: str
    settled: datetime | None
    said: Mapping[str, Any]

    @property
    def read(self) -> dict[str, Any]:
        """Labels as the machine read them."""
        slugs = sorted(slug for slug, _ in self.commitments)
        return {"kind": self.kind, "commitments": slugs, "sentiment": self.sentiment, "urgent": self.urgent}


@dataclass(frozen=True)
class Shift:
    """A theme in one week against the reference. `index`: population stability index; `mark`: from which it counts as a change."""

    theme: str
    since: datetime
    messages: int
    index: float
    mark: float

    @property
    def notable(self) -> bool:
        return self.index >= self.mark


def shifts(items: Sequence[AsRead], now: datetime) -> list[Shift]:
    """Every theme in each of the last weeks that hold enough messages, the oldest first; none while the reference holds too few."""
    start = now - WEEKS * WEEK
    reference = [one for one in items if start - REFERENCE * WEEK <= one.at < start]
    found = []
    for number in range(WEEKS) if len(reference) >= LEAST_REFERENCE else ():
        since = start + number * WEEK
        week = [one for one in items if since <= one.at < since + WEEK]
        if len(week) < LEAST_WEEK:
            continue
        for theme, cells in _THEMES.items():
            before, present = _counted(reference, theme), _counted(week, theme)
            index = stability_index([before[cell] for cell in cells], [present[cell] for cell in cells])
            found.append(
                Shift(theme, since, len(week), round(index, 4), round(max(NOTABLE, by_chance(len(cells), len(reference), len(week))), 4))
            )
    return found


def alerts(found: Iterable[Shift]) -> list[Shift]:
    """What is notable in the last week that could be judged."""
    kept = list(found)
    last = max((one.since for one in kept), default=None)
    return [one for one in kept if one.since == last and one.notable]


def stability_index(reference: Sequence[int], present: Sequence[int]) -> float:
    """Population stability index of two counts over the same cells: 0 when shares are the same. Half a message is added to each cell."""
    totals = sum(reference) + len(reference) / 2, sum(present) + len(present) / 2
    shares = [((a + 0.5) / totals[0], (b + 0.5) / totals[1]) for a, b in zip(reference, present)]
    return sum((b - a) * log(b / a) for a, b in shares)


def by_chance(cells: int, reference: int, present: int) -> float:
    """What the index stays under 99 times in 100 when nothing changed.

    It follows a chi-square times 1/n + 1/m (B. Yurdakul, "Statistical properties of population stability index", 2018).
    """
    from scipy.stats import chi2

    return float(chi2.ppf(0.99, cells - 1) * (1 / reference + 1 / present))


def agreement(items: Iterable[AsRead]) -> dict[str, dict[str, tuple[int, int]]]:
    """By month in which agents dealt with messages ("2026-11") and label: how many were right, of how many.

    Beside the four labels, `top1`: the surest commitment read is one of the agent's (or neither has any); `top3`: all of the agent's were read.
    """
    found: dict[str, dict[str, Counter[bool]]] = {}
    for one in items:
        if one.settled is None:
            continue
        month = found.setdefault(f"{one.settled:%Y-%m}", {})
        read = one.read
        right = {label: read[label] == one.said[label] for label in read}
        ours, theirs = [slug for slug, _ in one.commitments], one.said["commitments"]
        right["top1"] = ours[0] in theirs if ours else not theirs
        right["top3"] = set(theirs) <= set(ours) if theirs else not ours
        for label, held in right.items():
            month.setdefault(label, Counter())[held] += 1
    return {month: {label: (held[True], held.total()) for label, held in labels.items()} for month, labels in sorted(found.items())}


@dataclass(frozen=True)
class Bearing:
    """What would be automated if this share wrong was borne. `wrong`: share corrected among those automated that agents dealt with."""

    borne: float
    automated: float
    seen: int
    wrong: float | None


def bearings(items: Sequence[AsRead], trust: Trust) -> list[Bearing]:
    """The share automated against the error, on messages as they came."""
    out = []
    for borne in ERRORS:
        at = Trust(trust.curves, borne)
        alone = [one for one in items if _level(one, at) is Autonomy.AUTOMATE]
        seen = [one for one in alone if one.settled is not None]
        wrong = sum(one.read != dict(one.said) for one in seen) / len(seen) if seen else None
        out.append(Bearing(borne, len(alone) / max(1, len(items)), len(seen), wrong))
    return out


def _level(one: AsRead, trust: Trust) -> Autonomy:
    """As `triage.classify` trusts a reading."""
    levels = [trust.level(one.kind, one.kind_confidence), *(trust.level(slug, sure) for slug, sure in one.commitments)]
    levels.append(trust.level("urgent", one.urgent_confidence) if one.urgent else trust.level("pas_urgent", 1 - one.urgent_confidence))
    if one.kind in (Kind.AVIS, Kind.DEMANDE):
        levels.append(trust.level(one.sentiment, one.sentiment_confidence))
    return weakest(levels)


def _counted(items: Iterable[AsRead], theme: str) -> Counter[str]:
    return Counter(cell for one in items for cell in _cells(one, theme))


def _cells(one: AsRead, theme: str) -> list[str]:
    if theme == "commitments":
        return [slug for slug, _ in one.commitments] or [NONE]
    if theme == "confidence":
        return [_band(one.kind_confidence)]
    if theme == "autonomy":
        return [str(one.autonomy == Autonomy.SUGGEST)]
    return [str(one.read[theme])]


def _band(confidence: float) -> str:
    return str(sum(confidence >= mark for mark in _SURE))


_THEMES: dict[str, tuple[str, ...]] = {
    "kind": tuple(map(str, Kind)),
    "commitments": (*map(str, Commitment), NONE),
    "sentiment": tuple(map(str, Sentiment)),
    "urgent": ("False", "True"),
    "confidence": tuple(map(str, range(len(_SURE) + 1))),
    "autonomy": ("False", "True"),
}
THEMES = tuple(_THEMES)
