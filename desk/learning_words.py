"""What the console says of models, in words. Pure."""

from datetime import date
from typing import Any

from desk.words import COMMITMENTS, KINDS
from language.dates import in_words
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
    lost = [LABELS[one.label].lower() for one in found.labels if one.lost]
    why = f"il perd sur {', '.join(lost)}" if lost else "l'écart peut être dû au hasard"
    return f"Pas mieux, {why} : étiquettes justes (F1), {change}."


def card_told(card: dict[str, Any]) -> str:
    """A version in one sentence, from its card."""
    found = comparison_of(card)
    return (
        verdict_told(found)
        if found
        else f"Entraîné le {day(card['date'])} sur {card['messages']}\u00a0messages annotés, sans correction d'agents."
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


THEMES = {
    "kind": "Type de message",
    "commitments": "Engagements",
    "sentiment": "Ressenti",
    "urgent": "Urgence",
    "confidence": "Confiance de la machine",
    "autonomy": "Part laissée aux agents",
}
AGREED = {
    "kind": "Type",
    "sentiment": "Ressenti",
    "urgent": "Urgence",
    "commitments": "Engagements, tous justes",
    "top1": "Premier engagement juste",
    "top3": "Engagements de l'agent tous trouvés",
}
ACTIONS = {"gagne": "lit mieux", "decision": "par décision", "retour": "retour en arrière"}
_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()


def month(name: str) -> str:
    """ "2026-11" as people write it."""
    year, number = name.split("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


def out_of(pair: tuple[int, int] | list[int] | None) -> str:
    """A share with what it is of; few messages make no percentage."""
    if not pair or not pair[1]:
        return "—"
    right, count = pair
    return f"{_percent(right / count) if count >= 20 else right} sur {count}".replace(" ", "\u00a0")


def sure(threshold: float) -> str:
    """From which confidence a label is left to the machine."""
    return "jamais" if threshold > 1 else f"à partir de {_percent(threshold)}"


def label(name: str) -> str:
    """A label in words."""
    return LABELS.get(name) or ("Pas urgent" if name == "pas_urgent" else name)


WIDTH, HEIGHT = 560, 220
_LEFT, _BOTTOM, _TOP, _RIGHT = 48, 36, 16, 16


def curve(bearings: list[dict[str, Any]]) -> list[tuple[float, float, str, str]]:
    """Points of the curve of the share automated against the error borne: place, error and share in words."""
    most = max(one["borne"] for one in bearings)
    return [
        (
            round(_LEFT + (WIDTH - _LEFT - _RIGHT) * one["borne"] / most, 1),
            round(HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * one["automated"], 1),
            _percent(one["borne"]),
            _percent(one["automated"]),
        )
        for one in bearings
    ]


def day(since: str) -> str:
    """A day in words, from its ISO date or moment."""
    return in_words(date.fromisoformat(since[:10]))


def index(value: float) -> str:
    """An index with two decimals."""
    return f"{value:.2f}".replace(".", ",")
