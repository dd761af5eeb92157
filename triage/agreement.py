"""How far two annotators, who did not see each other's labels, agree on the training messages."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sklearn.metrics import cohen_kappa_score

from triage.model import Commitment

ANNOTATIONS = Path(__file__).parent / "data" / "annotations"
Labels = Mapping[str, Any]


def read_annotations(folder: Path = ANNOTATIONS) -> tuple[dict[str, Labels], dict[str, Labels]]:
    """Labels of the first and of the second annotator, by message id, before their differences were settled."""
    first, second = (
        {row["id"]: row for row in map(json.loads, (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())}
        for name in ("first", "second")
    )
    return first, second


def agreement(first: Mapping[str, Labels], second: Mapping[str, Labels]) -> dict[str, float]:
    """Cohen's kappa (1: always the same, 0: no more than by chance) by label, on the messages that both read."""
    both = sorted(first.keys() & second.keys())
    kappas = {key: _kappa([first[i][key] for i in both], [second[i][key] for i in both]) for key in ("kind", "sentiment", "urgent")}
    for slug in map(str, Commitment):
        kappas[slug] = _kappa([slug in first[i]["commitments"] for i in both], [slug in second[i]["commitments"] for i in both])
    return kappas


def _kappa(one: list[Any], other: list[Any]) -> float:
    return round(float(cohen_kappa_score(one, other)), 3)
