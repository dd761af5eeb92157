"""How far the machine is trusted with each label: what is automated is wrong at most as often as was stated, on writers left out. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.model import Autonomy

ERRORS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2)
"""Shares wrong for which a model keeps thresholds."""

PRESELECT = 0.15
"""Share wrong among what is put before an agent as already chosen."""

LEAST = 30
"""Fewer held-out messages prove nothing: the label is not trusted that far."""

NEVER = 2.0
"""A threshold that no confidence reaches."""

Curve = Mapping[float, float]
"""From which confidence a label is wrong at most as often as a share, by that share."""

_ORDER = (Autonomy.SUGGEST, Autonomy.PRESELECT, Autonomy.AUTOMATE)


@dataclass(frozen=True)
class Trust:
    """Curves of the labels, and the share wrong that is borne among what is automated."""

    curves: Mapping[str, Curve]
    wrong: float = 0.03

    def level(self, label: str, confidence: float) -> Autonomy:
        """How far this label is trusted at this confidence. A label without a curve is only suggested."""
        curve = self.curves.get(label, {})
        if confidence >= threshold(curve, self.wrong):
            return Autonomy.AUTOMATE
        return Autonomy.PRESELECT if confidence >= threshold(curve, max(PRESELECT, self.wrong)) else Autonomy.SUGGEST


def threshold(curve: Curve, wrong: float) -> float:
    """Of the shares that a curve holds, the greatest not above `wrong` decides; NEVER when there is none."""
    return max(((share, held) for share, held in curve.items() if share <= wrong + 1e-9), default=(0.0, NEVER))[1]


def weakest(levels: Iterable[Autonomy]) -> Autonomy:
    """A message is trusted as far as its least sure label; one without labels is only suggested."""
    return min(levels, key=_ORDER.index, default=Autonomy.SUGGEST)


def curve_of(confidences: Sequence[float], right: Sequence[bool]) -> dict[float, float]:
    """The lowest threshold for each share of ERRORS, from what was said of messages held out."""
    return {share: _lowest(confidences, right, share) for share in ERRORS}


def automated_share(confidences: Sequence[float], right: Sequence[bool], least: float) -> tuple[float, float]:
    """Share of messages whose confidence reaches `least`, and share wrong among these."""
    held = [ok for confidence, ok in zip(confidences, right) if confidence >= least]
    return len(held) / max(1, len(confidences)), 1 - sum(held) / len(held) if held else 0.0


def _lowest(confidences: Sequence[float], right: Sequence[bool], share: float) -> float:
    wrong, found = 0, NEVER
    ranked = sorted(zip(confidences, right), key=lambda pair: -pair[0])
    for count, (confidence, ok) in enumerate(ranked, 1):
        wrong += not ok
        # Equal confidences stand or fall together.
        last = count == len(ranked) or ranked[count][0] < confidence
        if last and count >= LEAST and wrong <= share * count:
            found = confidence
    return found
