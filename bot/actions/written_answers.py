"""Answers that editors wrote, by intent, and what is said when nothing fits."""

import logging

from bot.actions.aid_answers import answer_plainer, answer_sheet, tell
from bot.actions.aid_named import aids_named, only_sounds_like
from bot.actions.messages import Message, handover, opinion, survey, text, written
from bot.actions.services import Services
from bot.actions.turn import UNKNOWN, Reply, Turn
from language.danger import Danger
from language.normalise import fold

log = logging.getLogger(__name__)

MISSES_BEFORE_A_PERSON = 2
FORMS = frozenset({"donner_avis", "faire_reclamation"})
"""Subjects that end in the form of an opinion."""
OPINION_WORDS = 8
"""From so many words on, what announces an opinion is taken for the opinion itself."""
LAST_RESORT = "L'assistant est en panne. Votre dernier message est resté sans réponse. Réessayez plus tard."


def answer_written(turn: Turn, services: Services) -> Reply:
    """The answer written for the intent; after two misses in a row, the way to a person."""
    if turn.intent == "demander_reformulation":
        return _plainer(turn, services)
    if turn.intent == "coordonnees_service" and turn.values("aide") and aids_named(turn, services).aids:
        return answer_sheet(turn, services)
    named = aids_named(turn, services).aids if turn.intent == UNKNOWN and turn.values("aide") else ()
    if named and not only_sounds_like(turn, services):
        return tell(["chercher_aide"], named[:2], services)  # whatever was meant, it is about an aid of ours
    if turn.intent == "parler_agent":
        return Reply([handover("demande")], {"derniere_reponse": None, "miss_count": 0, "question_en_attente": None})
    if turn.intent in FORMS and turn.slots.get("derniere_reponse") == turn.intent:
        return _told_further(turn, services)
    answer = services.answers.get(turn.intent)
    if turn.intent != UNKNOWN and answer:
        return Reply([*written(answer), *_what_follows(turn)], {"derniere_reponse": turn.intent, "miss_count": 0})
    if turn.intent != UNKNOWN:
        log.error("aucune réponse écrite pour %s", turn.intent)
    misses = int(turn.slots.get("miss_count") or 0) + 1
    key = "hors_sujet_encore" if misses >= MISSES_BEFORE_A_PERSON else UNKNOWN
    return Reply(_said(key, services).messages, {"derniere_reponse": key, "miss_count": misses})


def about_the_form(turn: Turn, services: Services) -> Reply | None:
    """What happens with an opinion that stands in its form: it is not sent yet, and its answer has a date once it is. None for other questions."""
    last = str(turn.slots.get("derniere_reponse") or "")
    when = turn.intent in ("delai_instruction", "statut_dossier", "versement_aide") and "repon" in fold(turn.text)
    answer = services.answers.get("avis_a_envoyer") if last in FORMS and (turn.intent == "affirmer" or when) else None
    return Reply(written(answer), {"derniere_reponse": last}) if answer else None


def _told_further(turn: Turn, services: Services) -> Reply:
    """More of the same opinion: both parts stand in the form, and the rules are not said twice."""
    parts = [part for part in (turn.before, turn.text) if len(part.split()) >= OPINION_WORDS]
    return Reply([*_said("avis_suite", services).messages, opinion("\n".join(parts))], {"derniere_reponse": turn.intent, "miss_count": 0})


def _what_follows(turn: Turn) -> list[Message]:
    """What an answer goes on with: an opinion is taken at once, and who leaves is asked how it went."""
    if turn.intent in FORMS:
        return [opinion(turn.text if len(turn.text.split()) >= OPINION_WORDS else "")]
    return [survey()] if turn.intent == "prendre_conge" else []


def answer_danger(danger: Danger, services: Services) -> Reply:
    """Where help is, for a person in danger."""
    # Help that is nearer than an agent comes first, and alone.
    person = [handover("danger")] if danger is not Danger.HEALTH else []
    return Reply(
        [*_said(danger.value, services).messages, *person], {"derniere_reponse": danger.value, "miss_count": 0, "question_en_attente": None}
    )


def broken_down(services: Services) -> Reply:
    """What is said when an action failed; never raises."""
    try:
        return _said("panne", services)
    except Exception as error:
        log.error("réponse de panne illisible : %s", type(error).__name__)
        return Reply([text(LAST_RESORT)])


def _plainer(turn: Turn, services: Services) -> Reply:
    last = turn.slots.get("derniere_reponse")
    simpler = answer_plainer(str(last), services, str(turn.slots.get("aide") or ""))
    if simpler:
        return simpler
    answer = services.answers.get(str(last)) if last and last != turn.intent else None
    # Said once more, the simple version would not be simpler: the next time, the answer on reformulating is given.
    return Reply(written(answer, plain=True), {"derniere_reponse": None}) if answer else _said(turn.intent, services)


def _said(key: str, services: Services) -> Reply:
    answer = services.answers.get(key)
    return Reply(written(answer) if answer else [text(LAST_RESORT)])
