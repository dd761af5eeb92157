"""Between two subjects that are as likely, the person chooses."""

from bot.actions.messages import AGENT, choices, text
from bot.actions.services import Services
from bot.actions.turn import Reply, Turn

QUESTION = "Votre message peut se comprendre de deux façons. Choisissez :"


def ask_between(turn: Turn, services: Services) -> Reply | None:
    """Asks which of the two subjects is meant; None when they are not close, or when one has no button of its own."""
    asked = [answer.asked for answer in map(services.answers.get, turn.close) if answer and answer.asked]
    if len(asked) != 2 or asked[0] == asked[1]:
        return None
    pairs = [(choice.label, choice.message) for choice in asked]
    return Reply([text(QUESTION), choices([*pairs, AGENT])], {"derniere_reponse": None})
