"""Makes a head's scores into probabilities that are as often right as they say, on texts of writers left out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from language.calibration import softmax
from language.embed import Floats


@dataclass(frozen=True)
class OneOf:
    """Labels of which exactly one holds: softmax of the scores times `sharpness` plus `offsets`."""

    labels: tuple[str, ...]
    sharpness: float
    offsets: tuple[float, ...]

    def probabilities(self, scores: Floats) -> Floats:
        """Shape (rows, labels); rows sum to 1."""
        return softmax(scores * self.sharpness + np.array(self.offsets))


@dataclass(frozen=True)
class EachAlone:
    """Labels that hold or not, each by itself: logistic of the score times its slope plus its offset. `thresholds`: from which probability
    a label is said to hold."""

    labels: tuple[str, ...]
    slopes: tuple[float, ...]
    offsets: tuple[float, ...]
    thresholds: tuple[float, ...] = ()

    def probabilities(self, scores: Floats) -> Floats:
        """Shape (rows, labels)."""
        return np.asarray(1 / (1 + np.exp(-(scores * np.array(self.slopes) + np.array(self.offsets)))))


def fit_one_of(labels: Sequence[str], scores: Floats, truth: Any, balanced: bool) -> OneOf:
    """What loses least on held-out scores. `balanced`: for messages of which each label has as many. `truth`: place of the right label."""
    from scipy.optimize import minimize

    held = np.bincount(truth, minlength=len(labels))
    weights = (1 / held[truth] if balanced else np.ones(len(truth))) / (len(labels) if balanced else len(truth))

    def loss(values: Floats) -> float:
        found = OneOf(tuple(labels), float(np.exp(values[0])), tuple(values[1:]))
        right = found.probabilities(scores)[np.arange(len(truth)), truth]
        # Offsets are told up to a constant: the least ones.
        return float(-(weights * np.log(right + 1e-12)).sum() + 1e-4 * (values[1:] ** 2).sum())

    best = minimize(loss, np.r_[1.0, np.zeros(len(labels))], method="L-BFGS-B").x
    return OneOf(tuple(labels), float(np.exp(best[0])), tuple(map(float, best[1:])))


def fit_each_alone(labels: Sequence[str], scores: Floats, truth: Any) -> EachAlone:
    """The same for labels that stand alone. `truth`: shape (rows, labels), true where a label holds."""
    from sklearn.linear_model import LogisticRegression

    fits = [LogisticRegression(C=100.0).fit(scores[:, [at]], truth[:, at]) for at in range(len(labels))]
    return EachAlone(tuple(labels), tuple(float(fit.coef_[0, 0]) for fit in fits), tuple(float(fit.intercept_[0]) for fit in fits))
