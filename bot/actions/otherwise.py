"""The same question asked again is not given the same words again: once simpler, then a person."""

from bot.actions.aid_answers import answer_plainer
from bot.actions.messages import handover, text, written
from bot.actions.services import Services
from bot.actions.turn import Reply, Turn

MAY_REPEAT = frozenset("saluer prendre_conge remercier affirmer nier insulte demander_reformulation donner_avis faire_reclamation".split())
"""Small talk, and what ends in a form that holds the new words."""
MISSED_AGAIN = "hors_sujet_encore"


def not_twice(turn: Turn, reply: Reply, services: Services) -> Reply:
    """`reply`, unless it would say what was just said."""
    told = reply.slots.get("derniere_reponse")
    if not told or told in MAY_REPEAT or told != turn.slots.get("derniere_reponse") or _aid(turn, reply) != turn.slots.get("aide"):
        return reply.remembering(redite=False)
    if told == MISSED_AGAIN or turn.slots.get("redite"):
        said = services.answers.get("redite_encore")
        reason = "incompris" if told == MISSED_AGAIN else "insatisfait"
        return Reply([*(written(said) if said else ()), handover(reason)], reply.slots | {"redite": False, "derniere_reponse": None})
    said = services.answers.get("redite")
    simpler = _simpler(str(told), turn, services)
    if simpler is None:
        return reply.remembering(redite=False)
    return Reply([*([text(said.text)] if said else []), *simpler.messages], reply.slots | {"redite": True})


def _aid(turn: Turn, reply: Reply) -> object:
    return reply.slots.get("aide", turn.slots.get("aide"))


def _simpler(told: str, turn: Turn, services: Services) -> Reply | None:
    sheet = answer_plainer(told, services, str(turn.slots.get("aide") or ""))
    if sheet:
        return sheet
    answer = services.answers.get(told)
    return Reply(written(answer, plain=True)) if answer else None
