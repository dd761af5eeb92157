"""Linear heads: what a stock classifier on vectors is, to compare others with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from language.embed import Vectors

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LinearHead:
    """Probabilities of exclusive labels from a vector. weights: shape (labels, dimension); bias: shape (labels,)."""

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats

    def probabilities(self, vectors: Vectors) -> Floats:
        """Shape (rows, labels); rows sum to 1."""
        logits = vectors.astype(np.float64) @ self.weights.T + self.bias
        logits -= logits.max(axis=1, keepdims=True)
        exponentials = np.exp(logits)
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def fit_exclusive(vectors: Vectors, targets: Sequence[str], strength: float) -> LinearHead:
    """Multinomial logistic regression, a rare label weighing as much as a frequent one; `strength` is the inverse of regularisation.
    Deterministic."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    # Most features are zeros: kept sparse, fitting takes less time.
    model = LogisticRegression(C=strength, max_iter=3000, class_weight="balanced").fit(csr_matrix(vectors), list(targets))
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        weights, bias = np.vstack([-weights, weights]) / 2, np.hstack([-bias, bias]) / 2
    return LinearHead(tuple(map(str, model.classes_)), weights, bias)
