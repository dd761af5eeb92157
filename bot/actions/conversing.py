"""What comes before any action: a person in danger, a code that was waited for, a name or a number that answers a question. Pure choice."""

import re
from dataclasses import replace

from bot.actions.aid_answers import answer_sheet, button_pressed, tell
from bot.actions.aid_named import aids_named, points_only
from bot.actions.alongside import with_what_was_said
from bot.actions.close_intents import ask_between
from bot.actions.comparing import answer_compared
from bot.actions.eligibility import answer_eligible, answer_right, remembering, take
from bot.actions.eligibility_state import RIGHT
from bot.actions.elsewhere import answer_elsewhere
from bot.actions.file_status import answer_code, answer_given_up, answer_status, answer_without_code, gives_up, wants_code
from bot.actions.foreign import in_another_language
from bot.actions.messages import written
from bot.actions.otherwise import answer_misread, calls_for_somebody, not_twice, says_misread
from bot.actions.said_first import answer_first, first_subject
from bot.actions.second_question import answer_both
from bot.actions.services import Services
from bot.actions.sheet import PARTS
from bot.actions.turn import UNKNOWN, Answering, Reply, Turn
from bot.actions.written_answers import about_the_form, answer_danger, answer_written
from language.danger import find_danger

WITH_A_NUMBER = frozenset(
    """completer_dossier modifier_demande retirer_demande contester_decision versement_aide faire_reclamation donner_avis parler_agent
    probleme_technique insulte prendre_rdv donnees_personnelles""".split()
)
"""Subjects about a file that asking where it stands would not answer; with any other, a number asks just that."""


def converse(turn: Turn, services: Services, usual: Answering) -> Reply:
    """The reply to a turn. Any other subject than what was waited for is answered by `usual`, so that one may change it."""
    danger = find_danger(turn.text)
    if danger:
        return answer_danger(danger, services)
    if says_misread(turn):
        return answer_misread(turn, services)
    if calls_for_somebody(turn):
        turn, usual = replace(turn, intent="parler_agent", second=None, close=()), answer_written
    code = turn.code() if turn.slots.get("attend_code") else None
    pressed = button_pressed(turn.text, services)
    if code:
        reply = answer_code(turn, code, services)
    elif pressed:
        reply = remembering(turn, services, tell([pressed[0]], [pressed[1]], services))
    elif compared := answer_compared(turn, services):
        reply = compared
    elif (key := first_subject(turn)) and (first := answer_first(turn, key, services)):
        reply = first
    elif in_another_language(turn) and (other := services.answers.get("changer_langue")):
        reply = Reply(written(other), {"derniere_reponse": "changer_langue"})
    elif about := about_the_form(turn, services):
        reply = about
    else:
        reply = answer_eligible(turn, services) or take(turn, services) or remembering(turn, services, _other(turn, services, usual))
    return with_what_was_said(turn, not_twice(turn, reply.remembering(miss_count=0), services), services)


def _other(turn: Turn, services: Services, usual: Answering) -> Reply:
    """What is no answer to the search of an aid."""
    if gives_up(turn):
        return answer_given_up(services)
    again = _where_or_how(turn, services)
    if again:
        return again
    if (
        turn.is_only("numero_dossier")
        or (turn.slots.get("attend_code") and wants_code(turn))
        or (turn.number() and turn.intent not in WITH_A_NUMBER)
    ):
        return answer_status(replace(turn, intent="statut_dossier"), services)
    if turn.slots.get("attend_code") and not wants_code(turn) and turn.intent in (UNKNOWN, "statut_dossier"):
        return answer_without_code(turn, services)
    offered = len(turn.slots.get("aides_proposees") or ())
    if (turn.is_only("aide") or points_only(turn.text, offered)) and aids_named(turn, services).aids:
        return _about_aid(turn, services)
    reply = answer_elsewhere(turn, services) or ask_between(turn, services) or answer_both(turn, usual(turn, services), services)
    return reply.remembering(question_en_attente=None)


def _where_or_how(turn: Turn, services: Services) -> Reply | None:
    """The last answer about a file once more, to who asks where or how with its number: where the file stands is not what is asked."""
    last = str(turn.slots.get("derniere_reponse") or "")
    asked = turn.number() and last in WITH_A_NUMBER and turn.intent in (UNKNOWN, "statut_dossier", last)
    answer = services.answers.get(last) if asked and re.search(r"\boù\b|\bcomment\b", turn.text.lower()) else None
    return Reply(written(answer), {"derniere_reponse": last, "question_en_attente": None}) if answer else None


def _about_aid(turn: Turn, services: Services) -> Reply:
    """A name alone answers the question that was waiting; without one, it asks for the sheet."""
    waiting = turn.slots.get("question_en_attente")
    if waiting == RIGHT:
        return answer_right(turn, aids_named(turn, services).aids[0], services)
    if waiting in PARTS and waiting != "chercher_aide":
        return answer_sheet(replace(turn, intent=str(waiting)), services)
    return tell(["chercher_aide"], aids_named(turn, services).aids[:2], services)
