"""An aid scheme, as an editor writes it and a citizen reads it."""

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from math import inf
from typing import ClassVar

from aids.places import gazetteer
from store.web_address import check_page


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
    PROFESSION_LIBERALE = "profession_liberale"


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
    Audience.PROFESSION_LIBERALE: "professions libérales",
}


class Project(StrEnum):
    """What an aid pays for, in the few kinds that a search can tell apart. `DEVELOPPER`: any project of a company."""

    CREER = "creer"
    EQUIPER = "equiper"
    AMENAGER = "amenager"
    NUMERISER = "numeriser"
    EXPORTER = "exporter"
    RECRUTER = "recruter"
    DEVELOPPER = "developper"
    RENOVER = "renover"
    VELO = "velo"
    VOITURE = "voiture"
    PERMIS = "permis"
    TRANSPORT_SCOLAIRE = "transport_scolaire"
    PARTIR = "partir"
    SOLIDARITE = "solidarite"
    CULTURE = "culture"


PROJECT_LABELS = {
    Project.CREER: "créer ou reprendre une entreprise",
    Project.EQUIPER: "acheter du matériel ou un véhicule",
    Project.AMENAGER: "faire des travaux dans un local",
    Project.NUMERISER: "s'équiper en informatique",
    Project.EXPORTER: "vendre à l'étranger",
    Project.RECRUTER: "recruter et former",
    Project.DEVELOPPER: "développer une entreprise",
    Project.RENOVER: "rénover un logement",
    Project.VELO: "acheter un vélo",
    Project.VOITURE: "acheter une voiture personnelle",
    Project.PERMIS: "passer le permis",
    Project.TRANSPORT_SCOLAIRE: "prendre le car ou le train pour l'école",
    Project.PARTIR: "étudier ou faire un stage à l'étranger",
    Project.SOLIDARITE: "mener un projet solidaire",
    Project.CULTURE: "organiser un événement ou faire vivre un patrimoine",
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

    def __post_init__(self) -> None:
        check_page(self.url)


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

    def __post_init__(self) -> None:
        for rate in (self.rate_min, self.rate_max):
            if rate is not None and not 0 <= rate <= 100:
                raise ValueError(f"un taux va de 0 à 100 %, et non {rate:g}")
        for amount in (self.floor, self.ceiling, self.budget_min):
            if amount is not None and amount < 0:
                raise ValueError(f"un montant n'est pas négatif : {amount}")
        for name, least, most in (("taux", self.rate_min, self.rate_max), ("montant", self.floor, self.ceiling)):
            if least is not None and most is not None and least > most:
                raise ValueError(f"le {name} le plus bas ({least:g}) dépasse le plus haut ({most:g})")


@dataclass(frozen=True)
class Calendar(Written):
    summary: str
    recurrence: Recurrence
    opens: date | None = None
    pre_deposit: date | None = None
    deadline: date | None = None


NAF_SECTIONS = frozenset("ABCDEFGHIJKLMNOPQRSTU")


@dataclass(frozen=True)
class Condition(Written):
    """`text` is what people read; the rest is the same in values that a search can compare. Without any, only a person can check it.

    Bounds are included: "moins de 10 salariés" is `headcount_max: 9`. `turnover_*` and `budget_*` (of the project) in euros, `years_*` of
    existence of the company, `age_*` of the person. `regions` by name, `departements` by code, `communes` by Insee code: one of them is
    enough. `partly`: the values are needed and not enough, so that something is left to check when they hold.
    """

    text: str
    audiences: tuple[Audience, ...] = ()
    not_audiences: tuple[Audience, ...] = ()
    regions: tuple[str, ...] = ()
    departements: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    naf_sections: tuple[str, ...] = ()
    not_naf_sections: tuple[str, ...] = ()
    headcount_min: int | None = None
    headcount_max: int | None = None
    turnover_max: int | None = None
    budget_min: int | None = None
    budget_max: int | None = None
    years_min: float | None = None
    years_max: float | None = None
    age_min: int | None = None
    age_max: int | None = None
    partly: bool = False

    def __post_init__(self) -> None:
        france = gazetteer()
        for key, values, known in (
            ("regions", self.regions, lambda name: name in france.regions),
            ("departements", self.departements, lambda code: code in france.departements),
            ("communes", self.communes, lambda code: france.commune(code) is not None),
            ("naf_sections", self.naf_sections + self.not_naf_sections, NAF_SECTIONS.__contains__),
        ):
            wrong = [value for value in values if not known(value)]
            if wrong:
                raise ValueError(f"{key} : « {wrong[0]} » n'existe pas")
        for key in ("headcount", "turnover", "budget", "years", "age"):
            least, most = getattr(self, f"{key}_min", None), getattr(self, f"{key}_max")
            if any(value is not None and not 0 <= value < inf for value in (least, most)):
                raise ValueError(f"{key} : un nombre positif est attendu")
            if least is not None and most is not None and least > most:
                raise ValueError(f"{key}_min ({least:g}) dépasse {key}_max ({most:g})")
        if self.partly and not self.has_values:
            raise ValueError("partly ne va qu'avec des valeurs à comparer")

    @property
    def has_values(self) -> bool:
        """Whether a search can compare anything."""
        return any(getattr(self, f.name) not in ((), None) for f in fields(self) if f.name not in ("text", "partly"))

    @property
    def has_place(self) -> bool:
        return bool(self.regions or self.departements or self.communes)


@dataclass(frozen=True)
class Eligibility(Written):
    conditions: tuple[Condition, ...]
    before_applying: str | None = None

    def texts(self) -> tuple[str, ...]:
        """The conditions as people read them."""
        return tuple(condition.text for condition in self.conditions)


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

    def __post_init__(self) -> None:
        check_page(self.url)


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

    def __post_init__(self) -> None:
        check_page(self.url)


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
    projects: tuple[Project, ...] = ()
    financers: tuple[str, ...] = ()
    instructors: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    sample: bool = False

    def __post_init__(self) -> None:
        check_page(self.origin_url)
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
