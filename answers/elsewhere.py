"""What does not depend on the Region, and who looks after it."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from answers.model import Written
from language.normalise import fold, stands_in
from store.web_address import check_page


@dataclass(frozen=True)
class Body(Written):
    """Someone else than the Region, with its article ("la CAF"). `schemes`: names of its aids; `subjects`: other words that lead to it.

    `email`: where agents pass on a message to it, "" when nobody has found one.
    """

    name: str
    url: str
    checked: date
    schemes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    email: str = ""

    def __post_init__(self) -> None:
        check_page(self.url)


@dataclass(frozen=True)
class Sent:
    """`words`: what was typed, as it is written in the content; `body`: who looks after it."""

    words: str
    body: Body


def who_looks_after(text: str, bodies: tuple[Body, ...], schemes_only: bool = False) -> Sent | None:
    """The body whose scheme, or other words of which, stand in the text; the longest name wins. None when there is none."""
    folded = fold(text)
    found = [Sent(words, body) for name, words, body in _names(bodies, schemes_only) if stands_in(name, folded)]
    return max(found, key=lambda sent: len(sent.words), default=None)


@lru_cache(maxsize=4)
def _names(bodies: tuple[Body, ...], schemes_only: bool) -> tuple[tuple[str, str, Body], ...]:
    """Each name folded, as it is written, and whose it is: folded once for all messages, until the content changes."""
    return tuple((fold(words), words, body) for body in bodies for words in (*body.schemes, *(() if schemes_only else body.subjects)))
