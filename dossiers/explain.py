"""Says where a file stands in clear sentences: whose turn, since when, what comes next. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from math import ceil

from dossiers.model import ENDED, Correction, Dossier, State
from language.dates import in_words

_TURN = {
    State.BROUILLON: "Votre dossier est commencé mais pas envoyé, depuis le {since}. C'est à vous de l'envoyer.",
    State.EN_CONSTRUCTION: "La Région a reçu votre dossier le {filed}. Elle vérifie qu'il est complet : vous n'avez rien à faire.",
    State.EN_INSTRUCTION: "La Région étudie votre dossier depuis le {since}. Vous n'avez rien à faire.",
    State.ACCEPTE: "Votre demande est acceptée depuis le {since}. La suite est décrite dans le courrier de décision.",
    State.REFUSE: "Votre demande est refusée depuis le {since}. Le courrier de décision dit pourquoi et comment la contester.",
    State.SANS_SUITE: "Votre dossier est classé sans suite depuis le {since}. Pour reprendre, faites une nouvelle demande.",
    State.DECIDE: "La décision est prise depuis le {since}. C'est à vous de la lire, là où vous avez déposé votre dossier.",
}
# What is missing, when it has a name, and when only the agent's message tells it.
_CORRECTION = {
    Correction.INCOMPLET: ("Il manque : {missing}.", "Il manque une pièce ou une information."),
    Correction.INCORRECT: ("Il faut corriger : {missing}.", "Une pièce ou une information est à corriger."),
    Correction.PERIME: ("Il faut renouveler : {missing}.", "Une pièce n'est plus valable : elle est à renouveler."),
}
_NEXT = {
    State.EN_CONSTRUCTION: "Ensuite, un agent l'étudiera.",
    State.EN_INSTRUCTION: "Ensuite, la Région vous écrira sa décision.",
}
_STEPS = ("Envoi du dossier", "Vérification", "Étude", "Décision")
_PRESENT = {State.BROUILLON: 0, State.EN_CONSTRUCTION: 1, State.EN_INSTRUCTION: 2}


class Actor(StrEnum):
    """Who has to act now."""

    YOU = "Vous"
    REGION = "La Région"
    NOBODY = "Personne : le dossier est clos"


def explain(dossier: Dossier, delay_days: int | None, today: date) -> str:
    """The state in plain French. `delay_days`: honest delay from `honest_delay`, None when not known."""
    told = {"since": in_words(dossier.state_since), "filed": in_words(dossier.filed_on or dossier.state_since)}
    turn = _TURN[dossier.state].format(**told)
    if dossier.correction and dossier.state in _NEXT:
        return _joined(f"C'est à vous d'agir, depuis le {told['since']}.", *_wanted(dossier), "L'étude reprendra dès votre envoi.")
    if dossier.state in _NEXT:
        return _joined(turn, _NEXT[dossier.state], _when(dossier, delay_days, today))
    return _joined(turn, _quoted("L'agent a écrit", dossier.agent_words))


def whose_turn(dossier: Dossier) -> Actor:
    """Who has to act for the file to go on."""
    if dossier.state in (State.BROUILLON, State.DECIDE):
        return Actor.YOU
    if dossier.state in ENDED:
        return Actor.NOBODY
    return Actor.YOU if dossier.correction else Actor.REGION


def steps(dossier: Dossier) -> list[tuple[str, str]]:
    """Each step of a file's life in words, and whether it is "done", "current" or "todo"."""
    present = _PRESENT.get(dossier.state, len(_STEPS))
    return [(step, "done" if n < present else "current" if n == present else "todo") for n, step in enumerate(_STEPS)]


def honest_delay(decided: Sequence[tuple[date, date]]) -> int | None:
    """Days from filing to decision that nine files in ten do not exceed; None under five decisions.

    decided: (filed on, decided on) of the last decisions. Nearest-rank 90th percentile: a mean would promise half of the
    people too early a date.
    """
    if len(decided) < 5:
        return None
    days = sorted((end - start).days for start, end in decided)
    return days[ceil(0.9 * len(days)) - 1]


def _wanted(dossier: Dossier) -> tuple[str, str]:
    """What has to be corrected, and what tells it in full."""
    named, unnamed = _CORRECTION[dossier.correction or Correction.INCORRECT]
    message = _quoted("L'agent vous a écrit", dossier.agent_words)
    if dossier.missing:
        return named.format(missing=dossier.missing), message
    return unnamed, message or "Le message de l'agent dit laquelle."


def _when(dossier: Dossier, delay_days: int | None, today: date) -> str:
    """When to expect the decision: the date planned for this file, else what recent files took."""
    expected = dossier.expected_decision_on
    if expected and expected < today:
        return f"La décision était prévue le {in_words(expected)} : elle a du retard. Demandez à un agent une nouvelle date."
    if expected:
        return f"Décision prévue le {in_words(expected)}."
    if delay_days is None or dossier.filed_on is None:
        return ""
    days = f"{delay_days}\u00a0jours" if delay_days > 1 else "un jour"
    usual = f"Neuf décisions récentes sur dix sont prises en {days} au plus après le dépôt."
    late = dossier.filed_on + timedelta(days=max(delay_days, 1)) < today
    return f"{usual} Votre dossier a dépassé ce délai : un agent peut vous dire pourquoi." if late else usual


def _quoted(who: str, words: str) -> str:
    end = "" if words.endswith((".", "!", "?", "…")) else "."
    return f"{who}\u00a0: «\u00a0{words}\u00a0»{end}" if words else ""


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
