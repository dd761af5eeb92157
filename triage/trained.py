"""What a trained reading model is: plain arrays and settings in one `.npz` file (no pickle)."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from language.embed import Vectors
from language.head import Floats
from language.kernel_head import KernelHead, Landmarks
from triage.autonomy import Curve
from triage.calibrate import EachAlone, OneOf


@dataclass(frozen=True)
class Trained:
    """One head scores all labels; calibrations make probabilities of them.

    rarity: weights of letters and words. unseen: what the views that a sentence lacks bring to a message on average, shape (labels,).
    curves: by label, from which confidence it is wrong how often.
    """

    head: KernelHead
    rarity: Vectors
    unseen: Floats
    kind: OneOf
    sentiment: OneOf
    commitments: EachAlone
    urgent: EachAlone
    curves: dict[str, Curve]
    card: dict[str, Any]

    def columns(self, labels: tuple[str, ...]) -> list[int]:
        """Where these labels stand in the head's scores."""
        return [self.head.labels.index(label) for label in labels]


def save_trained(path: Path, model: Trained) -> None:
    """Writes the model and its card in one file, whole or not at all. Half precision where it reads as well."""
    head = model.head
    arrays: dict[str, Any] = {
        "duals": head.duals.astype(np.float32),
        "letters": head.letters.astype(np.float16),
        "bias": head.bias,
        "rarity": model.rarity.astype(np.float16),
        "unseen": model.unseen,
    }
    for at, marks in enumerate(head.landmarks):
        arrays |= {f"{at}.points": marks.points.astype(np.float16), f"{at}.centre": marks.centre, f"{at}.axes": marks.axes}
    settings = {
        "labels": head.labels,
        "landmarks": [{"narrow": marks.narrow, "weight": marks.weight} for marks in head.landmarks],
        "curves": {label: list(curve.items()) for label, curve in model.curves.items()},
        "card": model.card,
    } | {name: asdict(getattr(model, name)) for name in ("kind", "sentiment", "commitments", "urgent")}
    arrays["meta"] = np.array(json.dumps(settings, ensure_ascii=False))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, **arrays)
    partial.replace(path)


def load_trained(path: Path) -> Trained:
    """The model written by `save_trained`. Raises FileNotFoundError when there is none."""
    with np.load(path, allow_pickle=False) as data:
        meta = json.loads(str(data["meta"]))
        landmarks = tuple(
            Landmarks(data[f"{at}.points"].astype(np.float32), data[f"{at}.centre"], data[f"{at}.axes"], one["narrow"], one["weight"])
            for at, one in enumerate(meta["landmarks"])
        )
        return Trained(
            KernelHead(tuple(meta["labels"]), landmarks, data["duals"], data["letters"], data["bias"]),
            data["rarity"].astype(np.float32),
            data["unseen"],
            OneOf(**_tuples(meta["kind"])),
            OneOf(**_tuples(meta["sentiment"])),
            EachAlone(**_tuples(meta["commitments"])),
            EachAlone(**_tuples(meta["urgent"])),
            {label: dict(curve) for label, curve in meta["curves"].items()},
            meta["card"],
        )


def load_card(path: Path) -> dict[str, Any]:
    """The card of a model, without its arrays; empty when the file is of a form that is no longer read."""
    with np.load(path, allow_pickle=False) as data:
        meta: dict[str, Any] = json.loads(str(data["meta"]))
        return meta["card"] if "curves" in meta else {}


def _tuples(held: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in held.items()}
