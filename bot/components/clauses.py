"""Where a message may join two questions. Pure."""

from __future__ import annotations

import re
from typing import List, Tuple

_JOINTS = (
    re.compile(r"\s*\?+\s*(?:et\s+(?:puis\s+|aussi\s+)?)?"),
    re.compile(r"[.;!]\s+(?:et\s+)?"),
    re.compile(r",?\s+(?:et|puis|ainsi\s+que)\s+(?:puis\s+|aussi\s+)?", re.IGNORECASE),
)
"""The likeliest to part two questions come first."""
_LEAST_WORDS = 2
MOST = 4
"""Each parting costs two readings: further joints are not tried."""


def partings(text: str) -> List[Tuple[str, str]]:
    """What stands before and after each joint, where both sides could be a question."""
    found: List[Tuple[str, str]] = []
    taken = set()  # "? et" is one joint
    for joint in _JOINTS:
        for match in joint.finditer(text):
            place = range(match.start(), match.end())
            before, after = text[: match.start()].strip(), text[match.end() :].strip()
            if taken.isdisjoint(place) and min(len(before.split()), len(after.split())) >= _LEAST_WORDS:
                found.append((before, after))
                taken.update(place)
    return found[:MOST]
