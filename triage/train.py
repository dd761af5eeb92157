"""Trains the triage heads on `triage/data`, thresholds set on rows left out, and writes the model's card."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from language.embed import Vectors
from language.features import TextFeatures
from language.head import Floats, LinearHead, fit_exclusive, fit_several, save_heads
from triage.agreement import agreement, read_annotations
from triage.classify import whole
from triage.model import Commitment

DATA = Path(__file__).parent / "data"
STRENGTH = 3.0
FOLDS = 5
WITHOUT_SUBJECT = 3
"""One message in so many is also learnt without its subject: forms, chat and counters have none."""


def read_data(folder: Path = DATA) -> list[dict[str, Any]]:
    """Labelled messages, in the order of the files."""
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines() if line]


def train(
    rows: list[dict[str, Any]], features: TextFeatures, out: Path, sources: str, day: date, progress: Callable[[int], None]
) -> dict[str, Any]:
    """Fits the four heads, writes them to `out`, gives the card. Deterministic.

    `progress` gets the number of rows read; there are `reading_count(rows)` to read.
    """
    rows = rows + [row | {"subject": ""} for row in rows[::WITHOUT_SUBJECT]]
    vectors = _read(rows, features, progress)
    # A message and its copy without subject are left out together.
    groups = [row["id"] for row in rows]
    kinds = [row["kind"] for row in rows]
    feelings = [row["sentiment"] for row in rows]
    commitments = [frozenset(row["commitments"]) for row in rows]
    urgent = [frozenset(["urgent"] if row["urgent"] else []) for row in rows]
    slugs = [str(slug) for slug in Commitment]
    left_out = {
        "kind": _left_out(vectors, groups, lambda at: _fit_one_of(vectors[at], [kinds[i] for i in at])),
        "sentiment": _left_out(vectors, groups, lambda at: _fit_one_of(vectors[at], [feelings[i] for i in at])),
        "commitments": _left_out(vectors, groups, lambda at: fit_several(vectors[at], [commitments[i] for i in at], slugs, STRENGTH)),
        "urgent": _left_out(vectors, groups, lambda at: fit_several(vectors[at], [urgent[i] for i in at], ["urgent"], STRENGTH)),
    }
    heads = {
        "kind": _fit_one_of(vectors, kinds),
        "sentiment": _fit_one_of(vectors, feelings),
        "commitments": _with_thresholds(fit_several(vectors, commitments, slugs, STRENGTH), left_out["commitments"], commitments),
        "urgent": _with_thresholds(fit_several(vectors, urgent, ["urgent"], STRENGTH), left_out["urgent"], urgent),
    }
    card = {
        "version": f"triage-{day:%Y%m%d}-{sources}",
        "sources_hash": sources,
        "date": day.isoformat(),
        "features": features.name,
        "messages": len(set(groups)),
        "counts": {
            "kind": Counter(kinds),
            "sentiment": Counter(feelings),
            "commitments": Counter(s for held in commitments for s in sorted(held)),
        },
        "agreement": agreement(*read_annotations()),
        "cross_validated": {
            "kind_accuracy": _accuracy(heads["kind"], left_out["kind"], kinds),
            "sentiment_macro_f1": _macro(heads["sentiment"], left_out["sentiment"], feelings),
            "commitments_micro_f1": _micro(heads["commitments"], left_out["commitments"], commitments),
        },
    }
    save_heads(out, heads, card)
    return card


def reading_count(rows: list[dict[str, Any]]) -> int:
    """Texts that training reads: each message, and some once more without their subject."""
    return len(rows) + len(rows[::WITHOUT_SUBJECT])


def _read(rows: list[dict[str, Any]], features: TextFeatures, progress: Callable[[int], None]) -> Vectors:
    chunks = []
    for start in range(0, len(rows), 16):
        part = rows[start : start + 16]
        chunks.append(features.vectors([whole(row["subject"], row["body"]) for row in part]))
        progress(len(part))
    return np.vstack(chunks)


def _fit_one_of(vectors: Vectors, targets: list[str]) -> LinearHead:
    """Not balanced: taking an opinion for misdirected mail, which nobody answers, is the dangerous error, and the rarer label the doubtful
    one. On writers left out, it happens to one opinion in 45 instead of one in 16."""
    return fit_exclusive(vectors, targets, STRENGTH, balanced=False)


def _left_out(vectors: Vectors, groups: list[str], fit: Callable[[list[int]], LinearHead]) -> Floats:
    """Probabilities of each row by a head that was not fitted on it."""
    parts: list[tuple[Any, Floats]] = []
    for seen, unseen in GroupKFold(FOLDS, shuffle=True, random_state=0).split(vectors, groups=groups):
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
