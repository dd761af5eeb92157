"""What linear heads read of a text: its meaning (embedding) beside its very letters and words."""

from __future__ import annotations

from typing import Sequence

import numpy as np

from language.embed import Embedder, Vectors
from language.lexicon import Lexicon

SCALE = 3.0
"""Weight of the embedding beside the lexical part; without it the many lexical features would outweigh it."""

LEXICAL = 4096


class TextFeatures:
    """Embedding and lexical features side by side. `name` tells what a head was trained on."""

    def __init__(self, embedder: Embedder, scale: float = SCALE, lexical: int = LEXICAL) -> None:
        self._embedder, self._lexicon, self._scale = embedder, Lexicon(lexical), scale
        self.name = f"{embedder.name} x {scale:g} + lexicon {lexical}"
        self.dimension = embedder.dimension + lexical

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row a text, shape (len(texts), dimension), float32. A blank text gives a row of zeros."""
        return np.hstack([self._scale * self._embedder.embed(texts), self._lexicon.vectors(texts)])
