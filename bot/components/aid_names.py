"""Names of aid schemes, read from the content files as they are now, and found in what people type."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, FrozenSet, List, Tuple

import numpy as np
import yaml
from rapidfuzz import fuzz, process

from bot.components.spans import Span, with_span
from language.normalise import fold

LIKENESS = 86
"""From this likeness (0–100) words are taken for a name of at least five letters; shorter names must be exact."""
SHORT, SHORT_LIKENESS = 8, 90
"""Up to SHORT letters a name must be nearer: one letter makes another word of it."""
END_LIKENESS = 60
"""How near the first and last words must be to those of the name: "prêt TPE, le" is no "prêt TPE PME"."""
_ORDINARY = frozenset({"passeport"})  # a word of its own, one letter from "pass export"

_WORD = re.compile(r"\w+")


class AidNames:
    """Folded names of aids in a folder of content files, read again whenever a file has changed: aid sheets, or the list of what other
    bodies look after. A file that an edit has broken keeps the names it had.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._stamps: Dict[Path, Tuple[int, int]] = {}
        self._names: Dict[Path, FrozenSet[str]] = {}

    def names(self) -> FrozenSet[str]:
        """All names, folded."""
        stamps = {path: (path.stat().st_mtime_ns, path.stat().st_size) for folder in self._folders for path in folder.glob("*.yml")}
        for path in stamps:
            if stamps[path] != self._stamps.get(path):
                self._names[path] = _read(path) or self._names.get(path, frozenset())
        self._names = {path: names for path, names in self._names.items() if path in stamps}
        self._stamps = stamps
        return frozenset().union(*self._names.values())


def find_aids(text: str, names: FrozenSet[str]) -> List[Span]:
    """Places where a name stands, whatever its accents and typos, likeliest first."""
    words = [(match.start(), match.end(), fold(match.group())) for match in _WORD.finditer(text)]
    known, widest = list(names), max((len(name.split()) for name in names), default=0) + 1
    runs = [words[at : at + width] for width in range(1, widest + 1) for at in range(len(words) - width + 1)]
    if not runs or not known:
        return []
    said = [" ".join(word for _, _, word in run) for run in runs]
    near = process.cdist(said, known, scorer=fuzz.ratio, score_cutoff=LIKENESS, dtype=np.float32)
    candidates: List[Tuple[float, int, Span]] = []
    for at, which in np.argwhere(near):
        run, name = runs[at], known[which]
        score = _likeness(said[at], name) if abs(len(run) - len(name.split())) <= 1 else 0.0
        if score:
            start, end = run[0][0], run[-1][1]
            candidates.append((score, end - start, Span(start, end, "aide", text[start:end])))
    found: List[Span] = []
    for _score, _length, span in sorted(candidates, key=lambda c: (-c[0] - c[1] / 4, c[2].start)):
        found = with_span(found, span)
    return found


def _likeness(run: str, name: str) -> float:
    if run == name:
        return 100.0
    if len(name) < 5 or run in _ORDINARY:
        return 0.0
    score = float(fuzz.ratio(run, name))
    if score < (SHORT_LIKENESS if len(name) <= SHORT else LIKENESS):
        return 0.0
    typed, meant = run.split(), name.split()
    # A name may be typed as one word, or in two: its ends then say nothing.
    ends = len(typed) != len(meant) or all(fuzz.ratio(typed[i], meant[i]) >= END_LIKENESS for i in (0, -1))
    return score if ends else 0.0


def _read(path: Path) -> FrozenSet[str]:
    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
        sheet = "name" in held
        names = [held["name"], *held.get("aliases", ())] if sheet else [name for body in held.values() for name in body.get("schemes", ())]
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError):
        return frozenset()
    return frozenset(filter(None, (fold(str(name)) for name in names)))
