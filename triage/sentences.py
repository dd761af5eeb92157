"""Cuts a text into its sentences, exactly as they stand in it. Pure."""

import re
from itertools import pairwise

# An abbreviation's stop, or a lone initial, ends no sentence.
_END = re.compile(
    r"(?<!\bM)(?<!\bMme)(?<!\bMlle)(?<!\bDr)(?<!\bart)(?<!\bcf)(?<!\bex)(?<!\bréf)(?<!\b[A-Z])(?<![.!?…])[.!?…]+[\"»)]{0,9}(?=\s)|\n+"
)


def sentences(text: str) -> list[str]:
    """Sentences in order; each is an exact substring, without the white space around it."""
    cuts = [0, *(found.end() for found in _END.finditer(text)), len(text)]
    parts = (text[start:end].strip() for start, end in pairwise(cuts))
    return [part for part in parts if part]
