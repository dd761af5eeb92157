"""The same answer is not given in the same words again: to another question, what of it comes nearest; to the same one, once simpler, then a
person. Nor is who was misunderstood asked on."""

import re
from collections.abc import Sequence

from bot.actions.aid_answers import answer_plainer
from bot.actions.follow_up import nearest_lines, same_question
from bot.actions.messages import AGENT, choices, handover, text, written
from bot.actions.services import Services
from bot.actions.turn import UNKNOWN, Reply, Turn
from bot.actions.written_answers import MISSES_BEFORE_A_PERSON
from language.normalise import fold

MAY_REPEAT = frozenset("saluer prendre_conge remercier affirmer nier insulte demander_reformulation donner_avis faire_reclamation".split())
"""Small talk, and what ends in a form that holds the new words."""
MISSED_AGAIN = "hors_sujet_encore"


_MISREAD = re.compile(
    r"\bpas (?:du tout )?(?:ca |la |cela )?ma question\b|\brien a voir avec ma question\b|\bpas ce que (?:je|j ai) demand\w*"
    r"|\brepond\w* (?:encore |toujours |completement )*a cote\b"
    r"|\b(?:vous|tu) (?:ne |n )?(?:avez|as|comprenez|comprends|comprend) (?:rien|pas|mal)(?: compris)?\b(?! (?:le|la|les|de|d)\b)"
)


def says_misread(turn: Turn) -> bool:
    """Whether the person says that the answer missed the question."""
    return bool(_MISREAD.search(fold(turn.text)))


_SOMEBODY = re.compile(r"\b(?:quelqu un|personne|un humain|allo|vous etes la)\b")


def calls_for_somebody(turn: Turn) -> bool:
    """Whether who was just misunderstood calls out: "y a quelqu'un ?" is then no greeting."""
    missed = int(turn.slots.get("miss_count") or 0) > 0
    return missed and turn.intent in (UNKNOWN, "saluer", "insulte", "nature_bot") and bool(_SOMEBODY.search(fold(turn.text)))


def answer_misread(turn: Turn, services: Services) -> Reply:
    """Says sorry and offers a person; the second time, puts through to one."""
    misses = int(turn.slots.get("miss_count") or 0) + 1
    again = misses >= MISSES_BEFORE_A_PERSON
    said = services.answers.get("pas_compris_encore" if again else "pas_compris")
    person = [handover("incompris")] if again else []
    return Reply([*(written(said) if said else ()), *person], {"miss_count": misses, "derniere_reponse": None, "question_en_attente": None})


def not_twice(turn: Turn, reply: Reply, services: Services) -> Reply:
    """`reply`, unless it would say what was just said."""
    told = reply.slots.get("derniere_reponse")
    if not told or told in MAY_REPEAT or told != turn.slots.get("derniere_reponse") or _aid(turn, reply) != turn.slots.get("aide"):
        return reply.remembering(redite=False)
    simpler = _simpler(str(told), turn, services)
    if simpler is None:
        return reply.remembering(redite=False)
    other = told != MISSED_AGAIN and bool(turn.before) and not same_question(turn.before, turn.text)
    near = nearest_lines(turn.text, reply.messages) if other else []
    if near:
        return _nearest(near, reply, services)
    if told == MISSED_AGAIN or turn.slots.get("redite"):
        said = services.answers.get("redite_encore")
        reason = "incompris" if told == MISSED_AGAIN else "insatisfait"
        return Reply([*(written(said) if said else ()), handover(reason)], reply.slots | {"redite": False, "derniere_reponse": None})
    said = services.answers.get("question_voisine" if other else "redite")
    return Reply([*([text(said.text)] if said else []), *simpler.messages], reply.slots | {"redite": True})


def _nearest(lines: Sequence[str], reply: Reply, services: Services) -> Reply:
    """The lines, between what says that they are the nearest and what offers a person."""
    said = services.answers.get("question_proche")
    head, *buttons = written(said) if said else [text(""), choices([AGENT])]
    return Reply([text("\n".join(filter(None, (head["text"].strip(), *lines)))), *buttons], reply.slots | {"redite": False})


def _aid(turn: Turn, reply: Reply) -> object:
    return reply.slots.get("aide", turn.slots.get("aide"))


def _simpler(told: str, turn: Turn, services: Services) -> Reply | None:
    sheet = answer_plainer(told, services, str(turn.slots.get("aide") or ""))
    if sheet:
        return sheet
    answer = services.answers.get(told)
    return Reply(written(answer, plain=True)) if answer else None
