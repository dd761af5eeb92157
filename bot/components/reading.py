"""From a head's probabilities to intents as Rasa writes them, and a head's figures on writers left out. Pure."""

from __future__ import annotations

from typing import AbstractSet, Any, Dict, List, Sequence, Tuple

import numpy as np

from language.calibration import calibration_error
from language.kernel_fit import Fitted
from language.kernel_head import KernelHead, Views, probabilities

Reading = List[Dict[str, Any]]
"""Intents of a text ({"name", "confidence"}), most probable first."""


def read_intents(head: KernelHead, views: Views, unknown: str) -> List[Reading]:
    """The reading of each text. A blank text is `unknown`."""
    readings = []
    for blank, row in zip(views.blank(), head.probabilities(views)):
        order = np.argsort(-row, kind="stable")
        ranking = [{"name": head.labels[at], "confidence": float(row[at])} for at in order]
        readings.append([{"name": unknown, "confidence": 1.0}] if blank else ranking)
    return readings


def two_questions(sides: Sequence[Tuple[Reading, Reading]], none: AbstractSet[str], least: float) -> Tuple[str, ...]:
    """The two questions of a message, in its order, from the readings of what stands before and after each of its joints.

    Where several partings give two, the one whose weaker side is the surest. Empty when no side but one is a question of `least` probability:
    `none` names the intents that ask nothing.
    """
    found: List[Tuple[float, Tuple[str, str]]] = []
    for before, after in sides:
        if before and after:
            names = (before[0]["name"], after[0]["name"])
            sure = min(before[0]["confidence"], after[0]["confidence"])
            if names[0] != names[1] and not none & set(names) and sure >= least:
                found.append((sure, names))
    return max(found, key=lambda pair: pair[0])[1] if found else ()


def figures(fitted: Fitted, intents: Sequence[str]) -> Dict[str, float]:
    """Shares on texts whose group was left out: read right; out of scope recognised; in scope rejected. `calibration_error`: mean gap
    between confidence and share read right."""
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
