"""What a person says on the way and no answer should pass over: a delay that hurts, aids already received."""

import re

from bot.actions.messages import Message, text
from bot.actions.services import Services
from bot.actions.turn import Reply, Turn
from language.normalise import fold

_OWED = r"(?:loyers?|salaires?|paies?|charges|fournisseurs?|traites?|credits?|emprunts?|urssaf|factures?)"
_PAY = r"(?:pay\w*|vers\w*|regl\w*|rembours\w*|honor\w*|tomb\w*)"
_HARD = re.compile(
    rf"\b{_PAY}(?: \w+){{0,4}} {_OWED}\b|\b{_OWED}(?: \w+){{0,4}} {_PAY}\b|\btresorerie\b|\bdecouverts?\b|\bhuissiers?\b|\ba sec\b|\bfins? de mois\b"
    r"|\bplus (?:d argent|un (?:sou|rond|euro|centime)|rien pour (?:manger|vivre|payer))\b|\b(?:pris|etrangl\w+) a la gorge\b|\bcouler?\b|\bmettre la cle\b"
)
_MONEY_AWAITED = frozenset(
    "versement_aide statut_dossier delai_instruction suite_dossier_region fiche:versement_aide fiche:delai_instruction".split()
)
_RECEIVED = re.compile(r"\b(?:touche|recu|percu|obtenu|beneficie|eu)(?:e|es|s)?\b")
_COMBINED = frozenset({"cumul_aides", "fiche:cumul_aides"})
RECEIVED = (
    "Vous dites avoir déjà reçu {amount} : déclarez cette somme dans votre demande. Elle peut compter dans un plafond d'aides publiques, et un "
    "agent vérifie ce qui reste possible."
)


def with_what_was_said(turn: Turn, reply: Reply, services: Services) -> Reply:
    """`reply`, with a word on what the person told of money that is missing or was received; above the buttons."""
    told, folded = str(reply.slots.get("derniere_reponse") or ""), fold(turn.text)
    added: list[Message] = []
    amounts = turn.values("montant")
    if told in _COMBINED and amounts and _RECEIVED.search(folded):
        added.append(text(RECEIVED.format(amount=amounts[0])))
    awaited = told in _MONEY_AWAITED or (turn.intent in _MONEY_AWAITED and bool(reply.messages))
    hard = services.answers.get("retard_difficile") if awaited and _HARD.search(folded) else None
    added += [text(hard.text)] if hard else []
    if not added:
        return reply
    at = len(reply.messages) - bool(reply.messages and reply.messages[-1]["type"] == "choices")
    return Reply([*reply.messages[:at], *added, *reply.messages[at:]], reply.slots)
