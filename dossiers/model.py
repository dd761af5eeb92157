"""A file (dossier), as Démarche numérique has it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """Life of a file: brouillon → en_construction → en_instruction → one of the three ends."""

    BROUILLON = "brouillon"
    EN_CONSTRUCTION = "en_construction"
    EN_INSTRUCTION = "en_instruction"
    ACCEPTE = "accepte"
    REFUSE = "refuse"
    SANS_SUITE = "sans_suite"


ENDED = frozenset({State.ACCEPTE, State.REFUSE, State.SANS_SUITE})


class Correction(StrEnum):
    """Why the user was asked to correct the file."""

    INCOMPLET = "incomplet"
    INCORRECT = "incorrect"
    PERIME = "perime"


@dataclass(frozen=True)
class Dossier:
    """A file. `missing` says what has to be corrected when `correction` is set; a draft is not filed yet."""

    number: str
    aid_slug: str
    applicant: str
    email: str
    state: State
    filed_on: date | None
    state_since: date
    correction: Correction | None = None
    missing: str = ""
    expected_decision_on: date | None = None
