"""What another body looks after: the person is told which, instead of nothing."""

from bot.actions.aid_named import only_sounds_like
from bot.actions.messages import link, written
from bot.actions.services import Services
from bot.actions.sheet import PARTS
from bot.actions.turn import UNKNOWN, Reply, Turn


def answer_elsewhere(turn: Turn, services: Services) -> Reply | None:
    """Who looks after what the message is about; None when it may be the Region's business.

    Out of scope, any word of the list leads there. A question about an aid is led there by the name of an aid alone, and never when it asks
    what may be combined: the Region's aid is then the subject.
    """
    if turn.intent != UNKNOWN and (turn.intent not in PARTS or turn.intent == "cumul_aides"):
        return None
    ours = not only_sounds_like(turn, services) and [
        value for value in turn.values("aide") if not services.answers.elsewhere(value, schemes_only=True)
    ]
    sent = services.answers.elsewhere(turn.text, schemes_only=turn.intent != UNKNOWN)
    answer = services.answers.get("ailleurs", what=sent.words, body=sent.body.name) if sent and not ours else None
    if sent is None or answer is None:
        return None
    said, *buttons = written(answer)
    return Reply([said, link(sent.body.url.removeprefix("https://"), sent.body.url), *buttons], {"miss_count": 0, "derniere_reponse": None})
