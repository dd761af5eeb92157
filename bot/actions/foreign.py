"""A message in another language than French: the person is told at once, in both."""

from bot.actions.turn import Turn
from language.normalise import fold
from triage.tongue import FRENCH, language_of

_FRENCH = frozenset(
    "le la les un une des de du et est pour dans que qui je j vous nous on mon ma mes au aux pas avec sur c ce quel quelle comment".split()
)
"""Words without which few French sentences are written: the recogniser, slower, is asked of the others only."""


def in_another_language(turn: Turn) -> bool:
    """Whether the message is surely in another language."""
    words = fold(turn.text).split()
    return len(words) > 3 and sum(word in _FRENCH for word in words) < 2 and language_of("", turn.text) != FRENCH
