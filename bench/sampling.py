"""A part of the assistant's sentences, each intent in its share, and the sentences left out of it. Pure."""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import yaml

LEAST = 2
"""Sentences of an intent, at least: DIET learns nothing from one."""

_ENTITY = re.compile(r"\[([^\]]+)\]\(\w+\)")


@dataclass(frozen=True)
class Sentence:
    """A sentence of the training data; `text` with its entities marked, as the files have it."""

    intent: str
    text: str

    def spoken(self) -> str:
        """As a visitor writes it."""
        return _ENTITY.sub(r"\1", self.text)


def read_sentences(files: Iterable[str]) -> list[Sentence]:
    """Sentences of training files, in order."""
    blocks = (block for content in files for block in yaml.safe_load(content)["nlu"])
    return [Sentence(block["intent"], line.removeprefix("- ").strip()) for block in blocks for line in block["examples"].splitlines()]


def split(sentences: Sequence[Sentence], count: int, seed: int) -> tuple[list[Sentence], list[Sentence]]:
    """About `count` sentences, each intent in its share and no less than LEAST, then the others in random order. Same seed, same sentences."""
    chance = random.Random(seed)  # noqa: S311 - nothing is guarded by it
    by_intent: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_intent[sentence.intent].append(sentence)
    taken, left = [], []
    for intent in sorted(by_intent):
        ours = by_intent[intent]
        chance.shuffle(ours)
        share = max(LEAST, round(count * len(ours) / len(sentences)))
        taken += ours[:share]
        left += ours[share:]
    chance.shuffle(left)
    return taken, left


def training_file(sentences: Sequence[Sentence]) -> str:
    """The sentences as a training file of Rasa."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    for sentence in sentences:
        by_intent[sentence.intent].append(f"- {sentence.text}\n")
    blocks = [{"intent": intent, "examples": "".join(lines)} for intent, lines in sorted(by_intent.items())]
    return yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False, width=10_000)
