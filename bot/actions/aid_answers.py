"""Answers from the sheet of an aid."""

from collections.abc import Sequence

from aids.model import Aid
from bot.actions.aid_named import Named, aids_named
from bot.actions.messages import AGENT, Message, choices, link, text, written
from bot.actions.services import Services
from bot.actions.sheet import PARTS, card, plain, warning
from bot.actions.turn import Reply, Turn
from language.normalise import tidy

NEXT = {
    "conditions_aide": ("Conditions", "Quelles sont les conditions pour {name} ?"),
    "montant_aide": ("Montant", "Quel est le montant pour {name} ?"),
    "pieces_aide": ("Pièces à fournir", "Quelles pièces pour {name} ?"),
    "deposer_demande": ("Faire la demande", "Comment demander {name} ?"),
    "erreurs_frequentes": ("Erreurs à éviter", "Quelles sont les erreurs fréquentes pour {name} ?"),
    "echeance_aide": ("Date limite", "Quelle est la date limite pour {name} ?"),
}
MOST_NEXT = 4
SHEET = "fiche:"
"""Begins what is remembered of an answer that came from a sheet: its intent follows, the aid is in its own slot."""


def button_pressed(text: str, services: Services) -> tuple[str, Aid] | None:
    """The intent and the aid of one of our own buttons: what they send is never guessed, whatever an aid is called."""
    typed = tidy(text)
    for aid in services.catalogue.aids():
        for intent, (_label, message) in NEXT.items():
            if typed == tidy(message.format(name=aid.name)):
                return intent, aid
    return None


def answer_sheet(turn: Turn, services: Services) -> Reply:
    """The part of the sheet that was asked for; asks which aid when none is known."""
    named = aids_named(turn, services)
    if not named.aids:
        return ask_which(turn.intent, named, services)
    asked = [turn.intent]
    if turn.second in PARTS and turn.second != "chercher_aide" and len(named.aids) == 1:
        asked.append(str(turn.second))
    return tell(asked, named.aids[:2], services)


def tell(intents: Sequence[str], aids: Sequence[Aid], services: Services) -> Reply:
    """The parts of each sheet that answer `intents`."""
    return Reply(
        [message for intent in intents for aid in aids for message in _told(aid, intent, services)]
        + [*_rule(intents, services), next_questions(aids[0], intents)],
        {"aide": aids[0].slug, "question_en_attente": None, "derniere_reponse": f"{SHEET}{intents[0]}"},
    )


def _rule(intents: Sequence[str], services: Services) -> list[Message]:
    """What holds for every aid and no sheet says: the ceiling of de minimis aids."""
    answer = services.answers.get("cumul_aides_regle") if "cumul_aides" in intents else None
    return written(answer) if answer else []


def answer_plainer(remembered: str, services: Services, slug: str) -> Reply | None:
    """The last answer from a sheet in simpler words; None when what is remembered is none."""
    aid, intent = services.catalogue.get(slug), remembered.removeprefix(SHEET)
    if aid is None or not remembered.startswith(SHEET) or intent not in PARTS:
        return None
    return Reply([text(plain(aid, intent)), next_questions(aid, [intent])], {"derniere_reponse": None})


def answer_delay(turn: Turn, services: Services) -> Reply:
    """The usual processing time of the aid; in general when none is known."""
    return answer_sheet(turn, services)


def ask_which(intent: str, named: Named, services: Services) -> Reply:
    """Asks which aid, and remembers the question."""
    remembered = {"question_en_attente": intent}
    if named.unknown:
        words = f"« {named.unknown} » n'est pas dans notre catalogue d'aides. Un agent peut vérifier si elle existe ailleurs."
        if named.near:
            words += " Ces aides de la Région y ressemblent :"
        return Reply([text(words), choices([*((aid.name, aid.name) for aid in named.near), AGENT])], remembered)
    if named.near:
        return Reply([text("De quelle aide s'agit-il ?"), choices((aid.name, aid.name) for aid in named.near)], remembered)
    answer = services.answers.get(intent)
    said = written(answer) if answer else [text("De quelle aide s'agit-il ?")]
    return Reply(said, remembered | {"derniere_reponse": intent})


def next_questions(aid: Aid, told: Sequence[str]) -> Message:
    """What may be asked next of the aid, but what was `told`."""
    pairs = [(label, message.format(name=aid.name)) for other, (label, message) in NEXT.items() if other not in told]
    return choices([*pairs[:MOST_NEXT], AGENT])


def _told(aid: Aid, intent: str, services: Services) -> list[Message]:
    part = PARTS[intent](aid)
    caution = warning(aid, services.clock().date())
    said = [*([text(caution)] if caution else []), card(aid, part)]
    if intent == "deposer_demande" and aid.application.url:
        said.append(link(f"Faire la demande : {aid.name}", aid.application.url))
    return said
