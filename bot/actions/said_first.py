"""Subjects whose words say it all, and where another answer would do harm: they are answered before anything else, whatever was understood."""

import re

from bot.actions.aid_named import aids_named
from bot.actions.messages import text, written
from bot.actions.services import Services
from bot.actions.sheet import PARTS, card
from bot.actions.turn import Reply, Turn
from language.normalise import fold

_SPEND = r"(?:achet|command|sign|pay|regl|engag|commenc|demarr|lanc|vers|reserv)\w*"
_ANSWER = r"(?:reponse|accord|decision|depot|depose\w*|dossier|demande|feu vert|accuse|notification|attendre)"
_SITE = r"(?:site|portail|plateforme|formulaire|page|serveur)"
_BROKEN = r"(?:plant\w*|bug\w*|panne|bloqu\w*|inaccessible|marche pas|marchait pas|fonctionn\w* pas|crash\w*|rame\w*)"
_LATE = r"(?:date limite|echeance|delai|trop tard|hors delai|depasse\w*|cloture|clos|ferme\w*|minuit)"
_STATE = r"(?:en construction|en instruction|brouillon|classe sans suite|sans suite)"
_MEANS = r"(?:veut dire|veut il dire|signifie|ca veut|c est quoi|comprends pas|a moi ou a vous)"
_FIRST = (
    (
        "aide_a_rendre",
        r"\b(?:dois|doit|devons|devrai|devra|devrons|faut il|il faut|faudra|vais|va|vont|oblige\w*|risque\w*)(?: \w+){0,3} (?:rembourser|rendre|restituer)\b(?! (?:compte|service))"
        r"(?!.*\b(?:prets?|emprunts?|credits?)\b)|\b(?:vous|region)(?: \w+){0,4} (?:reclam\w+|recuper\w+|reprend\w*)(?: \w+){0,3} (?:aide|argent|subvention|prime)\b",
    ),
    (
        "depense_faite",
        rf"\bdeja {_SPEND}\b(?: \w+){{0,4}} (?:devis|commandes?|acomptes?|arrhes|travaux|chantier|machines?|materiel|fours?|vehicules?|stand|billets?|artistes|contrats?|bon|"
        r"fournisseurs?|artisans?|inscription|loyer du local)\b",
    ),
    (
        "demande_avant",
        rf"\b(?:demande|deposer|depose|dossier)(?: \w+){{0,4}} (?:avant|apres) (?:de |d |les? |la |mon |l )?(?:partir|depart|{_SPEND}|faire|travaux|achats?|debut\w*)\b",
    ),
    (
        "avant_reponse",
        rf"\b{_SPEND}\b(?: \w+){{0,8}} (?:avant|sans)\b(?: \w+){{0,6}} {_ANSWER}\b|\b(?:avant|sans)\b(?: \w+){{0,6}} {_ANSWER}\b(?: \w+){{0,6}} {_SPEND}\b",
    ),
    ("etats_dossier", rf"\b{_STATE}\b.*\b{_MEANS}\b|\b{_MEANS}\b.*\b{_STATE}\b"),
    ("depot_empeche", rf"\b{_SITE}\b(?: \w+){{0,6}} {_BROKEN}\b.*\b{_LATE}\b|\b{_LATE}\b.*\b{_SITE}\b(?: \w+){{0,6}} {_BROKEN}\b"),
)
_PATTERNS = tuple((key, re.compile(pattern)) for key, pattern in _FIRST)
_WARNED = frozenset({"depense_faite", "demande_avant", "avant_reponse"})
"""Answers that the sheet of the aid in hand completes."""


def first_subject(turn: Turn) -> str | None:
    """Which written answer is due whatever else was understood; None as a rule."""
    folded = fold(turn.text)
    return next((key for key, pattern in _PATTERNS if pattern.search(folded)), None)


def answer_first(turn: Turn, key: str, services: Services) -> Reply | None:
    """What editors wrote, then what the sheet of the aid in hand asks first. None when nobody wrote it."""
    answer = services.answers.get(key)
    if answer is None:
        return None
    said, *buttons = written(answer)
    named = aids_named(turn, services).aids[:1] if key in _WARNED else ()
    aids = [aid for aid in named if aid.eligibility.before_applying]
    told = [
        message
        for aid in aids
        for message in (text(f"{aid.name} : {aid.eligibility.before_applying}"), card(aid, PARTS["deposer_demande"](aid)))
    ]
    return Reply([said, *told, *buttons], {"miss_count": 0, "derniere_reponse": key, "question_en_attente": None})
