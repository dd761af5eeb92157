"""Probabilities from scores, and how far they are to be believed."""

from __future__ import annotations

from typing import Any, List, Tuple

import numpy as np

from language.embed import Floats

BANDS = 10


def softmax(scores: Floats) -> Floats:
    """Shape kept; rows sum to 1."""
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def reliability(confidences: Floats, right: Any, bands: int = BANDS) -> List[Tuple[float, float, int]]:
    """Mean confidence, share right, and count, in each band of confidence that holds any."""
    band = np.minimum((confidences * bands).astype(int), bands - 1)
    held = [band == at for at in range(bands)]
    return [(float(confidences[one].mean()), float(right[one].mean()), int(one.sum())) for one in held if one.any()]


def calibration_error(confidences: Floats, right: Any, bands: int = BANDS) -> float:
    """Expected calibration error: how far confidence and share right are apart, on average."""
    return sum(abs(said - share) * count for said, share, count in reliability(confidences, right, bands)) / len(confidences)
