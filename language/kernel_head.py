"""A head that compares a text with every text it has learnt from. Plain arrays in one `.npz` file (no pickle)."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Mapping

import numpy as np

from language.calibration import softmax
from language.embed import Floats, Vectors


@dataclass(frozen=True)
class Views:
    """Texts as a head sees them, one row a text in each: vectors of meaning by several encoders, and runs of letters and words
    (a scipy CSR matrix)."""

    meanings: tuple[Vectors, ...]
    letters: Any

    def __len__(self) -> int:
        return int(self.letters.shape[0])

    def take(self, rows: Any) -> "Views":
        """Some of the texts, by index or mask."""
        return Views(tuple(meaning[rows] for meaning in self.meanings), self.letters[rows])

    def blank(self) -> Any:
        """Which texts hold nothing to read."""
        seen = np.diff(self.letters.indptr) > 0
        for meaning in self.meanings:
            seen = seen | meaning.any(axis=1)
        return ~seen


@dataclass(frozen=True)
class Landmarks:
    """Vectors of the texts learnt from, on their main axes: shape (texts, axes).

    `centre`, `axes` lead a vector there. `narrow`: how fast likeness falls with the squared distance; `weight`: likeness of twins.
    """

    points: Vectors
    centre: Vectors
    axes: Vectors
    narrow: float
    weight: float

    def likeness(self, vectors: Vectors) -> Vectors:
        """weight * exp(-narrow * squared distance), shape (rows, texts)."""
        places = (vectors - self.centre) @ self.axes
        # In place: with 15,000 texts every copy counts, in time and in memory.
        nearness = np.asarray(places @ self.points.T)
        nearness *= 2
        nearness -= self._lengths
        nearness -= (places**2).sum(1)[:, None]
        np.minimum(nearness, 0, out=nearness)
        nearness *= np.float32(self.narrow)
        return np.asarray(np.float32(self.weight) * np.exp(nearness, out=nearness))

    @cached_property
    def _lengths(self) -> Vectors:
        return np.asarray((self.points**2).sum(1))


@dataclass(frozen=True)
class KernelHead:
    """Kernel ridge regression on indicators of exclusive labels, made into probabilities.

    duals: shape (texts, labels). letters: weights of the sparse features, shape (features, labels). `unknown`: place of the label for what
    is none of the others (-1: there is none), `offset`: added to its score. `sharpness`: of the softmax that makes scores probabilities
    as often right as they say.
    """

    labels: tuple[str, ...]
    landmarks: tuple[Landmarks, ...]
    duals: Vectors
    letters: Any
    bias: Floats
    unknown: int = -1
    offset: float = 0.0
    sharpness: float = 1.0

    def scores(self, views: Views) -> Floats:
        """Shape (rows, labels): near 1 for the label of a text like those learnt, near 0 for the others."""
        used = np.unique(views.letters.indices)
        out = np.asarray(views.letters[:, used] @ self.letters[used].astype(np.float32), dtype=np.float64)
        if self.landmarks:
            likeness = sum(marks.likeness(meaning) for marks, meaning in zip(self.landmarks, views.meanings))
            out = out + likeness @ self.duals
        return np.asarray(out + self.bias)

    def probabilities(self, views: Views) -> Floats:
        """Shape (rows, labels); rows sum to 1."""
        return probabilities(self.scores(views), self.unknown, self.offset, self.sharpness)


def probabilities(scores: Floats, unknown: int, offset: float, sharpness: float) -> Floats:
    """Softmax of the scores, that of `unknown` moved by `offset` first."""
    moved = scores * sharpness
    if unknown >= 0:
        moved[:, unknown] += offset * sharpness
    return softmax(moved)


def packed(head: KernelHead) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arrays and settings of a head, to be kept in a `.npz`. Half precision where it reads as well, and is half as large."""
    arrays: dict[str, Any] = {"duals": head.duals, "letters": head.letters.astype(np.float16), "bias": head.bias}
    for at, marks in enumerate(head.landmarks):
        arrays |= {f"{at}.points": marks.points.astype(np.float16), f"{at}.centre": marks.centre, f"{at}.axes": marks.axes}
    settings = {
        "labels": head.labels,
        "unknown": head.unknown,
        "offset": head.offset,
        "sharpness": head.sharpness,
        "landmarks": [{"narrow": marks.narrow, "weight": marks.weight} for marks in head.landmarks],
    }
    return arrays, settings


def unpacked(arrays: Mapping[str, Any], settings: Mapping[str, Any]) -> KernelHead:
    """The head of which `packed` gave the arrays and settings. Raises KeyError when they are another model's."""
    landmarks = tuple(
        Landmarks(arrays[f"{at}.points"].astype(np.float32), arrays[f"{at}.centre"], arrays[f"{at}.axes"], one["narrow"], one["weight"])
        for at, one in enumerate(settings["landmarks"])
    )
    return KernelHead(
        tuple(settings["labels"]),
        landmarks,
        arrays["duals"],
        arrays["letters"],
        arrays["bias"],
        settings["unknown"],
        settings["offset"],
        settings["sharpness"],
    )


def save_kernel_head(path: Path, head: KernelHead, card: dict[str, Any]) -> None:
    """Writes a head and its card in one file."""
    arrays, settings = packed(head)
    np.savez_compressed(path, meta=np.array(json.dumps(settings | {"card": card}, ensure_ascii=False)), **arrays)


def load_kernel_head(path: Path) -> tuple[KernelHead, dict[str, Any]]:
    """Head and card written by `save_kernel_head`. Raises FileNotFoundError when there is no model."""
    with np.load(path, allow_pickle=False) as data:
        meta = json.loads(str(data["meta"]))
        return unpacked(data, meta), meta["card"]
