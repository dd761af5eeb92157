"""The contents that are edited in the console: on which shelf each stands, and in which state. The files are read by their own rooms."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import unified_diff
from pathlib import Path
from typing import Any

from desk.editing_words import TITLES
from people.rights import Right
from store.content import ContentError, LiveFolder, Problem

FRESH = timedelta(days=180)
"""How long a check of a content holds."""


@dataclass(frozen=True)
class Shelf:
    """Contents of one kind. `slug`: their part of the address; `kind`: the dataclass of a file, or of an entry when `by_entry`, None: no form.

    `checked`: keys that lead to the day of the last check, in the file or in an entry; `checked_by`: to the name of who checked.
    `also` refuses a value with a ValueError in words, when it would break a content of another shelf. `quotes`: placeholders, with values.
    """

    slug: str
    title: str
    right: Right
    files: LiveFolder[Any]
    kind: type | None = None
    by_entry: bool = False
    checked: tuple[str, ...] = ()
    checked_by: tuple[str, ...] = ()
    also: Callable[[Any], None] | None = None
    quotes: Callable[[], Mapping[str, str]] | None = None
    preview: bool = False
    fixed: frozenset[str] = frozenset()

    def path(self, name: str) -> Path | None:
        """The file called so among those of the folder. A name is looked up, never made into a path."""
        return self.files.paths().get(name)

    def examine(self, path: Path, text: str) -> Any:
        """The value of `text` in the place of this file, checked as on reading. Raises ContentError."""
        value = self.files.parse(path, text)
        try:
            if self.also:
                self.also(value)
        except ValueError as error:
            raise ContentError((Problem(path.name, 1, str(error)),)) from None
        return value


@dataclass(frozen=True)
class State:
    """A content in the list. `name`: of its file; `title`: for people; `days`: days of the last checks; `by`: who made them."""

    name: str
    title: str
    days: tuple[date, ...]
    by: str
    problems: tuple[Problem, ...]

    def stale(self, today: date) -> bool:
        return any(is_stale(day, today) for day in self.days)


def is_stale(day: date, today: date) -> bool:
    """Whether a content checked on this day is to be looked at again."""
    return today - day > FRESH


def states(shelf: Shelf) -> list[State]:
    """The contents of a shelf, by title."""
    values, problems = shelf.files.values(), shelf.files.problems()
    found = []
    for name, path in shelf.files.paths().items():
        value = values.get(name)
        parts = list(value.values()) if shelf.by_entry and value else [value] if value is not None else []
        days = tuple(_at(part, shelf.checked) for part in parts) if shelf.checked else ()
        by = _at(parts[0], shelf.checked_by) if shelf.checked_by and parts else ""
        wrong = tuple(each for each in problems if each.file == path.name)
        found.append(State(name, title_of(shelf, name, value), days, by, wrong))
    return sorted(found, key=lambda state: state.title.casefold())


def title_of(shelf: Shelf, name: str, value: Any = None, entry: str = "") -> str:
    """What people call a content, or an entry of it. `value`: of the file, when there is a valid one."""
    if entry:
        of_entry = (value or {}).get(entry)
        asked = getattr(of_entry, "asked", None)
        return getattr(of_entry, "name", None) or (asked.label if asked else entry.replace("_", " ").capitalize())
    return getattr(value, "name", None) or TITLES.get(f"{shelf.slug}/{name}", name)


def to_review(shelves: tuple[Shelf, ...], today: date) -> int:
    """How many contents are stale or wrong."""
    return sum(1 for shelf in shelves for state in states(shelf) if state.problems or state.stale(today))


def _at(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = getattr(value, key)
    return value


def differences(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Lines of the difference of two texts with three lines around: "+", "-", " " or "@" (a gap), and the line."""
    for number, line in enumerate(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)):
        if number >= 2:  # the two names of files
            yield ("@", "…") if line.startswith("@@") else (line[0], line[1:])
