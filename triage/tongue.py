"""Tells in which language a message is written. Pure; its model stands inside py3langid."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

FRENCH = "fr"
LEAST_LETTERS = 20
SURE = 0.9
"""Below, a text counts as French: what is short, mixed or full of names is, as a rule."""
MAX_READ = 2_000

_NO_WORDS = re.compile(r"\S*(?:@|://|www\.)\S*|\d+")


def language_of(subject: str, text: str) -> str:
    """ISO 639-1 code of the language; "fr" unless another one is sure."""
    words = _NO_WORDS.sub(" ", f"{subject}\n{text[:MAX_READ]}")
    if sum(map(str.isalpha, words)) < LEAST_LETTERS:
        return FRENCH
    code, confidence = _identifier().classify(words)
    return str(code) if confidence >= SURE else FRENCH


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
