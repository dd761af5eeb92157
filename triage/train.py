"""Trains the triage heads on `triage/data`, thresholds set on rows left out, and writes the model's card."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold

from language.embed import Embedder, Vectors
from language.head import Floats, LinearHead, fit_exclusive, fit_several, save_heads
from triage.classify import whole
from triage.model import Commitment

DATA = Path(__file__).parent / "data"
STRENGTH = 8.0
FOLDS = 5


def data_hash(folder: Path = DATA) -> str:
    """Names the data: the model is trained again when it changes."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.jsonl")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def read_data(folder: Path = DATA) -> list[dict[str, Any]]:
    """Labelled messages, in the order of the files."""
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines() if line]


def train(
    rows: list[dict[str, Any]], embedder: Embedder, out: Path, version: str, day: date, progress: Callable[[int], None]
) -> dict[str, Any]:
    """Fits the four heads, writes them to `out`, gives the card. Deterministic. `progress` gets the number of rows embedded."""
    vectors = _embed(rows, embedder, progress)
    kinds = [row["kind"] for row in rows]
    feelings = [row["sentiment"] for row in rows]
    commitments = [frozenset(row["commitments"]) for row in rows]
    urgent = [frozenset(["urgent"] if row["urgent"] else []) for row in rows]
    slugs = [str(slug) for slug in Commitment]
    left_out = {
        "kind": _left_out(vectors, lambda at: fit_exclusive(vectors[at], [kinds[i] for i in at], STRENGTH)),
        "sentiment": _left_out(vectors, lambda at: fit_exclusive(vectors[at], [feelings[i] for i in at], STRENGTH)),
        "commitments": _left_out(vectors, lambda at: fit_several(vectors[at], [commitments[i] for i in at], slugs, STRENGTH)),
        "urgent": _left_out(vectors, lambda at: fit_several(vectors[at], [urgent[i] for i in at], ["urgent"], STRENGTH)),
    }
    heads = {
        "kind": fit_exclusive(vectors, kinds, STRENGTH),
        "sentiment": fit_exclusive(vectors, feelings, STRENGTH),
        "commitments": _with_thresholds(fit_several(vectors, commitments, slugs, STRENGTH), left_out["commitments"], commitments),
        "urgent": _with_thresholds(fit_several(vectors, urgent, ["urgent"], STRENGTH), left_out["urgent"], urgent),
    }
    card = {
        "version": version,
        "date": day.isoformat(),
        "embedder": embedder.name,
        "data_hash": data_hash(),
        "messages": len(rows),
        "counts": {"kind": Counter(kinds), "sentiment": Counter(feelings), "commitments": Counter(s for held in commitments for s in held)},
        "cross_validated": {
            "kind_accuracy": _accuracy(heads["kind"], left_out["kind"], kinds),
            "sentiment_macro_f1": _macro(heads["sentiment"], left_out["sentiment"], feelings),
            "commitments_micro_f1": _micro(heads["commitments"], left_out["commitments"], commitments),
        },
    }
    save_heads(out, heads, card)
    return card


def _embed(rows: list[dict[str, Any]], embedder: Embedder, progress: Callable[[int], None]) -> Vectors:
    chunks = []
    for start in range(0, len(rows), 16):
        part = rows[start : start + 16]
        chunks.append(embedder.embed([whole(row["subject"], row["body"]) for row in part]))
        progress(len(part))
    return np.vstack(chunks)


def _left_out(vectors: Vectors, fit: Callable[[list[int]], LinearHead]) -> Floats:
    """Probabilities of each row by a head that was not fitted on it."""
    parts: list[tuple[Any, Floats]] = []
    for seen, unseen in KFold(FOLDS, shuffle=True, random_state=0).split(vectors):
        parts.append((unseen, fit(list(seen)).probabilities(vectors[unseen])))
    out = np.zeros((len(vectors), parts[0][1].shape[1]))
    for unseen, probabilities in parts:
        out[unseen] = probabilities
    return out


def _with_thresholds(head: LinearHead, left_out: Floats, held: list[frozenset[str]]) -> LinearHead:
    """Each label's threshold is the one with the best F1 on rows left out."""
    grid = np.arange(0.2, 0.9, 0.02)
    thresholds = []
    for column, label in enumerate(head.labels):
        truth = np.array([label in labels for labels in held])
        scores = [f1_score(truth, left_out[:, column] >= t, zero_division=0) for t in grid]
        thresholds.append(float(grid[int(np.argmax(scores))]))
    return LinearHead(head.labels, head.weights, head.bias, False, tuple(thresholds))


def _accuracy(head: LinearHead, left_out: Floats, truth: list[str]) -> float:
    return round(float(np.mean([head.labels[i] == t for i, t in zip(left_out.argmax(1), truth)])), 3)


def _macro(head: LinearHead, left_out: Floats, truth: list[str]) -> float:
    return round(float(f1_score(truth, [head.labels[i] for i in left_out.argmax(1)], average="macro")), 3)


def _micro(head: LinearHead, left_out: Floats, held: list[frozenset[str]]) -> float:
    truth = np.array([[label in labels for label in head.labels] for labels in held])
    return round(float(f1_score(truth, left_out >= np.array(head.thresholds), average="micro", zero_division=0)), 3)
