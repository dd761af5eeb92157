"""What the console says of a message, in words. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from conversations.model import Conversation

COMMITMENTS = {
    "accueil": "Accueil",
    "contact": "Contact",
    "accompagnement": "Accompagnement",
    "delais": "Délais",
    "information": "Information",
    "resultats": "Résultats",
    "amelioration": "Amélioration",
    "environnement": "Environnement",
}
KINDS = {"avis": "Avis", "demande": "Demande", "hors_perimetre": "Hors périmètre", "automatique": "Message automatique"}
CHANNELS = {
    "mail": "E-mail",
    "formulaire": "Formulaire du site",
    "chat": "Assistant",
    "telephone": "Téléphone",
    "guichet": "Guichet",
    "courrier": "Courrier postal",
    "enquete": "Enquête",
    "reseau_social": "Réseau social",
    "import": "Import",
    "sp_plus": "Services Publics+",
}
CRITERIA = {
    "accessibilite": "Accessibilité",
    "information": "Information et explication",
    "relation": "Relation",
    "reactivite": "Réactivité",
    "simplicite": "Simplicité",
}
"""Criteria of Services Publics+, by the slugs of `triage.experiences`."""
AUTONOMY = {
    "suggest": "Proposé : un agent décide.",
    "preselect": "Présélectionné : un agent vérifie.",
    "automate": "Fait automatiquement, sans relecture.",
}
AUTHORS = {"user": "Usager", "bot": "Assistant automatique", "agent": "Agent", "system": "Information"}
REASONS = {
    "demande": "a demandé un agent",
    "incompris": "n'a pas été compris par l'assistant",
    "danger": "peut être en danger",
    "insatisfait": "n'est pas satisfait de la réponse",
}
SURE, PROBABLE = 0.8, 0.5


@dataclass(frozen=True)
class Feeling:
    """A feeling, by word and shape: never by colour alone."""

    slug: str
    word: str
    shape: str


FEELINGS = {
    "negatif": Feeling("negatif", "négatif", "▼"),
    "neutre": Feeling("neutre", "neutre", "■"),
    "positif": Feeling("positif", "positif", "▲"),
}


@dataclass(frozen=True)
class Passage:
    """A piece of a text, with the commitments that it carries (none: plain text)."""

    text: str
    commitments: tuple[str, ...] = ()


def sureness(confidence: float | None) -> str:
    """A confidence (0–1) in a word an agent can act on."""
    if confidence is None or confidence < PROBABLE:
        return "à vérifier"
    return "sûr" if confidence >= SURE else "probable"


def deadline(due: date | None, today: date) -> str:
    """When the answer is due, counted from today."""
    if due is None:
        return "pas de réponse attendue"
    days = (due - today).days
    if days < 0:
        return f"en retard de {_days(-days)}"
    if days == 0:
        return "à répondre aujourd'hui"
    return "à répondre demain" if days == 1 else f"à répondre d'ici {_days(days)}"


def late(due: date | None, today: date) -> bool:
    return due is not None and due < today


def opening(text: str, most: int = 120) -> str:
    """The first words of a text, on one line."""
    words = " ".join(text.split())
    return words if len(words) <= most else words[:most].rsplit(" ", 1)[0] + "…"


def passages(text: str, evidence: Iterable[tuple[str, Sequence[str]]]) -> list[Passage]:
    """The text cut where evidence begins or ends. `evidence`: for each commitment, substrings of the text.

    A substring is marked where it first stands; one that is not in the text is left out. Evidences may overlap.
    """
    spans = [(start, start + len(part), slug) for slug, parts in evidence for part in parts if part and (start := text.find(part)) >= 0]
    cuts = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    return [
        Passage(text[begin:end], tuple(slug for start, stop, slug in spans if start <= begin and end <= stop))
        for begin, end in pairwise(cuts)
    ]


def weight(size: int) -> str:
    """A file's size, from bytes."""
    return (
        f"{size}\u00a0octets"
        if size < 1000
        else f"{round(size / 1000)}\u00a0ko"
        if size < 1_000_000
        else f"{size / 1e6:.1f}\u00a0Mo".replace(".", ",")
    )


def _days(days: int) -> str:
    return "1 jour" if days == 1 else f"{days}\u00a0jours"


def unanswered(conversation: Conversation) -> bool:
    """Whether the visitor wrote last."""
    wrote, answered = conversation.wrote_at, conversation.answered_at
    return wrote is not None and (answered is None or answered < wrote)


def waited(since: datetime | None, now: datetime) -> str:
    """For how long, in minutes."""
    minutes = int((now - since).total_seconds() // 60) if since else 0
    return "depuis moins d'une minute" if minutes < 1 else f"depuis {minutes}\u00a0minute{'s' if minutes > 1 else ''}"


def clock(at: datetime, now: datetime) -> str:
    """The time of day where the agents work: `now` has their zone."""
    here = at.astimezone(now.tzinfo)
    return f"{here.hour}\u00a0h\u00a0{here.minute:02}"
