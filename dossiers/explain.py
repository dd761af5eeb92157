"""Says where a file stands in one clear sentence: whose turn, since when, what comes next. Pure."""

from collections.abc import Sequence
from datetime import date
from math import ceil

from dossiers.model import Correction, Dossier, State
from language.dates import in_words

_TURN = {
    State.BROUILLON: "Votre dossier est commencé mais pas envoyé, depuis le {since}. C'est à vous de l'envoyer.",
    State.EN_CONSTRUCTION: "La Région a reçu votre dossier le {filed}. Elle vérifie qu'il est complet : vous n'avez rien à faire.",
    State.EN_INSTRUCTION: "La Région étudie votre dossier depuis le {since}. Vous n'avez rien à faire.",
    State.ACCEPTE: "Votre demande est acceptée depuis le {since}. La suite est décrite dans le courrier de décision.",
    State.REFUSE: "Votre demande est refusée depuis le {since}. Le courrier de décision dit pourquoi et comment la contester.",
    State.SANS_SUITE: "Votre dossier est classé sans suite depuis le {since}. Pour reprendre, faites une nouvelle demande.",
}
_CORRECTION = {
    Correction.INCOMPLET: "Il manque : {missing}.",
    Correction.INCORRECT: "Il faut corriger : {missing}.",
    Correction.PERIME: "Il faut renouveler : {missing}.",
}
_NEXT = {
    State.EN_CONSTRUCTION: "Ensuite, un agent l'étudiera.",
    State.EN_INSTRUCTION: "Ensuite, la Région vous écrira sa décision.",
}


def explain(dossier: Dossier, delay_days: int | None, today: date) -> str:
    """The state in plain French. `delay_days`: honest delay from `honest_delay`, None when not known."""
    told = {"since": in_words(dossier.state_since), "filed": in_words(dossier.filed_on or dossier.state_since)}
    if dossier.correction and dossier.state in (State.EN_CONSTRUCTION, State.EN_INSTRUCTION):
        wanted = _CORRECTION[dossier.correction].format(missing=dossier.missing or "une pièce, précisée dans notre message")
        return f"C'est à vous d'agir, depuis le {told['since']}. {wanted} L'étude reprendra dès votre envoi."
    sentences = [_TURN[dossier.state].format(**told)]
    if dossier.state in _NEXT:
        sentences.append(_NEXT[dossier.state])
        if dossier.expected_decision_on and dossier.expected_decision_on < today:
            planned = in_words(dossier.expected_decision_on)
            sentences.append(f"La décision était prévue le {planned} : elle a du retard. Demandez à un agent une nouvelle date.")
        elif dossier.expected_decision_on:
            sentences.append(f"Décision prévue le {in_words(dossier.expected_decision_on)}.")
        elif delay_days:
            sentences.append(f"Neuf décisions récentes sur dix sont prises en {delay_days} jours au plus après le dépôt.")
    return " ".join(sentences)


def honest_delay(decided: Sequence[tuple[date, date]]) -> int | None:
    """Days from filing to decision that nine files in ten do not exceed; None under five decisions.

    decided: (filed on, decided on) of the last decisions. Nearest-rank 90th percentile: a mean would promise half of the
    people too early a date.
    """
    if len(decided) < 5:
        return None
    days = sorted((end - start).days for start, end in decided)
    return days[ceil(0.9 * len(days)) - 1]
