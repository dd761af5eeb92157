"""A file (dossier), as Démarche numérique has it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """Life of a file: brouillon → en_construction → en_instruction → one of the ends."""

    BROUILLON = "brouillon"
    EN_CONSTRUCTION = "en_construction"
    EN_INSTRUCTION = "en_instruction"
    ACCEPTE = "accepte"
    REFUSE = "refuse"
    SANS_SUITE = "sans_suite"
    DECIDE = "decide"
    """Decided, and the person has to read the decision where the file was lodged before anybody else may tell it: a delay to contest
    it may run from that reading (accusé de lecture)."""


ENDED = frozenset({State.ACCEPTE, State.REFUSE, State.SANS_SUITE, State.DECIDE})


class Correction(StrEnum):
    """Why the user was asked to correct the file."""

    INCOMPLET = "incomplet"
    INCORRECT = "incorrect"
    PERIME = "perime"


@dataclass(frozen=True)
class Dossier:
    """A file. `missing` says what has to be corrected when `correction` is set; a draft is not filed yet.

    `agent_words`: what an agent wrote to the person, of the correction asked for or of the decision. `url`: the person's own page of the
    file. `applicant` and `email` are "" when not known.
    """

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
    agent_words: str = ""
    url: str = ""
