"""Messages that no label fits, gathered by what they speak of. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from language.embed import Vectors
from language.normalise import normalise

LEAST = 5
"""Fewer messages make no topic."""

NEAR = 0.7
"""Average cosine distance within a topic, at most. At 0.7 forty messages on one new subject, in six wordings, come together among 113 on
as many others, of which no five do; at 0.65 they fall apart, at 0.75 others join by chance."""

MOST_WORDS = 5
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True)
class Topic:
    """`members`: places of its messages, the most typical first. `words`: what tells it from the others."""

    members: tuple[int, ...]
    words: tuple[str, ...]


def find_topics(texts: Sequence[str], vectors: Vectors, others: Sequence[str]) -> list[Topic]:
    """Topics of at least LEAST messages, the largest first. `vectors`: meaning of each text, from the mean of all messages;
    `others`: texts that are well understood."""
    if len(texts) < LEAST:
        return []
    # Loaded by who looks for topics only.
    from sklearn.cluster import AgglomerativeClustering

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    placed = vectors / np.where(lengths > 0, lengths, 1)
    alike = np.clip(1 - placed @ placed.T, 0, 2)
    found = AgglomerativeClustering(n_clusters=None, metric="precomputed", linkage="average", distance_threshold=NEAR).fit_predict(alike)
    held = [_words(text) for text in texts]
    common = Counter(word for text in others for word in _words(text))
    topics = []
    for label, size in Counter(found.tolist()).most_common():
        own = np.flatnonzero(found == label)
        if size < LEAST:
            break
        centre = placed[own].mean(axis=0)
        ordered = own[np.argsort(-(placed[own] @ centre), kind="stable")]
        rest = [held[at] for at in np.flatnonzero(found != label)]
        topics.append(Topic(tuple(map(int, ordered)), _telling([held[at] for at in own], rest, common, len(others))))
    return topics


def _telling(own: Sequence[set[str]], rest: Sequence[set[str]], common: Counter[str], others: int) -> tuple[str, ...]:
    """Words of a third of the messages at least, the most above their share elsewhere."""
    inside, outside = Counter(word for words in own for word in words), Counter(word for words in rest for word in words)
    shares = {
        word: count / len(own) - (outside[word] + common[word]) / max(1, len(rest) + others)
        for word, count in inside.items()
        if count >= max(3, len(own) / 3)
    }
    return tuple(sorted(shares, key=lambda word: (-shares[word], word))[:MOST_WORDS])


def _words(text: str) -> set[str]:
    return set(_WORD.findall(normalise(text)))
