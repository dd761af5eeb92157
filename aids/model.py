"""An aid scheme, as an editor writes it and a citizen reads it."""

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import ClassVar


class Written:
    """Part of a content file: keys that are not fields are refused (read by the loader in `store.content`)."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


class Audience(StrEnum):
    """Who an aid is for."""

    ENTREPRISE = "entreprise"
    ARTISAN = "artisan"
    COMMERCANT = "commercant"
    AGRICULTEUR = "agriculteur"
    ASSOCIATION = "association"
    COMMUNE = "commune"
    ETUDIANT = "etudiant"
    APPRENTI = "apprenti"
    LYCEEN = "lyceen"
    PARTICULIER = "particulier"
    SALARIE = "salarie"


AUDIENCE_LABELS = {
    Audience.ENTREPRISE: "entreprises",
    Audience.ARTISAN: "artisans",
    Audience.COMMERCANT: "commerçants",
    Audience.AGRICULTEUR: "agriculteurs",
    Audience.ASSOCIATION: "associations",
    Audience.COMMUNE: "communes",
    Audience.ETUDIANT: "étudiants",
    Audience.APPRENTI: "apprentis",
    Audience.LYCEEN: "lycéens",
    Audience.PARTICULIER: "particuliers",
    Audience.SALARIE: "salariés",
}


class AidType(StrEnum):
    """What is given, with the names that aides-territoires uses."""

    GRANT = "grant"
    LOAN = "loan"
    RECOVERABLE_ADVANCE = "recoverable_advance"
    TECHNICAL_ENGINEERING = "technical_engineering"
    FINANCIAL_ENGINEERING = "financial_engineering"
    LEGAL_ENGINEERING = "legal_engineering"


class Recurrence(StrEnum):
    """How often one can apply."""

    ONE_OFF = "one_off"
    ONGOING = "ongoing"
    RECURRING = "recurring"


@dataclass(frozen=True)
class Contact(Written):
    service: str
    email: str
    phone: str
    url: str | None = None


@dataclass(frozen=True)
class Amount(Written):
    """`rate_*` in percent of the expenses, `floor` and `ceiling` of what is given, `budget_min` of the project, in euros; None: not set or
    not known."""

    summary: str
    rate_min: float | None = None
    rate_max: float | None = None
    floor: int | None = None
    ceiling: int | None = None
    budget_min: int | None = None


@dataclass(frozen=True)
class Calendar(Written):
    summary: str
    recurrence: Recurrence
    opens: date | None = None
    pre_deposit: date | None = None
    deadline: date | None = None


@dataclass(frozen=True)
class Eligibility(Written):
    """`conditions` is what people read; the rest is the same in values that a search can compare.

    An empty tuple or None sets no condition. `turnover_max` in euros, `years_*` of existence, NAF sections A to U.
    """

    conditions: tuple[str, ...]
    before_applying: str | None = None
    headcount_min: int | None = None
    headcount_max: int | None = None
    turnover_max: int | None = None
    years_min: float | None = None
    years_max: float | None = None
    legal_forms: tuple[str, ...] = ()
    naf_sections: tuple[str, ...] = ()
    departements: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expenses(Written):
    eligible: tuple[str, ...]
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document(Written):
    """A supporting document to join to the application."""

    name: str
    note: str | None = None


@dataclass(frozen=True)
class Application(Written):
    steps: tuple[str, ...]
    url: str | None = None


@dataclass(frozen=True)
class ProcessingTime(Written):
    """Usual processing time, in calendar days."""

    days: int
    summary: str


@dataclass(frozen=True)
class Source(Written):
    """Where the facts were read, and when."""

    name: str
    url: str
    read_on: date
    licence: str


@dataclass(frozen=True)
class Checked(Written):
    """Last check of the sheet by the Region."""

    on: date
    by: str


@dataclass(frozen=True)
class Aid(Written):
    """An aid scheme. `examples` names the keys (dotted for a part) whose content is an example, not a sourced fact."""

    slug: str
    name: str
    short_title: str
    purpose: str
    description: str
    perimeter: str
    audiences: tuple[Audience, ...]
    aid_type: AidType
    amount: Amount
    calendar: Calendar
    eligibility: Eligibility
    expenses: Expenses
    documents: tuple[Document, ...]
    application: Application
    combination: str
    payment: str
    processing_time: ProcessingTime
    common_errors: tuple[str, ...]
    contact: Contact
    origin_url: str
    source: Source
    checked: Checked
    aliases: tuple[str, ...] = ()
    project_examples: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    financers: tuple[str, ...] = ()
    instructors: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    sample: bool = False

    def __post_init__(self) -> None:
        unknown = {key for key in self.examples if not self._has(key)}
        if unknown:
            raise ValueError(f"examples : champ inconnu {', '.join(sorted(unknown))}")

    def is_example(self, key: str) -> bool:
        """Whether what stands under `key` ("expenses", or "expenses.excluded") is an example rather than a sourced fact."""
        return key in self.examples or key.split(".")[0] in self.examples

    def _has(self, key: str) -> bool:
        whole, _, part = key.partition(".")
        return whole in {f.name for f in fields(self)} and (not part or hasattr(getattr(self, whole), part))

    def is_closed(self, today: date) -> bool:
        """Whether the deadline has passed."""
        return self.calendar.deadline is not None and self.calendar.deadline < today

    def is_open(self, today: date) -> bool:
        """Whether one can apply today."""
        return not self.is_closed(today) and (self.calendar.opens is None or self.calendar.opens <= today)
