"""Two aids side by side, and which suits the person: the difference is shown, the choice is theirs."""

import re

from aids.model import AUDIENCE_LABELS, Aid
from bot.actions.aid_named import aids_named
from bot.actions.eligibility import answer_search
from bot.actions.messages import AGENT, choices, text
from bot.actions.services import Services
from bot.actions.sheet import Part, card
from bot.actions.turn import Reply, Turn
from language.normalise import fold

_COMPARES = re.compile(
    r"\b(?:differences?|differen\w+|compar\w+|choisir entre|hesite\w* entre|mieux entre|c est pareil|la meme chose)\b|\b(?:lequel|laquelle) (?:des deux|choisir|prendre)\b"
)
_BEST = re.compile(
    r"\b(?:lequel|laquelle|le|la|les) (?:des deux )?(?:est |serait |vaut |sont )?(?:le |la )?(?:mieux|meilleure?|plus adaptee?|plus interessante?)\b|\bme conseill\w+\b"
)


def answer_compared(turn: Turn, services: Services) -> Reply | None:
    """Both sheets under the same heads; or, asked which of them is better, the search that holds each against the person's situation.
    None when nothing is compared."""
    folded = fold(turn.text)
    aids = aids_named(turn, services).aids if len(turn.values("aide")) > 1 else ()
    if len(aids) > 1 and _COMPARES.search(folded):
        return _side_by_side(aids[:2], services)
    if _BEST.search(folded) and len(turn.slots.get("aides_proposees") or ()) > 1:
        reply = answer_search(turn, services)
        return Reply(
            [
                text("Cela dépend de votre situation : l'assistant compare les conditions, la décision revient à la Région."),
                *reply.messages,
            ],
            reply.slots,
        )
    return None


def _side_by_side(aids: tuple[Aid, ...], services: Services) -> Reply:
    buttons = [(f"Conditions : {aid.name}", f"Quelles sont les conditions pour {aid.name} ?") for aid in aids]
    return Reply(
        [
            *(card(aid, _in_short(aid)) for aid in aids),
            choices([*buttons, ("Laquelle est pour moi ?", "Laquelle est la plus adaptée ?"), AGENT]),
        ],
        {"aide": None, "aides_proposees": [aid.slug for aid in aids], "question_en_attente": None, "derniere_reponse": None},
    )


def _in_short(aid: Aid) -> Part:
    audiences = ", ".join(AUDIENCE_LABELS[audience] for audience in aid.audiences)
    return (
        "",
        [
            ("Pour qui", audiences[:1].upper() + audiences[1:], "audiences"),
            ("Combien", aid.amount.summary, "amount"),
            ("Jusqu'à quand", aid.calendar.summary, "calendar"),
            ("Où", aid.perimeter, "perimeter"),
            ("Cumul", aid.combination, "combination"),
        ],
        [],
    )
