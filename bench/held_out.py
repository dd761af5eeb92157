"""The assistant's training sentences as its intent head sees them, with who wrote them. Vectors are kept in var/bench: reading takes minutes."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from rich.progress import track
from sklearn.metrics import f1_score

from language.embed import E5Embedder, Embedder, Floats, UseEmbedder, Vectors
from language.kernel_fit import Fitted
from language.kernel_head import Views, probabilities
from language.lexicon import Lexicon
from language.normalise import gist, normalise

ROOT = Path(__file__).parents[1]
DATA = ROOT / "bot" / "data" / "nlu"
KEPT = ROOT / "var" / "bench"
UNKNOWN = "hors_sujet"
LETTERS = 131072
_ENTITY = re.compile(r"\[([^\]]+)\]\(\w+\)")


@dataclass(frozen=True)
class Sentences:
    """Texts with the intent and the writer of each."""

    texts: list[str]
    intents: list[str]
    writers: list[str]

    def take(self, rows: list[int]) -> "Sentences":
        """Some of them, by index."""
        return Sentences(*([part[at] for at in rows] for part in (self.texts, self.intents, self.writers)))


def sentences() -> Sentences:
    """All training sentences."""
    texts, intents, writers = [], [], []
    for path in sorted(DATA.glob("*/*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                texts.append(_ENTITY.sub(r"\1", line.removeprefix("- ").strip()))
                intents.append(block["intent"])
                writers.append(path.stem)
    return Sentences(texts, intents, writers)


def views(texts: list[str]) -> Views:
    """As the components of config.yml read them: both encoders, letters and words."""
    return Views((_vectors(E5Embedder(), texts), _vectors(UseEmbedder(), texts)), Lexicon(LETTERS).rows(texts))


def _vectors(encoder: Embedder, texts: list[str]) -> Vectors:
    path = KEPT / f"{encoder.name}-{hashlib.sha256(chr(10).join(texts).encode()).hexdigest()[:12]}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        parts = [texts[at : at + 64] for at in range(0, len(texts), 64)]
        read = [encoder.embed([gist(normalise(text), 500) for text in part]) for part in track(parts, f"Lecture, {encoder.name}")]
        np.save(path, np.vstack(read))
    kept: Vectors = np.load(path)
    return kept


def held_out_shares(fitted: Fitted) -> Floats:
    """Probabilities of each text by a head that has not learnt from its writer, at the offset and sharpness of the fit."""
    head = fitted.head
    return probabilities(fitted.held_out, head.unknown, head.offset, head.sharpness)


def scores(truth: list[str], guesses: list[str]) -> dict[str, float]:
    """Macro-F1, accuracy, share of out-of-scope sentences found, share of in-scope sentences rejected."""
    wanted, got = np.array(truth), np.array(guesses)
    outside = wanted == UNKNOWN
    return {
        "macro-F1": float(f1_score(wanted, got, average="macro", labels=sorted(set(truth)), zero_division=0)),
        "accuracy": float((wanted == got).mean()),
        "out of scope found": float((got[outside] == UNKNOWN).mean()),
        "in scope rejected": float((got[~outside] == UNKNOWN).mean()),
    }
