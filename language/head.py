"""Linear heads on sentence embeddings: what a trained classifier is, as plain arrays in one `.npz` file (no pickle)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import numpy as np
import numpy.typing as npt

from language.embed import Vectors

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LinearHead:
    """Scores of labels from a vector.

    weights: shape (labels, dimension); bias: shape (labels,). `exclusive`: exactly one label holds (softmax),
    otherwise each label holds or not by itself (sigmoid). `thresholds`: from which probability a label of a
    non-exclusive head is said to hold.
    """

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats
    exclusive: bool
    thresholds: tuple[float, ...] = ()

    def probabilities(self, vectors: Vectors) -> Floats:
        """Shape (rows, labels). Rows sum to 1 for an exclusive head."""
        logits = vectors.astype(np.float64) @ self.weights.T + self.bias
        if not self.exclusive:
            return np.asarray(1 / (1 + np.exp(-logits)))
        logits -= logits.max(axis=1, keepdims=True)
        exponentials = np.exp(logits)
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))

    def best(self, vector: Vectors, but: Sequence[str] = ()) -> tuple[str, float]:
        """Most probable label of one vector, with its probability, those of `but` left out."""
        probabilities = self.probabilities(vector[None, :])[0]
        if but:
            probabilities = np.where(np.isin(self.labels, but), 0.0, probabilities)
            probabilities /= probabilities.sum()
        index = int(probabilities.argmax())
        return self.labels[index], float(probabilities[index])

    def holding(self, vector: Vectors) -> list[tuple[str, float]]:
        """Labels of a non-exclusive head above their thresholds, most probable first."""
        probabilities = self.probabilities(vector[None, :])[0]
        held = [(label, float(p)) for label, p, t in zip(self.labels, probabilities, self.thresholds) if p >= t]
        return sorted(held, key=lambda pair: -pair[1])


def save_heads(path: Path, heads: dict[str, LinearHead], card: dict[str, Any]) -> None:
    """Writes heads and their card in one file, whole or not at all."""
    arrays: dict[str, Any] = {}
    shapes: dict[str, Any] = {}
    for name, head in heads.items():
        arrays[f"{name}.weights"], arrays[f"{name}.bias"] = head.weights, head.bias
        shapes[name] = {"labels": head.labels, "exclusive": head.exclusive, "thresholds": head.thresholds}
    arrays["meta"] = np.array(json.dumps({"heads": shapes, "card": card}, ensure_ascii=False))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, **arrays)
    partial.replace(path)


def load_heads(path: Path) -> tuple[dict[str, LinearHead], dict[str, Any]]:
    """Heads and card written by `save_heads`. Raises FileNotFoundError when there is no model."""
    with np.load(path, allow_pickle=False) as data:
        meta = json.loads(str(data["meta"]))
        heads = {
            name: LinearHead(
                labels=tuple(shape["labels"]),
                weights=data[f"{name}.weights"],
                bias=data[f"{name}.bias"],
                exclusive=shape["exclusive"],
                thresholds=tuple(shape["thresholds"]),
            )
            for name, shape in meta["heads"].items()
        }
    return heads, meta["card"]


def fit_exclusive(vectors: Vectors, targets: Sequence[str], strength: float, balanced: bool = True) -> LinearHead:
    """Multinomial logistic regression; `strength` is the inverse of regularisation. `balanced`: a rare label weighs as much as a
    frequent one; otherwise a doubtful row gets the frequent one. Deterministic."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    # Most features are zeros: kept sparse, fitting takes less time.
    weight = "balanced" if balanced else None
    model = LogisticRegression(C=strength, max_iter=3000, class_weight=weight).fit(csr_matrix(vectors), list(targets))
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        weights, bias = np.vstack([-weights, weights]) / 2, np.hstack([-bias, bias]) / 2
    return LinearHead(tuple(map(str, model.classes_)), weights, bias, exclusive=True)


def fit_several(vectors: Vectors, targets: Sequence[frozenset[str]], labels: Sequence[str], strength: float) -> LinearHead:
    """One logistic regression a label. Thresholds are set later, on predictions for rows not trained on."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    sparse = csr_matrix(vectors)
    # liblinear is three times faster here; the scale keeps its penalty off the intercept.
    rows = [
        LogisticRegression(C=strength, max_iter=3000, class_weight="balanced", solver="liblinear", intercept_scaling=10).fit(
            sparse, [label in held for held in targets]
        )
        for label in labels
    ]
    return LinearHead(
        tuple(labels),
        np.vstack([row.coef_ for row in rows]),
        np.hstack([row.intercept_ for row in rows]),
        exclusive=False,
        thresholds=(0.5,) * len(labels),
    )
