"""What agents taught: messages to learn from, the newest kept apart, and whether a model reads those better than another. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zlib import crc32

import numpy as np

from language.embed import Floats

REPLAYED = 0.3
"""Share of the messages, the newest, that a challenger does not learn from and is judged on."""

LEAST_REPLAYED, LEAST_CORRECTED = 30, 10
"""Fewer messages replayed, or fewer of them corrected, prove nothing."""

DRAWS = 4000
SEED = 20261126
_PARTS = 5


@dataclass(frozen=True)
class Word:
    """What an agent said of a label of an item. `label`: kind, commitments, sentiment or urgent; `after` equal to `before`: it was right."""

    item: int
    label: str
    before: Any
    after: Any
    author: str
    at: datetime


@dataclass(frozen=True)
class Lesson:
    """A message that an agent has dealt with, and its labels as they stand.

    `taught`: an agent corrected or confirmed a label of it; otherwise it was dealt with as it was read, which shows that nothing shocked
    and teaches nothing. `corrected`: a label of it is another than was read.
    """

    item: int
    subject: str
    text: str
    sender: str
    kind: str
    commitments: tuple[str, ...]
    sentiment: str
    urgent: bool
    at: datetime
    taught: bool
    corrected: bool

    def row(self) -> dict[str, Any]:
        """As training data: messages of one sender are held out together, senders in five parts."""
        part = crc32(self.sender.casefold().encode("utf-8", "surrogatepass")) % _PARTS
        return {
            "id": f"agents{part}-{self.item}",
            "subject": self.subject,
            "body": self.text,
            "kind": self.kind,
            "commitments": list(self.commitments),
            "sentiment": self.sentiment,
            "urgent": self.urgent,
        }


class Verdict(StrEnum):
    """What a comparison shows."""

    BETTER = "mieux"
    NOT_BETTER = "pas_mieux"
    TOO_FEW = "trop_peu"


@dataclass(frozen=True)
class Figure:
    """How two models read one label. `held`: messages that carry it. F1 from 0 to 1; `low`, `high`: where 95 % of the differences fall
    when the messages are drawn again. `lost`: it reads this label worse, for sure."""

    label: str
    held: int
    champion: float
    challenger: float
    champion_right: float
    challenger_right: float
    low: float
    high: float
    lost: bool

    @property
    def gain(self) -> float:
        """F1 of the challenger less that of the champion."""
        return self.challenger - self.champion


@dataclass(frozen=True)
class Comparison:
    """Two models on the same messages. `all`: all labels together."""

    verdict: Verdict
    replayed: int
    corrected: int
    all: Figure
    labels: tuple[Figure, ...]


def disputed(words: Iterable[Word]) -> set[int]:
    """Items of which two agents say different things of one label, each by their last word."""
    last: dict[tuple[int, str], dict[str, Any]] = {}
    for word in sorted(words, key=lambda one: one.at):
        last.setdefault((word.item, word.label), {})[word.author] = word.after
    return {item for (item, _label), said in last.items() if len({repr(value) for value in said.values()}) > 1}


def read_first(words: Iterable[Word]) -> dict[tuple[int, str], Any]:
    """What the machine had read, by item and label: what the first word found."""
    first: dict[tuple[int, str], Any] = {}
    for word in sorted(words, key=lambda one: one.at):
        first.setdefault((word.item, word.label), word.before)
    return first


def said_last(words: Iterable[Word]) -> dict[tuple[int, str], Any]:
    """The agents' last word, by item and label."""
    return {(word.item, word.label): word.after for word in sorted(words, key=lambda one: one.at)}


def split(lessons: Sequence[Lesson]) -> tuple[list[Lesson], list[Lesson]]:
    """Messages to learn from and messages to be judged on: the newest, without those whose text is also learnt.

    Those dealt with as they were read are judged on and not learnt: a model would learn its own mistakes again. They must be there, or the
    champion, wrong by definition wherever it was corrected, would lose against anything.
    """
    ordered = sorted(lessons, key=lambda one: (one.at, one.item))
    cut = len(ordered) - round(REPLAYED * len(ordered))
    learnt = [one for one in ordered[:cut] if one.taught]
    known = {one.text for one in learnt}
    return learnt, [one for one in ordered[cut:] if one.text not in known]


def compare(labels: Sequence[str], wanted: Any, champion: Any, challenger: Any, corrected: int) -> Comparison:
    """Judges a challenger. `wanted`, `champion`, `challenger`: 1 where a label holds or is said, shape (messages, labels).

    Better: all labels together gain, surely, and no label surely loses. Surely: at 95 % when the messages are drawn again (paired
    bootstrap: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993); labels share the 5 % among them (Bonferroni), or
    one in three challengers as good as the champion would be refused. Deterministic.
    """
    wanted, champion, challenger = (np.asarray(one) > 0 for one in (wanted, champion, challenger))
    count = len(wanted)
    draws = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), DRAWS) if count else np.zeros((1, 0))
    ours, theirs = _parts(wanted, challenger), _parts(wanted, champion)
    figures = []
    for at, label in enumerate(labels):
        gains = _f1(*(draws @ part[:, at] for part in ours)) - _f1(*(draws @ part[:, at] for part in theirs))
        figures.append(_figure(label, wanted[:, [at]], champion[:, [at]], challenger[:, [at]], gains, len(labels)))
    gains = _f1(*(draws @ part.sum(1) for part in ours)) - _f1(*(draws @ part.sum(1) for part in theirs))
    together = _figure("", wanted, champion, challenger, gains, 1)
    if count < LEAST_REPLAYED or corrected < LEAST_CORRECTED:
        verdict = Verdict.TOO_FEW
    else:
        better = together.low > 0 and not any(one.lost for one in figures)
        verdict = Verdict.BETTER if better else Verdict.NOT_BETTER
    return Comparison(verdict, count, corrected, together, tuple(figures))


def _figure(label: str, wanted: Any, champion: Any, challenger: Any, gains: Floats, among: int) -> Figure:
    low, high, least = np.quantile(gains, (0.025, 0.975, 1 - 0.025 / among))
    held = int(wanted.any(axis=1).sum())
    before, after = (round(float(_f1(*(part.sum() for part in _parts(wanted, said)))), 4) for said in (champion, challenger))
    right = [round(float((said == wanted).mean()), 4) if len(wanted) else 0.0 for said in (champion, challenger)]
    return Figure(label, held, before, after, right[0], right[1], round(float(low), 4), round(float(high), 4), bool(least < 0))


def _parts(wanted: Any, said: Any) -> tuple[Any, Any]:
    """By message and label: twice the hits, and hits and misses as F1 counts them."""
    return 2.0 * (wanted & said), wanted.astype(float) + said


def _f1(hits: Any, all_: Any) -> Any:
    """A label that nobody has and nobody says is read without fault."""
    return np.where(np.asarray(all_) > 0, hits / np.maximum(all_, 1), 1.0)
