"""Letters and words of a text as a vector. No vocabulary to keep: features are hashed. Pure."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from language.normalise import fold, normalise


class Lexicon:
    """Runs of 2 to 5 letters within words, words and pairs of words, without accents."""

    def __init__(self, dimension: int) -> None:
        # scikit-learn takes seconds to load: only who reads texts waits for it.
        from sklearn.feature_extraction.text import HashingVectorizer

        self.dimension = dimension
        shared = {"n_features": dimension, "norm": "l2", "lowercase": False, "dtype": np.float32}
        self._letters = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), **shared)
        self._words = HashingVectorizer(analyzer="word", ngram_range=(1, 2), token_pattern=r"\w+", **shared)  # noqa: S106 - a regex

    def rows(self, texts: Sequence[str]) -> Any:
        """One row a text, in a scipy CSR matrix of float32, shape (len(texts), dimension). A blank text gives an empty row."""
        folded = [fold(normalise(text)) for text in texts]
        return (self._letters.transform(folded) + self._words.transform(folded)).tocsr()
