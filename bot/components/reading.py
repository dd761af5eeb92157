"""From a head's probabilities to intents as Rasa writes them, and a head's figures on writers left out. Pure."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

import numpy as np

from language.kernel_fit import Fitted
from language.kernel_head import KernelHead, Views, probabilities


def read_intents(head: KernelHead, views: Views, unknown: str) -> List[List[Dict[str, Any]]]:
    """For each text, intents ({"name", "confidence"}), most probable first. A blank text is `unknown`."""
    readings = []
    for blank, row in zip(views.blank(), head.probabilities(views)):
        order = np.argsort(-row, kind="stable")
        ranking = [{"name": head.labels[at], "confidence": float(row[at])} for at in order]
        readings.append([{"name": unknown, "confidence": 1.0}] if blank else ranking)
    return readings


def figures(fitted: Fitted, intents: Sequence[str]) -> Dict[str, float]:
    """Shares on texts whose group was left out: read right; out of scope recognised; in scope rejected. `calibration_error`: mean gap
    between confidence and share read right, over fifteen bands of confidence."""
    head = fitted.head
    shares = probabilities(fitted.held_out, head.unknown, head.offset, head.sharpness)
    truth = np.array([head.labels.index(intent) for intent in intents])
    guess, sure = shares.argmax(1), shares.max(1)
    right = guess == truth
    found = {"right": float(right.mean()), "calibration_error": calibration_error(sure, right), "sharpness": head.sharpness}
    outside = truth == head.unknown
    if outside.any() and not outside.all():
        rejected = guess == head.unknown
        found |= {"out_of_scope_found": float(rejected[outside].mean()), "in_scope_rejected": float(rejected[~outside].mean())}
    return {name: round(value, 4) for name, value in found.items()}


def calibration_error(sure: Any, right: Any, bands: int = 15) -> float:
    """Expected calibration error of confidences (0 to 1)."""
    band = np.minimum((sure * bands).astype(int), bands - 1)
    return float(sum(abs(sure[band == at].mean() - right[band == at].mean()) * (band == at).mean() for at in set(band)))
