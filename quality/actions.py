"""What changed thanks to opinions: the actions that editors write down, checked as they are read."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from quality.results import SMALL
from quality.tally import COMMITMENTS
from store.content import LiveFolder, Problem

CONTENT = Path(__file__).parent / "content"


class State(StrEnum):
    """How far an action has gone."""

    DONE = "fait"
    UNDER_WAY = "en cours"
    PLANNED = "prévu"


@dataclass(frozen=True)
class Action:
    """`said`: what users said, and `opinions`: how many of them; `decided`: what the service decided; `changed`: what is different now (once done).

    `when`: the day it was done, or is to be. `commitment`: slug of the commitment it serves. `sample`: made up, to show how one is written.
    """

    title: str
    said: str
    opinions: int
    decided: str
    when: date
    commitment: str
    state: State
    changed: str = ""
    sample: bool = False

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def commitment_name(self) -> str:
        return COMMITMENTS[self.commitment]

    def voices(self) -> int | None:
        """How many opinions say so; None when they are too few to be published."""
        return self.opinions if self.opinions >= SMALL else None


class Actions:
    """The actions of a folder, as its files are now: a file that an edit has made invalid keeps its last valid value."""

    def __init__(self, folder: Path = CONTENT) -> None:
        self._files: LiveFolder[Action] = LiveFolder(folder / "actions", Action, _check)

    def all(self) -> tuple[Action, ...]:
        """Those done first, then under way, then planned; the newest first."""
        order = tuple(State)
        found = self._files.values()
        return tuple(sorted(found.values(), key=lambda one: (order.index(one.state), -one.when.toordinal(), one.title)))

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the files, for who edits them."""
        return self._files.problems()


def _check(_path: Path, action: Action) -> None:
    if action.commitment not in COMMITMENTS:
        raise ValueError(f"« commitment » ne peut pas valoir « {action.commitment} » ; valeurs possibles : {', '.join(COMMITMENTS)}")
    if action.opinions < 1:
        raise ValueError("« opinions » doit être d'au moins 1 : une action répond à un avis")
    if (action.state is State.DONE) != bool(action.changed):
        raise ValueError("« changed » dit ce qui a changé : il faut l'écrire quand « state » vaut « fait », et seulement alors")
