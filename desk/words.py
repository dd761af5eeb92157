"""What the console says of a message, in words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from conversations.model import Conversation
from desk.model import Filter
from language.dates import in_words
from triage.route import When

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
STATUSES = {"open": "à traiter", "waiting": "en attente de l'usager", "closed": "clos", "spam": "indésirable"}
SENT = {"due": "Envoi en cours.", "sent": "Envoyé.", "failed": "Non remis.", "cancelled": "Envoi annulé."}
FLAGS = {"autre expéditeur": "Ce message répond à un autre, mais d'une autre adresse que la sienne."}
_DONE = {
    "open": "à traiter de nouveau",
    "waiting": "en attente de l'usager",
    "closed": "clos",
    "spam": "classé indésirable",
}
FIELDS = {
    "status": "État",
    "assignee_id": "Attribution",
    "queue": "File",
    "kind": "Type",
    "commitments": "Engagements",
    "sentiment": "Ressenti",
    "urgent": "Urgence",
    "outcome": "Issue",
    "remind_on": "Rappel",
    "due_on": "Échéance",
    "promised": "Échéance promise",
    "priority": "Priorité",
    "merged_into_id": "Fusion",
}
OUTCOMES = {"repondu": "répondu", "transmis": "transmis", "sans_suite": "sans suite", "doublon": "doublon"}
MEANS = {
    "courriel": "par courriel",
    "telephone": "par téléphone",
    "lettre": "par lettre",
    "guichet": "au guichet",
    "transmission": "à une autre administration",
}
DRAFTS = {"brouillon": "Brouillon", "a_valider": "À valider", "a_reprendre": "À reprendre"}
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


def deadline_at(due: date | None, today: date, closing: str, promised: bool = False) -> str:
    """When the answer is due, with the day and the hour at which the service closes that day ("17 h"), and whether the person was told."""
    if promised and due is not None:
        return f"{deadline_at(due, today, closing)}, promis à la personne"
    if due is None:
        return "pas de réponse attendue"
    days = (due - today).days
    day = "aujourd'hui" if days == 0 else "demain" if days == 1 else in_words(due, weekday=True)
    return f"{deadline(due, today)} (le {day} à {closing})" if days < 0 else f"à répondre avant {day} à {closing}"


def conditions(when: When) -> str:
    """The conditions of a row of the routing table, in words."""
    found = []
    if when.urgent is not None:
        found.append("urgent" if when.urgent else "non urgent")
    if when.kind:
        found.append("type " + _either([KINDS[kind].lower() for kind in when.kind]))
    if when.commitments:
        found.append("engagement " + _either([COMMITMENTS[slug] for slug in when.commitments]))
    if when.sentiment:
        found.append("ressenti " + _either([FEELINGS[slug].word for slug in when.sentiment]))
    if when.channel:
        found.append("arrivé par " + _either([CHANNELS[channel].lower() for channel in when.channel]))
    if when.below is not None:
        found.append(f"type lu avec moins de {round(when.below * 100)}\u00a0% de certitude")
    return ", ".join(found) or "tout message"


def _either(values: Sequence[str]) -> str:
    return " ou ".join(values)


def value(field: str, kept: Any, agents: Mapping[int, str]) -> str:
    """The value of a field, as a change keeps it, in words."""
    if field == "status":
        return STATUSES.get(kept, str(kept))
    if field == "assignee_id":
        return agents.get(kept, "un agent") if kept is not None else "personne"
    if field in ("queue", "priority"):
        return str(kept)
    if field == "commitments":
        return ", ".join(COMMITMENTS.get(one["slug"], one["slug"]) for one in kept) or "aucun"
    if field in ("outcome", "remind_on", "due_on", "promised", "merged_into_id"):
        return _of_the_answer(field, kept)
    inside = kept["value"]
    if field == "urgent":
        return "urgent" if inside else "non urgent"
    return KINDS.get(inside, inside) if field == "kind" else FEELINGS[inside].word if inside in FEELINGS else str(inside)


def _of_the_answer(field: str, kept: Any) -> str:
    if field == "promised":
        return "oui" if kept else "non"
    if kept is None:
        return "aucune" if field in ("outcome", "due_on") else "aucun"
    if field == "outcome":
        return OUTCOMES.get(kept, str(kept))
    return "dans un autre message" if field == "merged_into_id" else in_words(date.fromisoformat(kept))


def done(field: str, after: Any, items: int, agents: Mapping[int, str]) -> str:
    """What an action did, in one sentence."""
    many = f"{items}\u00a0messages" if items > 1 else "Message"
    if field == "status":
        told = _DONE.get(after, after)
        return f"{many} {told.replace('classé', 'classés').replace('indésirable', 'indésirables') if items > 1 else told}."
    if field == "assignee_id":
        return f"{many} : " + ("attribution retirée." if after is None else f"attribution à {agents.get(after, 'un agent')}.")
    return f"{many} : {FIELDS[field].lower()}, {value(field, after, agents)}."


def list_title(wanted: Filter, agents: Mapping[int, str]) -> str:
    """What a list shows, in a few words."""
    if wanted.words:
        return f"Recherche : {wanted.words}"
    if wanted.queue:
        return wanted.queue
    if wanted.who == "moi":
        return "À moi"
    if wanted.who == "personne":
        return "Non attribués"
    if wanted.who:
        return f"Attribués à {agents.get(int(wanted.who), 'un agent')}"
    if wanted.late:
        return "En retard"
    return {"closed": "Clos", "spam": "Indésirables", "waiting": "En attente de l'usager", "tous": "Tous les messages"}.get(
        wanted.status, "À traiter"
    )


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
