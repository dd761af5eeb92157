"""A message that joins two questions gets both answers."""

from dataclasses import replace

from bot.actions.aid_answers import SHEET, answer_sheet
from bot.actions.aid_named import aids_named
from bot.actions.file_status import answer_status
from bot.actions.messages import handover, written
from bot.actions.services import Services
from bot.actions.sheet import PARTS
from bot.actions.turn import Reply, Turn

_ENDS = frozenset({"handover", "opinion", "survey", "form"})
"""After these the person is in other hands, or has something to fill in."""


def answer_both(turn: Turn, reply: Reply, services: Services) -> Reply:
    """`reply`, the answer to the first question, with the answer to the second after it.

    Nothing is added to a reply that asks something back, nor when the second answer would ask something.
    """
    second = turn.second
    if not second or reply.slots.get("question_en_attente") or any(message["type"] in _ENDS for message in reply.messages):
        return reply
    if second in PARTS and str(reply.slots.get("derniere_reponse") or "").startswith(SHEET):
        return reply  # the sheet has told both
    other = _second(replace(turn, intent=second, second=None), services)
    if other is None:
        return reply
    # The first one's buttons would stand between both answers.
    first = [message for message in reply.messages if message["type"] != "choices"]
    return Reply([*first, *other.messages], other.slots | reply.slots)


def _second(turn: Turn, services: Services) -> Reply | None:
    if turn.intent == "parler_agent":
        return Reply([handover("demande")])
    if turn.intent == "statut_dossier":
        return answer_status(turn, services)
    if turn.intent in PARTS and aids_named(turn, services).aids:
        return answer_sheet(turn, services)
    answer = services.answers.get(turn.intent)
    return Reply(written(answer)) if answer else None
