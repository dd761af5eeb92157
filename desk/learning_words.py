"""What the console says of models, in words. Pure."""

from typing import Any

from desk.words import COMMITMENTS, KINDS
from triage.learning import Comparison, Figure, Verdict

LABELS = (
    KINDS | {"negatif": "Ressenti négatif", "neutre": "Ressenti neutre", "positif": "Ressenti positif"} | COMMITMENTS | {"urgent": "Urgent"}
)


def verdict_told(found: Comparison) -> str:
    """A comparison in one or two sentences."""
    seen = f"sur {found.replayed} messages récents qu'aucun des deux n'a appris, dont {found.corrected} corrigés"
    if found.verdict is Verdict.TOO_FEW:
        return f"Trop peu de messages pour juger ({seen})."
    change = f"{_percent(found.all.champion)} avec le modèle en service, {_percent(found.all.challenger)} avec le nouveau ({seen})"
    if found.verdict is Verdict.BETTER:
        return f"Mieux : étiquettes justes (F1), {change}."
    lost = [LABELS[one.label].lower() for one in found.labels if one.high < 0]
    why = f"il perd sur {', '.join(lost)}" if lost else "l'écart peut être dû au hasard"
    return f"Pas mieux, {why} : étiquettes justes (F1), {change}."


def card_told(card: dict[str, Any]) -> str:
    """A version in one sentence, from its card."""
    found = comparison_of(card)
    return (
        verdict_told(found) if found else f"entraîné le {card['date']} sur {card['messages']} messages annotés, sans correction d'agents."
    )


def percent(share: float | None) -> str:
    """A share as a whole percentage."""
    return "—" if share is None else _percent(share)


def points(low: float, high: float) -> str:
    """Where a difference of F1 falls, in points."""
    return f"{_signed(low)} à {_signed(high)}"


def _signed(value: float) -> str:
    return f"{round(100 * value):+d}".replace("-", "−")


def _percent(share: float) -> str:
    return f"{round(100 * share)}\u00a0%"


def comparison_of(card: dict[str, Any]) -> Comparison | None:
    """The comparison that a card holds; None for a model trained without corrections."""
    held = card.get("comparison")
    if held is None:
        return None
    labels = tuple(Figure(**one) for one in held["labels"])
    return Comparison(Verdict(held["verdict"]), held["replayed"], held["corrected"], Figure(**held["all"]), labels)
