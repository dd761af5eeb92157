"""Compares recipes of the intent classifier, each writer left out in turn. Run: .venv/bin/python -m bench.nlu_recipes [--writers posee,rue]

A writer left out stands for people whose sentences nobody has seen. At each recipe, the offset of `hors_sujet` is set so that a given
share of in-scope sentences is rejected: recipes are compared at the same cost.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import yaml
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.metrics import f1_score

from language.embed import E5Embedder, Vectors
from language.head import LinearHead, blend, fit_exclusive, fit_perceptron
from language.lexicon import Lexicon
from language.normalise import gist, normalise

DATA = Path(__file__).parents[1] / "bot" / "data" / "nlu"
UNKNOWN = "hors_sujet"
_ENTITY = re.compile(r"\[([^\]]+)\]\(\w+\)")


def sentences() -> tuple[list[str], list[str], list[str]]:
    """Texts, intents and writers."""
    texts, intents, writers = [], [], []
    for path in sorted(DATA.glob("*/*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                texts.append(_ENTITY.sub(r"\1", line.removeprefix("- ").strip()))
                intents.append(block["intent"])
                writers.append(path.stem)
    return texts, intents, writers


def embed(texts: list[str]) -> Vectors:
    embedder = E5Embedder()
    parts = [texts[at : at + 64] for at in range(0, len(texts), 64)]
    return np.vstack([embedder.embed([gist(normalise(text), 500) for text in part]) for part in track(parts, "Lecture")])


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--writers", default="", help="writers left out in turn; all of them by default")
    arguments.add_argument("--rejected", type=float, default=0.06, help="share of in-scope sentences rejected")
    given = arguments.parse_args()
    texts, intents, writers = sentences()
    truth, writer = np.array(intents), np.array(writers)
    left_out = given.writers.split(",") if given.writers else sorted(set(writers))
    meaning, letters = embed(texts), Lexicon(4096).vectors(texts)
    both = np.hstack([3 * meaning, letters])
    fitted: dict[str, dict[str, list[LinearHead]]] = {name: {} for name in ("meaning", "both", "perceptron")}
    for name in track(left_out, "Apprentissage"):
        seen = writer != name
        fitted["meaning"][name] = [fit_exclusive(3 * meaning[seen], truth[seen], 10.0)]
        fitted["both"][name] = [fit_exclusive(both[seen], truth[seen], 10.0)]
        fitted["perceptron"][name] = [fit_perceptron(both[seen], truth[seen], 256, 0.01)]
    recipes = [
        ("meaning", "meaning", meaning * 3),
        ("meaning + letters", "both", both),
        ("perceptron on both", "perceptron", both),
        ("linear and perceptron", "blend", both),
    ]
    table = Table("recipe", "macro-F1", "accuracy", "out of scope found", "in scope rejected", "offset")
    for title, key, vectors in recipes:
        guesses, offset = _guess(key, fitted, vectors, truth, writer, left_out, given.rejected)
        scored = np.isin(writer, left_out)
        table.add_row(title, *_figures(truth[scored], guesses[scored]), f"{offset:.2f}")
    Console().print(table)


def _guess(key, fitted, vectors, truth, writer, left_out, rejected):  # type: ignore[no-untyped-def]
    logs = np.zeros((len(truth), len(set(truth))))
    for name in left_out:
        heads = fitted["both"][name] + fitted["perceptron"][name] if key == "blend" else fitted[key][name]
        logs[writer == name] = np.log(blend(heads, vectors[writer == name], UNKNOWN, 0.0) + 1e-12)
        labels = heads[0].labels
    at = labels.index(UNKNOWN)
    lead = logs[:, at] - np.delete(logs, at, 1).max(1)
    inside = np.isin(writer, left_out) & (truth != UNKNOWN)
    offset = -float(np.quantile(lead[inside], 1 - rejected))
    logs[:, at] += offset
    return np.array(labels)[logs.argmax(1)], offset


def _figures(truth, guesses):  # type: ignore[no-untyped-def]
    outside = truth == UNKNOWN
    return (
        f"{f1_score(truth, guesses, average='macro'):.3f}",
        f"{(truth == guesses).mean():.3f}",
        f"{(guesses[outside] == UNKNOWN).mean():.3f}",
        f"{(guesses[~outside] == UNKNOWN).mean():.3f}",
    )


if __name__ == "__main__":
    main()
