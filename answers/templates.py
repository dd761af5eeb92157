"""Answers that agents write often: texts with variables, one a file, put into an answer in one click."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from answers.book import placeholders
from answers.model import Service, Written
from store.content import LiveFolder, Problem

OF_THE_MESSAGE = ("reference", "nom", "objet", "recu_le", "date_limite", "signature")
"""Variables whose value comes from the message that is answered."""
FEELINGS = frozenset({"negatif", "neutre", "positif"})
_OF_THE_SERVICE = ("region", "service", "phone", "phone_note", "email", "address", "hours", "appointment_url")
KNOWN = (*OF_THE_MESSAGE, *_OF_THE_SERVICE)
_VARIABLE = re.compile(r"\{([^{}\n]{0,60})\}")


@dataclass(frozen=True)
class Template(Written):
    """`kinds`, `commitments`, `feelings`: slugs of the messages that it suits; empty: all of them."""

    name: str
    text: str
    kinds: tuple[str, ...] = ()
    commitments: tuple[str, ...] = ()
    feelings: tuple[str, ...] = ()

    def suits(self, kind: str, commitments: Iterable[str], feeling: str) -> int:
        """How well it suits a message: 0 not at all; a commitment in common counts more than the kind."""
        if self.feelings and feeling not in self.feelings:
            return 0
        if (self.kinds and kind not in self.kinds) or (self.commitments and not set(self.commitments) & set(commitments)):
            return 0
        return 1 + bool(self.kinds) + 2 * bool(self.commitments)


def unknown(text: str) -> tuple[str, ...]:
    """Variables of a text that do not exist, as they are written between braces, each once."""
    return tuple(dict.fromkeys(name for name in _VARIABLE.findall(text) if name.strip() not in KNOWN))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each variable that has a value put in its place; others stay as they are written."""
    return _VARIABLE.sub(lambda found: values.get(found[1].strip(), found[0]), text)


class Templates:
    """Templates by name of their file, as the files are now."""

    def __init__(self, folder: Path, service: Callable[[], Service], kinds: Iterable[str] = (), commitments: Iterable[str] = ()) -> None:
        """`kinds`, `commitments`: slugs that exist; empty: not checked."""
        self._service, self._kinds, self._commitments = service, frozenset(kinds), frozenset(commitments)
        self.files: LiveFolder[Template] = LiveFolder(folder, Template, self._check)

    def get(self, name: str) -> Template | None:
        """None when there is no such template."""
        return self.files.values().get(name)

    def suited(self, kind: str, commitments: Iterable[str], feeling: str) -> list[tuple[str, Template]]:
        """Templates for a message, the best suited first."""
        slugs = tuple(commitments)
        found = [(one.suits(kind, slugs, feeling), name, one) for name, one in self.files.values().items()]
        return [(name, one) for score, name, one in sorted(found, key=lambda each: (-each[0], each[2].name)) if score]

    def others(self, kind: str, commitments: Iterable[str], feeling: str) -> list[tuple[str, Template]]:
        """Templates written for other messages, by name: the machine may have read this one wrongly."""
        slugs = tuple(commitments)
        return sorted(
            ((name, one) for name, one in self.files.values().items() if not one.suits(kind, slugs, feeling)), key=lambda each: each[1].name
        )

    def values(self, told: Mapping[str, str]) -> dict[str, str]:
        """Values of every variable: facts of the service, and those of the message (`told`)."""
        try:
            facts = placeholders(self._service(), 0)
        except KeyError:  # no valid service file: `ecoute doctor` says so
            facts = {}
        return {name: facts[name] for name in _OF_THE_SERVICE if name in facts} | dict(told)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the files as they are now."""
        return self.files.problems()

    def _check(self, path: Path, template: Template) -> None:
        if strange := unknown(template.text):
            written = ", ".join(f"{{{name}}}" for name in strange)
            raise ValueError(f"variable inconnue {written} dans « {path.stem} » : corrigez-la ; variables possibles : {', '.join(KNOWN)}")
        for told, known, what in (
            (template.kinds, self._kinds, "kinds"),
            (template.commitments, self._commitments, "commitments"),
            (template.feelings, FEELINGS, "feelings"),
        ):
            if known and (wrong := [slug for slug in told if slug not in known]):
                raise ValueError(f"« {what} » ne peut pas valoir « {wrong[0]} » ; valeurs possibles : {', '.join(sorted(known))}")
