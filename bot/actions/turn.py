"""One turn of a conversation: what was understood, and what is answered. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.actions.messages import Message
from bot.actions.services import Services
from dossiers.identity import find_code, find_number
from language.normalise import fold

UNKNOWN = "hors_sujet"
GIVES_UP = re.compile(
    r"\b(?:laisse\w* (?:tomber|ca)|tant pis|annule\w*|abandonn\w*|j arrete|arretez|on arrete|stop|non merci|oublie[zr]?(?: ca| le)?)\b"
)
"""What one says who lets go of what was begun; on folded text."""


@dataclass(frozen=True)
class Entity:
    """A part of the message, `value`, and what it is."""

    kind: str
    value: str


@dataclass(frozen=True)
class Turn:
    """What the person said, as understood, and what the conversation remembers."""

    conversation: str
    text: str
    intent: str
    entities: tuple[Entity, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)
    second: str | None = None
    """What else the message may ask, when it joins two questions."""
    sure: float = 1.0
    """Probability of the intent."""
    close: tuple[str, ...] = ()
    """The two likeliest intents, when the message leaves both open."""
    before: str = ""
    """What the person said last before this."""

    def values(self, kind: str) -> list[str]:
        """Texts of the entities of one kind."""
        return [entity.value for entity in self.entities if entity.kind == kind]

    def number(self) -> str | None:
        """The file number typed, in its canonical writing."""
        return next(filter(None, map(find_number, self.values("numero_dossier"))), None)

    def code(self) -> str | None:
        """The six digits of a code, when the message is hardly more than that: "150 000 € de travaux" is another subject."""
        code, words = find_code(self.text), fold(self.text).split()
        # "123 456" alone is read as an amount too: only a currency makes it one here.
        if code is None or any(re.search(r"[^\d\s]", value) for value in self.values("montant")):
            return None
        said_so = "code" in words
        short = len([word for word in words if not word.isdigit()]) <= 5
        return code if said_so or (short and "dossier" not in words) else None

    def is_only(self, kind: str) -> bool:
        """Whether the message is one entity of this kind and hardly anything else ("pour le Contrat Export")."""
        values = self.values(kind)
        rest = fold(self.text)
        for value in values:
            rest = rest.replace(fold(value), " ", 1)
        return bool(values) and all(word in _FILLERS for word in rest.split())


_FILLERS = frozenset(
    "a alors au aux bien bonjour c ce cela cest d dans de des dispositif donc dossier du en est et euh l la le les ma merci mon n "
    "koi kesako non no numero o ok oui par pour prime qu que quoi s sur svp un une voici voila aide bourse".split()
)


@dataclass(frozen=True)
class Reply:
    """What is said, and what to remember (slots; None forgets)."""

    messages: list[Message]
    slots: dict[str, Any] = field(default_factory=dict)

    def remembering(self, **slots: Any) -> "Reply":
        """The same reply; what it sets itself wins over `slots`."""
        return Reply(self.messages, slots | self.slots)


Answering = Callable[[Turn, Services], Reply]
