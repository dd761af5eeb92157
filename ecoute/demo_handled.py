"""What agents would have done with the made-up messages: answers, closings, corrections, and people who write again."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from triage.model import Commitment, Kind, Sentiment

AGENTS = ((0, "démonstration"),)
Row = dict[str, Any]
DAY = 86400


def handled(items: Sequence[tuple[Row, list[Row]]], now: datetime, chance: random.Random) -> tuple[list[Row], list[Row], list[Row]]:
    """Rows of the thread, of the changes and of the corrections for these items, each with its labels."""
    said: list[Row] = []
    changes: list[Row] = []
    corrections: list[Row] = []
    for item, labels in items:
        if item["status"] == "spam":
            continue
        came, number = item["received_at"], item["id"]
        done = came + timedelta(seconds=DAY * min(40.0, chance.lognormvariate(0.9, 0.9)))
        if done > now:
            continue
        if chance.random() < 0.12:
            field, before, after = _corrected(item, labels, chance)
            changes.append(_change(item, field, before, after, done))
            plain = [sorted(one["slug"] for one in value) if field == "commitments" else value["value"] for value in (before, after)]
            corrections.append(
                {
                    "item_id": number,
                    "label": field,
                    "before": plain[0],
                    "after": plain[1],
                    "author": AGENTS[0][1],
                    "model": item["model"],
                    "at": done,
                }
            )
        if item["status"] == "open":
            continue
        if item["due_on"] and chance.random() < 0.85:
            said.append(_said(item, "out", done, AGENTS[0][1]))
            again = done + timedelta(seconds=DAY * chance.uniform(0.1, 9))
            if chance.random() < 0.06 and again < now:
                said.append(_said(item, "in", again, str(item["sender_email"])))
        if item["status"] == "closed":
            changes.append(_change(item, "status", "open", "closed", done))
    return said, changes, corrections


def _corrected(item: Row, labels: list[Row], chance: random.Random) -> tuple[str, Any, Any]:
    """A label, what the machine would have said of it, and what it is."""
    field = chance.choices(("commitments", "sentiment", "kind", "urgent"), (6, 4, 3, 1))[0]
    if field == "commitments":
        after: list[Row] = [{"slug": str(one["slug"]), "confidence": 1.0, "evidence": []} for one in labels]
        missed = [one for one in Commitment if one.value not in {one["slug"] for one in after}]
        wrongly: Row = {"slug": chance.choice(missed).value, "confidence": round(chance.uniform(0.35, 0.7), 3), "evidence": []}
        rightly = after[:1] if chance.random() < 0.5 else []
        return field, sorted([wrongly, *rightly], key=lambda one: str(one["slug"])), after
    value = item[field]
    others: dict[str, list[Any]] = {
        "sentiment": [*map(str, Sentiment)],
        "kind": [Kind.AVIS.value, Kind.DEMANDE.value],
        "urgent": [True, False],
    }
    wrong = chance.choice([one for one in others[field] if one != value])
    return field, {"value": wrong, "confidence": round(chance.uniform(0.35, 0.7), 3)}, {"value": value, "confidence": 1.0}


def _change(item: Row, field: str, before: Any, after: Any, at: datetime) -> Row:
    number, name = AGENTS[0]
    told = {"batch": f"demo{item['id']}{field}", "item_id": item["id"], "field": field, "before": before, "after": after}
    return told | {"agent_id": number, "agent_name": name, "at": at, "undone": False}


def _said(item: Row, direction: str, at: datetime, who: str) -> Row:
    words = "Nous avons bien étudié votre message." if direction == "out" else "Je vous écris de nouveau à ce sujet."
    told = {
        "item_id": item["id"],
        "direction": direction,
        "at": at,
        "who": who,
        "message_id": None,
        "subject": item["subject"],
        "text": words,
    }
    return told | {"quoted": "", "attachments": [], "sha256": None, "outgoing_id": None}
