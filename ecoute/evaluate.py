"""Scores models on labelled lines. A label absent from a line is not scored."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sklearn.metrics import f1_score

from triage.classify import Classifier
from triage.model import Commitment

OUT_OF_SCOPE = frozenset({"hors_sujet", "nlu_fallback"})


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Labelled lines of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def score_triage(lines: Sequence[dict[str, Any]], classifier: Classifier) -> dict[str, Any]:
    """Figures of the triage contract, with counts; `errors` lists the ids with any wrong label."""
    guesses = classifier.read_many([(line.get("subject") or "", line["body"]) for line in lines])
    slugs = [str(slug) for slug in Commitment]
    report: dict[str, Any] = {"lines": len(lines)}
    pairs = [(line, guess) for line, guess in zip(lines, guesses) if "commitments" in line]
    if pairs:
        truth = [[slug in line["commitments"] for slug in slugs] for line, _ in pairs]
        found = [[slug in {label.slug for label in guess.commitments} for slug in slugs] for _, guess in pairs]
        report["commitments"] = {f"{average}_f1": _f1(truth, found, average) for average in ("micro", "macro")} | {"count": len(pairs)}
    for key in ("sentiment", "kind"):
        scored = [(line[key], str(getattr(guess, key))) for line, guess in zip(lines, guesses) if key in line]
        if scored:
            wanted, got = [w for w, _ in scored], [g for _, g in scored]
            report[key] = {
                "accuracy": round(sum(w == g for w, g in scored) / len(scored), 4),
                "macro_f1": _f1(wanted, got, "macro"),
                "count": len(scored),
            }
    urgent = [(line["urgent"], guess.urgent) for line, guess in zip(lines, guesses) if "urgent" in line]
    if urgent:
        hits = sum(w and g for w, g in urgent)
        report["urgent"] = {
            "recall": round(hits / max(1, sum(w for w, _ in urgent)), 4),
            "precision": round(hits / max(1, sum(g for _, g in urgent)), 4),
            "count": len(urgent),
        }
    report["errors"] = [line.get("id") for line, guess in zip(lines, guesses) if _wrong(line, guess)]
    return report


def score_nlu(lines: Sequence[dict[str, Any]], parses: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Figures of the assistant's contract. `parses`: Rasa's reading of each line, in order."""
    scored = [(line, parse) for line, parse in zip(lines, parses) if "intent" in line]
    wanted = [_one(line["intent"]) for line, _ in scored]
    got = [_one(parse["intent"]["name"]) for _, parse in scored]
    outside = [g == "hors_sujet" for w, g in zip(wanted, got) if w == "hors_sujet"]
    inside = [g == "hors_sujet" for w, g in zip(wanted, got) if w != "hors_sujet"]
    return {
        "lines": len(lines),
        "intent": {
            "accuracy": round(sum(w == g for w, g in zip(wanted, got)) / max(1, len(wanted)), 4),
            "macro_f1": _f1(wanted, got, "macro", sorted(set(wanted))),
        },
        "out_of_scope": {"recall": round(sum(outside) / max(1, len(outside)), 4), "count": len(outside)},
        "in_scope": {"rejected": round(sum(inside) / max(1, len(inside)), 4), "count": len(inside)},
        "entity": _entities([(line, parse) for line, parse in zip(lines, parses) if "entities" in line]),
        "errors": [{"text": line["text"], "wanted": w, "got": g} for (line, _), w, g in zip(scored, wanted, got) if w != g],
    }


def _entities(pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    true = found = right = 0
    for line, parse in pairs:
        wanted = {(e["entity"], e["value"]) for e in line["entities"]}
        got = {(e["entity"], parse["text"][e["start"] : e["end"]]) for e in parse["entities"]}
        true, found, right = true + len(wanted), found + len(got), right + len(wanted & got)
    return {"micro_f1": round(2 * right / max(1, true + found), 4), "count": true}


def _one(intent: str | None) -> str:
    return "hors_sujet" if intent is None or intent in OUT_OF_SCOPE else intent


def _f1(truth: Any, found: Any, average: str, labels: list[str] | None = None) -> float:
    return round(float(f1_score(truth, found, average=average, labels=labels, zero_division=0)), 4)


def _wrong(line: dict[str, Any], guess: Any) -> bool:
    return (
        ("commitments" in line and set(line["commitments"]) != {str(label.slug) for label in guess.commitments})
        or any(key in line and line[key] != getattr(guess, key) for key in ("kind", "sentiment"))
        or ("urgent" in line and line["urgent"] != guess.urgent)
    )
