"""A message as the reading head sees it: what it means, whole and by its sentences, and its letters and words, the rare ones most. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from language.embed import MAX_CHARACTERS, Embedder, Vectors
from language.kernel_head import Views
from language.normalise import fold, gist, normalise
from triage.sentences import sentences

MAX_READ = 20_000
"""Characters of a message that are read."""

MAX_SENTENCE = 400
MAX_SENTENCES = 12
"""The first sentences only: with them a message costs the same however long it is."""

LETTERS, WORDS, SUBJECT = 2**17, 2**17, 2**15
_WEIGHTS = np.sqrt([1.0, 3.0, 0.3]).astype(np.float32)
"""Of letters, words, and the subject's letters: words tell the feeling best (decision 20)."""


@dataclass(frozen=True)
class Parts:
    """What was read of some messages. `counts`: letters, words, letters of the subject (scipy CSR matrices, not weighed yet).

    `sentences`: of each message, exact substrings; `by_sentence`: their vectors, all messages' one after the other.
    """

    meanings: tuple[Vectors, ...]
    counts: tuple[Any, Any, Any]
    sentences: tuple[tuple[str, ...], ...]
    by_sentence: Vectors


class MessageFeatures:
    """Reads messages with two encoders: `deep` once a message, `quick` (1 ms a sentence) on its sentences too.

    `name` tells what a model was trained on.
    """

    def __init__(self, deep: Embedder, quick: Embedder) -> None:
        # scikit-learn takes seconds to load: only who reads texts waits for it.
        from sklearn.feature_extraction.text import HashingVectorizer

        self._deep, self._quick = deep, quick
        self.name = f"{deep.name} + {quick.name} + {LETTERS} letters, {WORDS} words"
        shared = {"norm": None, "alternate_sign": False, "lowercase": False, "dtype": np.float32}
        self._letters = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=LETTERS, **shared)
        self._words = HashingVectorizer(analyzer="word", ngram_range=(1, 2), token_pattern=r"\w+", n_features=WORDS, **shared)  # noqa: S106 - a regex
        self._subject = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=SUBJECT, **shared)

    def parts(self, messages: Sequence[tuple[str, str]]) -> Parts:
        """Subject and text of each message, read. The deep encoder works on several messages at once."""
        texts = [gist(whole(subject, text[:MAX_READ]), MAX_CHARACTERS) for subject, text in messages]
        cut = tuple(tuple(sentences(text[:MAX_READ])[:MAX_SENTENCES]) for _, text in messages)
        subjects = [subject for subject, _ in messages]
        # The deep encoder takes most of the time and leaves a core free when it has one message.
        with ThreadPoolExecutor(1) as beside:
            deep = beside.submit(self._deep.embed, texts)
            short = [sentence[:MAX_SENTENCE] for held in cut for sentence in held]
            quick = self._quick.embed([*short, *texts, *subjects])  # at once: each call costs as much as a sentence
            by_sentence, by_text, by_subject = np.split(quick, [len(short), len(short) + len(texts)])
            counts = self._counts(texts, subjects)
            return Parts((deep.result(), by_text, _means(by_sentence, cut), by_subject), counts, cut, by_sentence)

    def sentence_views(self, held: Sequence[str], vectors: Vectors, rarity: Vectors) -> Views:
        """Sentences as the quick encoder and the words tell them: without the deep encoder's view, nor the subject's."""
        short = [sentence[:MAX_SENTENCE] for sentence in held]
        return Views((vectors, vectors), weighed(self._counts(short, [""] * len(short)), rarity))

    def _counts(self, texts: Sequence[str], subjects: Sequence[str]) -> tuple[Any, Any, Any]:
        folded = [fold(normalise(text)) for text in texts]
        named = [fold(normalise(subject)) for subject in subjects]
        return self._letters.transform(folded), self._words.transform(folded), self._subject.transform(named)


def whole(subject: str, text: str) -> str:
    """A message as one text: its subject is its first sentence."""
    return f"{subject.strip()}. {text.strip()}" if subject.strip() else text.strip()


def rarity_of(counts: Sequence[Any]) -> Vectors:
    """Weight of every run of letters and every word: the fewer messages hold it the more it weighs, and nothing when one alone does."""
    held = np.hstack([np.bincount(part.indices, minlength=part.shape[1]) for part in counts])
    weights = np.log((1 + counts[0].shape[0]) / (1 + held)) + 1
    return np.asarray(np.where(held < 2, 0, weights), dtype=np.float32)


def weighed(counts: Sequence[Any], rarity: Vectors) -> Any:
    """One row a text: in each part the logarithm of the counts times the rarity, brought to length 1, then weighed against the others."""
    from scipy.sparse import csr_matrix, diags, hstack

    parts, at = [], 0
    for part, weight in zip(counts, _WEIGHTS):
        rows = csr_matrix(part, dtype=np.float32, copy=True)
        rows.data = (1 + np.log(rows.data)) * rarity[at : at + part.shape[1]][rows.indices]
        lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        parts.append(diags(weight / np.where(lengths > 0, lengths, 1)) @ rows)
        at += part.shape[1]
    return csr_matrix(hstack(parts), dtype=np.float32)


def _means(vectors: Vectors, cut: Sequence[Sequence[str]]) -> Vectors:
    """Mean vector of each message's sentences; zeros for a message without any."""
    out = np.zeros((len(cut), vectors.shape[1]), dtype=np.float32)
    at = 0
    for row, held in zip(out, cut):
        if held:
            row[:] = vectors[at : at + len(held)].mean(axis=0)
        at += len(held)
    return out
