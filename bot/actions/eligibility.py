"""The search of an aid as a dialogue: what a message is to it, and what follows. Pure but for the live catalogue.

The dialogue never holds anyone: another subject is answered as ever, and the search goes on with the next answer or at a button.
"""

from dataclasses import replace

from aids.eligibility import Dimension
from aids.model import Aid
from bot.actions import eligibility_words as words
from bot.actions.aid_answers import ask_which, tell
from bot.actions.aid_named import Named, aids_named, unknown_name
from bot.actions.eligibility_hearing import (
    LONG,
    NEVER_OURS,
    ONESELF,
    OURS,
    RIGHT_ASKED,
    SMALL_TALK,
    SURE,
    asks,
    off_subject,
    points,
)
from bot.actions.eligibility_replies import again, ask, begin, focus_on, go_on, go_on_with, no_such_aid, not_understood, read, say_simpler
from bot.actions.eligibility_state import RIGHT, SLOT, Search, left_aside
from bot.actions.eligibility_words import RESUME
from bot.actions.messages import AGENT, Message, choices, text
from bot.actions.profile import Reading, introduces, is_restart, learn
from bot.actions.services import Services
from bot.actions.turn import GIVES_UP, UNKNOWN, Reply, Turn
from language.normalise import fold, tidy


def answer_search(turn: Turn, services: Services) -> Reply:
    """The sheet of the aid named; else the search, begun or gone on with."""
    if turn.values("aide"):
        named = aids_named(turn, services)
        if named.aids:
            return tell(["chercher_aide"], named.aids[:2], services)
    search = Search.from_slot(turn.slots.get(SLOT))
    if unknown_name(turn, services):
        return no_such_aid(search, turn, services)
    reading = read(turn, search or Search(), services)
    if search is None or is_restart(turn.text):
        return begin(turn, reading, services)
    if not reading.tells() and search.waiting and not search.told:
        return not_understood(search, turn, services)
    if not reading.tells() or (search.told and Dimension.PROJECT in reading.tells()):
        # Another search by the same person: who and where still hold, the project does not.
        kept = Search(replace(search.profile, projects=frozenset(), words="", budget=None), skipped=search.skipped - {Dimension.PROJECT})
        same = words.situation(kept.profile).replace("Votre situation :", "Situation gardée :")
        return again(kept, reading, services, same)
    return go_on_with(replace(search, focus=None), reading, services)


def answer_eligible(turn: Turn, services: Services) -> Reply | None:
    """Whether one may have the aid spoken of: what it asks, held against what is known. None when that is not what is asked."""
    folded = fold(turn.text)
    asked_so = bool(RIGHT_ASKED.search(folded)) and "combien" not in folded
    if turn.intent != "conditions_aide" and not asked_so:
        return None
    search = Search.from_slot(turn.slots.get(SLOT))
    reading = read(turn, search or Search(), services)
    right = asked_so and (len(folded.split()) <= LONG or Dimension.AUDIENCE in reading.tells())
    if turn.intent != "conditions_aide" and not right:
        return None
    found = aids_named(turn, services)
    if len(found.aids) == 1:
        oneself = right or ONESELF.search(folded) or reading.tells() - {Dimension.PROJECT, Dimension.PLACE}
        asked = right or asks(turn) or turn.values("aide")
        return answer_right(turn, found.aids[0], services) if oneself and asked else None
    if found.aids or turn.values("aide"):
        return None
    if right and len(found.near) == 1:
        return answer_right(turn, found.near[0], services)
    if found.near:
        # One of those just listed: which one is asked, and the answer is about oneself.
        return _which_right(found, services) if right else None
    # Conditions of nothing in particular, from someone who tells who they are: it is the search.
    return answer_search(turn, services) if reading.tells() and not (search and search.waiting) else None


def answer_right(turn: Turn, aid: Aid, services: Services) -> Reply:
    """What `aid` asks, held against all that is known, and what is still to be told."""
    search = Search.from_slot(turn.slots.get(SLOT)) or Search()
    known = learn(search.profile, read(turn, search, services))
    return focus_on(Search(known, skipped=search.skipped, focus=aid.slug, shown=search.shown), services)


def _which_right(found: Named, services: Services) -> Reply:
    reply = ask_which("conditions_aide", found, services)
    return Reply(reply.messages, reply.slots | {"question_en_attente": RIGHT})


def take(turn: Turn, services: Services) -> Reply | None:
    """The search gone on with, when the message answers it, corrects it or starts it again; None when it is about something else."""
    search = Search.from_slot(turn.slots.get(SLOT))
    if turn.intent == UNKNOWN and not turn.number() and unknown_name(turn, services):
        return no_such_aid(search, turn, services)
    if search is None:
        return _started(turn, services)
    reading = read(turn, search, services)
    told = _told_to_do(turn, search, reading, services)
    if told or _names_an_aid(turn, search, reading, services):
        return told
    if turn.intent == "chercher_aide" and search.told and not (search.waiting and reading.tells()):
        return None  # another search
    if search.waiting and reading.not_known:
        return go_on(left_aside(search), services, ())
    if off_subject(turn, search, reading):
        return None
    if reading.tells():
        return go_on_with(search, reading, services)
    return not_understood(search, turn, services) if search.waiting and turn.intent in (*OURS, UNKNOWN) else None


def _started(turn: Turn, services: Services) -> Reply | None:
    """A search begun by someone who only says who they are and what they want, or asks whether something is paid for."""
    reading = read(turn, Search(), services)
    doubtful = turn.sure < SURE and turn.intent not in NEVER_OURS and len(reading.tells() - {Dimension.SECTOR}) > 2
    presents = (turn.intent in (UNKNOWN, "saluer") or doubtful) and introduces(turn.text, reading)
    wonders = turn.intent == "depenses_eligibles" and bool(reading.told.projects) and not turn.slots.get("aide")
    return answer_search(turn, services) if (presents or wonders) and not turn.values("aide") else None


def _told_to_do(turn: Turn, search: Search, reading: Reading, services: Services) -> Reply | None:
    """What a button or a few words have the dialogue do: go on, begin again, stop, say it more simply."""
    if tidy(turn.text) == RESUME[1]:
        waiting = search.waiting
        return ask(search, waiting, services, "", resumed=True, counted=False) if waiting else again(search, Reading(), services)
    if is_restart(turn.text):
        return begin(turn, Reading(), services)
    pressed = search.pressed(turn.text) if search.waiting else None
    if pressed is not None:
        return go_on_with(search, Reading(pressed), services)
    if reading.tells():
        return None
    if search.waiting and GIVES_UP.search(fold(turn.text)):
        stopped = replace(search, waiting=None, offered=(), active=False)
        return Reply([text("La recherche s'arrête là. Vous pouvez la reprendre ici."), choices([RESUME, AGENT])], {SLOT: stopped.to_slot()})
    if turn.intent == "demander_reformulation" and search.waiting:
        return ask(search, search.waiting, services, "", counted=False)
    if turn.intent == "demander_reformulation" and turn.slots.get("derniere_reponse") == SLOT:
        return say_simpler(search, services)
    return None


def _names_an_aid(turn: Turn, search: Search, reading: Reading, services: Services) -> bool:
    """Whether the message is about an aid that it names or points at, or about a file; an answer that was waited for is not."""
    answers = search.waiting in reading.tells() and not asks(turn)
    money = search.waiting in (Dimension.TURNOVER, Dimension.BUDGET)  # "800000" looks like the number of a file
    named = bool(turn.values("aide")) and not answers and bool(aids_named(turn, services).aids)
    return named or (turn.number() is not None and not money) or points(turn, search, reading)


def remembering(turn: Turn, services: Services, reply: Reply) -> Reply:
    """An answer on another subject, that keeps what was told on the way and offers to go on with the search that waits."""
    search = Search.from_slot(turn.slots.get(SLOT))
    if search is None or SLOT in reply.slots:
        return reply
    reading = read(turn, search, services)
    told = search.waiting and (turn.intent != UNKNOWN or not asks(turn))
    known = learn(search.profile, reading) if told else search.profile
    reply = reply.remembering(**{SLOT: replace(search, profile=known, active=search.active and turn.intent in SMALL_TALK).to_slot()})
    offers = search.waiting and turn.intent not in NEVER_OURS
    return replace(reply, messages=_with_choice(reply.messages, RESUME)) if offers else reply


def _with_choice(messages: list[Message], choice: tuple[str, str]) -> list[Message]:
    """The messages, with one more button under the last ones."""
    label, message = choice
    button = {"label": label, "message": message}
    if messages and messages[-1]["type"] == "choices":
        return [*messages[:-1], {**messages[-1], "choices": [button, *messages[-1]["choices"]]}]
    return [*messages, choices([choice])]
