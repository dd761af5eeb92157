"""What a trained reading model is: plain arrays and settings in one `.npz` file (no pickle)."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from language.embed import Floats, Vectors
from language.kernel_head import KernelHead, packed, unpacked
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
    """Writes the model and its card in one file, whole or not at all."""
    arrays, settings = packed(model.head)
    arrays |= {"rarity": model.rarity.astype(np.float16), "unseen": model.unseen}
    settings |= {"curves": {label: list(curve.items()) for label, curve in model.curves.items()}, "card": model.card}
    settings |= {name: asdict(getattr(model, name)) for name in ("kind", "sentiment", "commitments", "urgent")}
    arrays["meta"] = np.array(json.dumps(settings, ensure_ascii=False))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, **arrays)
    partial.replace(path)


def load_trained(path: Path) -> Trained:
    """The model written by `save_trained`. Raises FileNotFoundError when there is none."""
    with np.load(path, allow_pickle=False) as data:
        meta = json.loads(str(data["meta"]))
        return Trained(
            unpacked(data, meta),
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
