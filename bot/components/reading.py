"""From a vector to ranked intents, with a way to say "I do not know". Pure."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from language.embed import Vectors
from language.head import LinearHead, blend


def read_intent(heads: Sequence[LinearHead], vector: Vectors, minimum: float, unknown: str, offset: float) -> List[Dict[str, Any]]:
    """Intents as Rasa writes them ({"name", "confidence"}), most probable first, as the heads agree, `unknown` moved by `offset`.

    `unknown` comes first, with the probability that the best guess is wrong, when that guess is under `minimum` or the vector is
    null (blank text).
    """
    blank = not vector.any()
    pairs = sorted(zip(heads[0].labels, blend(heads, vector[None, :], unknown, offset)[0]), key=lambda pair: -pair[1])
    ranking = [{"name": label, "confidence": float(probability)} for label, probability in pairs]
    if blank:
        return [{"name": unknown, "confidence": 1.0}]
    if ranking[0]["confidence"] >= minimum or ranking[0]["name"] == unknown:
        return ranking
    rest = [row for row in ranking if row["name"] != unknown]
    return [{"name": unknown, "confidence": 1 - ranking[0]["confidence"]}, *rest]
