"""Trains the reading model on `triage/data`, all that a measure must set set on writers left out, and writes the model's card."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, f1_score

from language.calibration import calibration_error, reliability
from language.embed import Floats, Vectors
from language.kernel_fit import Fitted, Mix, fit_indicators
from language.kernel_head import KernelHead, Views
from triage.agreement import agreement, read_annotations
from triage.autonomy import Curve, automated_share, curve_of, threshold
from triage.calibrate import EachAlone, OneOf, fit_each_alone, fit_one_of
from triage.classify import NOT_URGENT, URGENT
from triage.model import Commitment, Kind, Sentiment
from triage.trained import Trained, save_trained
from triage.views import SUBJECT, MessageFeatures, Parts, rarity_of, weighed

DATA = Path(__file__).parent / "data"
MIX = Mix(others=0.5, letters=1.0, ridge=0.15)
"""Chosen on writers left out (decision 20)."""

URGENT_PRECISION = 0.7
"""Share of the messages called urgent that must be: the threshold is the lowest that keeps it, since missing one does more harm."""

KINDS = tuple(map(str, Kind))
FEELINGS = tuple(map(str, Sentiment))
SLUGS = tuple(map(str, Commitment))
LABELS = (*KINDS, *FEELINGS, *SLUGS, URGENT)
_KIND, _FEELING = slice(0, len(KINDS)), slice(len(KINDS), len(KINDS) + len(FEELINGS))
_SLUG, _URGENT = slice(_FEELING.stop, _FEELING.stop + len(SLUGS)), slice(_FEELING.stop + len(SLUGS), len(LABELS))


@dataclass(frozen=True)
class Calibrations:
    """What makes probabilities and decisions of scores."""

    kind: OneOf
    sentiment: OneOf
    commitments: EachAlone
    urgent: EachAlone


def read_data(folder: Path = DATA) -> list[dict[str, Any]]:
    """Labelled messages, in the order of the files."""
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines() if line]


def train(
    rows: list[dict[str, Any]], features: MessageFeatures, out: Path, sources: str, day: date, progress: Callable[[int], None]
) -> dict[str, Any]:
    """Fits the model, writes it to `out`, gives its card. Deterministic.

    `progress` gets the number of messages read, all of `rows` in the end.
    """
    parts = read_parts(rows, features, progress)
    rarity = rarity_of(parts.counts)
    views = Views(parts.meanings, weighed(parts.counts, rarity))
    wanted = wanted_of(rows)
    group = writers_of(rows)
    fitted = fit(views, wanted, group)
    calibrations = calibrate(fitted.held_out, wanted)
    honest = probabilities_of_writers_left_out(fitted.held_out, wanted, group)
    card = {
        "version": f"triage-{day:%Y%m%d}-{sources}",
        "sources_hash": sources,
        "date": day.isoformat(),
        "features": features.name,
        "messages": len(rows),
        "writers": len(set(group)),
        "counts": {
            "kind": Counter(row["kind"] for row in rows),
            "sentiment": Counter(row["sentiment"] for row in rows),
            "commitments": Counter(slug for row in rows for slug in row["commitments"]),
            "urgent": sum(row["urgent"] for row in rows),
        },
        "agreement": agreement(*read_annotations()),
        "writers_left_out": figures(*honest, wanted),
    }
    curves: dict[str, Curve] = {label: curve_of(*said) for label, said in said_of(*honest, wanted).items()}
    unseen = _unseen(fitted.head, views)
    model = Trained(
        replace(fitted.head, letters=np.asarray(fitted.head.letters, dtype=np.float16)),
        rarity,
        unseen,
        calibrations.kind,
        calibrations.sentiment,
        calibrations.commitments,
        calibrations.urgent,
        curves,
        card,
    )
    save_trained(out, model)
    return card


def read_parts(rows: list[dict[str, Any]], features: MessageFeatures, progress: Callable[[int], None]) -> Parts:
    """All messages, read with both encoders: what takes the time of a training."""
    from scipy.sparse import vstack

    chunks = []
    for start in range(0, len(rows), 32):
        part = rows[start : start + 32]
        chunks.append(features.parts([(row["subject"], row["body"]) for row in part]))
        progress(len(part))
    return Parts(
        tuple(np.vstack(column) for column in zip(*(chunk.meanings for chunk in chunks))),
        tuple(vstack(column).tocsr() for column in zip(*(chunk.counts for chunk in chunks))),
        tuple(held for chunk in chunks for held in chunk.sentences),
        np.vstack([chunk.by_sentence for chunk in chunks]),
    )


def wanted_of(rows: Sequence[dict[str, Any]]) -> Vectors:
    """1 where a label holds, shape (rows, LABELS)."""
    held = [{row["kind"], row["sentiment"], *row["commitments"]} | ({URGENT} if row["urgent"] else set()) for row in rows]
    return np.array([[label in labels for label in LABELS] for labels in held], dtype=np.float32)


def writers_of(rows: Sequence[dict[str, Any]]) -> Any:
    """Who wrote each message, numbered; below three writers each message stands for itself."""
    names = [str(row["id"]).partition("-")[0] for row in rows]
    known = sorted(set(names))
    return np.array([known.index(name) for name in names]) if len(known) >= 3 else np.arange(len(rows))


def fit(views: Views, wanted: Vectors, group: Any, mix: Mix = MIX) -> Fitted:
    """The head of all labels, and what it would have said of each writer had it not learnt from them."""
    return fit_indicators(views, LABELS, wanted, group, mix)


def calibrate(scores: Floats, wanted: Vectors) -> Calibrations:
    """From held-out scores. Feelings as if each were as frequent: real mail has another mix than ours, which says "neutre" most."""
    kind, feeling = wanted[:, _KIND].argmax(1), wanted[:, _FEELING].argmax(1)
    commitments = fit_each_alone(SLUGS, scores[:, _SLUG], wanted[:, _SLUG] > 0)
    urgent = fit_each_alone((URGENT,), scores[:, _URGENT], wanted[:, _URGENT] > 0)
    return Calibrations(
        fit_one_of(KINDS, scores[:, _KIND], kind, balanced=False),
        fit_one_of(FEELINGS, scores[:, _FEELING], feeling, balanced=True),
        replace(commitments, thresholds=_best_thresholds(commitments.probabilities(scores[:, _SLUG]), wanted[:, _SLUG] > 0)),
        replace(urgent, thresholds=(_precise(urgent.probabilities(scores[:, _URGENT])[:, 0], wanted[:, -1] > 0),)),
    )


def probabilities_of_writers_left_out(scores: Floats, wanted: Vectors, group: Any) -> tuple[Floats, Floats]:
    """Probabilities and decisions (1 or 0) for each label, the calibration too learnt without the writer; shape (rows, LABELS) both."""
    shares, decided = np.zeros(scores.shape), np.zeros(scores.shape)
    # Where every message stands for itself, five parts will do.
    parts = group % 5 if len(set(group)) == len(group) else group
    for one in sorted(set(parts)):
        own = np.flatnonzero(parts == one)
        shares[own], decided[own] = decisions(calibrate(scores[parts != one], wanted[parts != one]), scores[own])
    return shares, decided


def decisions(found: Calibrations, scores: Floats) -> tuple[Floats, Floats]:
    """Probabilities, and which labels are said to hold."""
    shares = np.hstack(
        [
            found.kind.probabilities(scores[:, _KIND]),
            found.sentiment.probabilities(scores[:, _FEELING]),
            found.commitments.probabilities(scores[:, _SLUG]),
            found.urgent.probabilities(scores[:, _URGENT]),
        ]
    )
    decided = shares >= np.r_[np.full(_SLUG.start, np.inf), found.commitments.thresholds, found.urgent.thresholds]
    for part in (_KIND, _FEELING):
        decided[:, part] = np.eye(part.stop - part.start)[shares[:, part].argmax(1)]
    # Spam and machines say nothing of the service.
    silent = decided[:, [KINDS.index(Kind.HORS_PERIMETRE), KINDS.index(Kind.AUTOMATIQUE)]].any(axis=1)
    decided[silent, _SLUG] = False
    return shares, decided.astype(float)


def figures(shares: Floats, decided: Floats, wanted: Vectors) -> dict[str, Any]:
    """How well the messages of writers left out are read, how far confidences are to be believed, what could be automated."""
    kind, feeling = wanted[:, _KIND].argmax(1), wanted[:, _FEELING].argmax(1)
    said_kind, said_feeling = decided[:, _KIND].argmax(1), decided[:, _FEELING].argmax(1)
    urgent, said_urgent = wanted[:, -1] > 0, decided[:, -1] > 0
    hits = int((said_urgent & urgent).sum())
    slugs = wanted[:, _SLUG] > 0
    felt = feeling != FEELINGS.index(Sentiment.NEUTRE)
    sides = [_FEELING.start + FEELINGS.index(side) for side in (Sentiment.NEGATIF, Sentiment.POSITIF)]
    return {
        "kind": {"accuracy": _round((kind == said_kind).mean()), "confusion": confusion_matrix(kind, said_kind).tolist()},
        "sentiment": {
            "accuracy": _round((feeling == said_feeling).mean()),
            "macro_f1": _round(f1_score(feeling, said_feeling, average="macro")),
            "positive_against_negative": _round((shares[felt][:, sides].argmax(1) == (feeling[felt] == 2)).mean()) if felt.any() else None,
            "confusion": confusion_matrix(feeling, said_feeling, labels=range(len(FEELINGS))).tolist(),
        },
        "commitments": {
            "micro_f1": _round(f1_score(slugs, decided[:, _SLUG], average="micro", zero_division=0)),
            "macro_f1": _round(f1_score(slugs, decided[:, _SLUG], average="macro", zero_division=0)),
            "f1": dict(zip(SLUGS, map(_round, f1_score(slugs, decided[:, _SLUG], average=None, zero_division=0)))),
        },
        "urgent": {
            "recall": _round(hits / max(1, int(urgent.sum()))),
            "precision": _round(hits / max(1, int(said_urgent.sum()))),
        },
        "calibration": _calibration(shares, decided, wanted),
        "automated": {
            label: dict(zip(("share", "wrong"), map(_round, automated_share(*said, threshold(curve_of(*said), 0.03)))))
            for label, said in said_of(shares, decided, wanted).items()
        },
    }


def _calibration(shares: Floats, decided: Floats, wanted: Vectors) -> dict[str, Any]:
    """Expected calibration error and reliability table: of the label chosen, or of each label that may hold."""
    out = {}
    for name, part in (("kind", _KIND), ("sentiment", _FEELING)):
        confidences, right = shares[:, part].max(1), shares[:, part].argmax(1) == wanted[:, part].argmax(1)
        out[name] = (confidences, right)
    for name, part in (("commitments", _SLUG), ("urgent", _URGENT)):
        out[name] = (shares[:, part].ravel(), wanted[:, part].ravel() > 0)
    return {
        name: {
            "error": _round(calibration_error(*pair)),
            "table": [[_round(said), _round(held), count] for said, held, count in reliability(*pair)],
        }
        for name, pair in out.items()
    }


def said_of(shares: Floats, decided: Floats, wanted: Vectors) -> dict[str, tuple[list[float], list[bool]]]:
    """By label: the confidences with which it was said of messages of writers left out, and whether it was right."""
    out = {}
    for at, label in enumerate(LABELS):
        said = decided[:, at] > 0
        out[label] = ([float(v) for v in shares[said, at]], [bool(v) for v in wanted[said, at] > 0])
    calm = decided[:, -1] == 0
    out[NOT_URGENT] = ([float(v) for v in 1 - shares[calm, -1]], [bool(v) for v in wanted[calm, -1] == 0])
    return out


def _unseen(head: KernelHead, views: Views) -> Floats:
    """What the deep encoder and the subject bring to a message's scores, on average."""
    from scipy.sparse import csr_matrix, diags

    kept = np.ones(views.letters.shape[1], dtype=np.float32)
    kept[-SUBJECT:] = 0
    seen = replace(head, landmarks=head.landmarks[1:3]).scores(Views(views.meanings[1:3], csr_matrix(views.letters @ diags(kept))))
    return np.asarray((head.scores(views) - seen).mean(axis=0))


def _best_thresholds(shares: Floats, held: Any) -> tuple[float, ...]:
    """Each label's threshold is the one with the best F1."""
    grid = np.arange(0.1, 0.9, 0.01)
    return tuple(
        float(grid[int(np.argmax([f1_score(truth, column >= least, zero_division=0) for least in grid]))])
        for column, truth in zip(shares.T, held.T)
    )


def _precise(shares: Floats, held: Any) -> float:
    """The lowest threshold under which URGENT_PRECISION holds."""
    good = [least for least in np.unique(shares) if held[shares >= least].mean() >= URGENT_PRECISION]
    return float(good[0]) if good else 0.5


def _round(value: Any) -> float:
    return round(float(value), 3)
