"""Who would spend before an answer, or has, and who asks whether an aid must be given back. Said before anything else, whatever was understood."""

import re

from bot.actions.aid_named import aids_named
from bot.actions.messages import text, written
from bot.actions.services import Services
from bot.actions.sheet import PARTS, card
from bot.actions.turn import Reply, Turn
from language.normalise import fold

_SPEND = r"(?:achet|command|sign|pay|regl|engag|commenc|demarr|lanc)\w*"
_ANSWER = r"(?:reponse|accord|decision|depot|depose\w*|dossier|demande|feu vert|accuse|notification|attendre)"
_BEFORE = re.compile(
    rf"\b{_SPEND}\b(?: \w+){{0,8}} (?:avant|sans)\b(?: \w+){{0,6}} {_ANSWER}\b|\b(?:avant|sans)\b(?: \w+){{0,6}} {_ANSWER}\b(?: \w+){{0,6}} {_SPEND}\b"
)
_DONE = re.compile(
    rf"\bdeja {_SPEND}\b(?: \w+){{0,4}} (?:devis|commandes?|acompte|travaux|chantier|machines?|materiel|fours?|vehicules?|bon)\b"
)


_GIVES_BACK = re.compile(
    r"\b(?:dois|doit|devons|devrai|devra|devrons|faut il|il faut|faudra|vais|va|vont|oblige\w*|risque\w*)(?: \w+){0,3} (?:rembourser|rendre|restituer)\b(?! (?:compte|service))"
    r"|\b(?:vous|region)(?: \w+){0,4} (?:reclam\w+|recuper\w+|reprend\w*)(?: \w+){0,3} (?:aide|argent|subvention|prime)\b"
)


def spends(turn: Turn) -> str | None:
    """Which written answer is due: "avant_reponse" to who would spend before an answer, "depense_faite" to who has, "aide_a_rendre" to who asks
    whether an aid is given back; None for others."""
    folded = fold(turn.text)
    if _GIVES_BACK.search(folded) and not re.search(r"\b(?:prets?|emprunts?|credits?)\b", folded):
        return "aide_a_rendre"
    if _DONE.search(folded):
        return "depense_faite"
    return "avant_reponse" if _BEFORE.search(folded) else None


def answer_spending(turn: Turn, key: str, services: Services) -> Reply | None:
    """The warning, then what the sheet of the aid in hand asks first. None when nobody wrote the warning."""
    answer = services.answers.get(key)
    if answer is None:
        return None
    said, *buttons = written(answer)
    named = aids_named(turn, services).aids[:1] if key != "aide_a_rendre" else ()
    aids = [aid for aid in named if aid.eligibility.before_applying]
    told = [
        message
        for aid in aids
        for message in (text(f"{aid.name} : {aid.eligibility.before_applying}"), card(aid, PARTS["deposer_demande"](aid)))
    ]
    return Reply([said, *told, *buttons], {"miss_count": 0, "derniere_reponse": None})
