"""What does not depend on the Region, and who looks after it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from answers.model import Written
from language.normalise import fold


@dataclass(frozen=True)
class Body(Written):
    """Someone else than the Region, with its article ("la CAF"). `schemes`: names of its aids; `subjects`: other words that lead to it."""

    name: str
    url: str
    checked: date
    schemes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sent:
    """`words`: what was typed, as it is written in the content; `body`: who looks after it."""

    words: str
    body: Body


def who_looks_after(text: str, bodies: Iterable[Body]) -> Sent | None:
    """The body whose name or scheme stands in the text, accents and case apart; the longest name wins. None when there is none."""
    folded = fold(text)
    named = ((words, body) for body in bodies for words in (*body.schemes, *body.subjects))
    found = [(words, body) for words, body in named if re.search(rf"\b{re.escape(fold(words))}\b", folded)]
    return Sent(*max(found, key=lambda pair: len(pair[0]))) if found else None
