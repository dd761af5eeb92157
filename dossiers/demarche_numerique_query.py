"""What is asked of Démarche numérique (GraphQL API v2), and how its answers are read. Pure.

Names are those of its public schema (repository demarche-numerique/demarche.numerique.gouv.fr, app/graphql/schema.graphql). Only the fields
that are told, or that are needed to know whether they may be told, are asked for.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from dossiers.errors import OtherProcedure, TokenRefused, Unavailable, UnexpectedAnswer, UnknownDossier
from dossiers.model import ENDED, Correction, Dossier, State

PAGE = 100
LONGEST_WORDS = 500
LONGEST_READ = 20_000
LONGEST_WAIT_SECONDS = 86_400.0

EMAIL = """
query adresse($number: Int!) {
  dossier(number: $number) { demarche { number } connectionUsager usager { email } }
}
"""
STATUS = """
query etat($number: Int!) {
  dossier(number: $number) {
    demarche { number }
    connectionUsager
    usager { email }
    state
    dateDepot
    datePassageEnConstruction
    datePassageEnInstruction
    dateTraitement
    dateDerniereCorrectionEnAttente
    datePrevisionnelleDecisionSVASVR
    dateAccuseLectureAgreement
    motivation
    messages { id correction { reason dateResolution } }
  }
}
"""
WORDS = """
query message($number: Int!, $message: ID!) {
  dossier(number: $number) { messages(id: $message) { body } }
}
"""
DECISIONS = """
query decisions($demarche: Int!, $state: DossierState!, $since: ISO8601DateTime!, $last: Int!, $before: String) {
  demarche(number: $demarche) {
    dossiers(state: $state, updatedSince: $since, last: $last, before: $before) {
      pageInfo { hasPreviousPage startCursor }
      nodes { dateDepot dateTraitement }
    }
  }
}
"""

_REASONS = {"incomplete": Correction.INCOMPLET, "incorrect": Correction.INCORRECT, "outdated": Correction.PERIME}
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True)
class Followed:
    """Procedures whose files are told, each with the slug of its scheme ("": none); none named: all those that the token opens.

    `read_receipts`: those whose decision the person has to read on the platform first (accusé de lecture).
    """

    aids: Mapping[int, str] = field(default_factory=dict)
    read_receipts: frozenset[int] = frozenset()

    def slug(self, procedure: int) -> str:
        """Slug of its scheme. Raises OtherProcedure when its files are not told."""
        if self.aids and procedure not in self.aids:
            raise OtherProcedure
        return self.aids.get(procedure, "")


class _Asked(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class _Procedure(_Asked):
    number: int


class _Profile(_Asked):
    email: str


class _Owned(_Asked):
    demarche: _Procedure
    connection_usager: str
    usager: _Profile

    def email(self) -> str:
        """What the platform shows in place of the address of a closed account is not one."""
        return "" if self.connection_usager == "deleted" else self.usager.email


class _Correction(_Asked):
    reason: str
    date_resolution: datetime | None


class _Message(_Asked):
    id: str
    correction: _Correction | None


class _Status(_Owned):
    state: Literal["en_construction", "en_instruction", "accepte", "refuse", "sans_suite"]
    date_depot: datetime
    date_passage_en_construction: datetime
    date_passage_en_instruction: datetime | None
    date_traitement: datetime | None
    date_derniere_correction_en_attente: datetime | None
    expected: date | None = Field(alias="datePrevisionnelleDecisionSVASVR")
    date_accuse_lecture_agreement: datetime | None
    motivation: str | None
    messages: list[_Message]


class _Body(_Asked):
    body: str


class _Words(_Asked):
    messages: list[_Body]


class _PageInfo(_Asked):
    has_previous_page: bool
    start_cursor: str | None


class _Decided(_Asked):
    date_depot: datetime
    date_traitement: datetime | None


class _Page(_Asked):
    page_info: _PageInfo
    nodes: list[_Decided | None]


class _Dossiers(_Asked):
    dossiers: _Page


class _EmailAnswer(_Asked):
    dossier: _Owned


class _StatusAnswer(_Asked):
    dossier: _Status


class _WordsAnswer(_Asked):
    dossier: _Words


class _DecisionsAnswer(_Asked):
    demarche: _Dossiers


def data_of(answer: object) -> Mapping[str, Any]:
    """The data of a GraphQL answer.

    Raises UnknownDossier, OtherProcedure, TokenRefused, Unavailable or UnexpectedAnswer by the code of its first error.
    """
    if not isinstance(answer, dict):
        raise UnexpectedAnswer("la réponse n'est pas un objet JSON")
    errors = answer.get("errors")
    if errors:
        raise _refusal(errors)
    data = answer.get("data")
    if not isinstance(data, dict):
        raise UnexpectedAnswer("la réponse n'a pas de données")
    return data


def read_email(data: Mapping[str, Any], followed: Followed) -> tuple[str, str]:
    """Address of the person who filed the file ("": no account left), and slug of its scheme. Raises OtherProcedure or UnexpectedAnswer."""
    owned = _checked(_EmailAnswer, data).dossier
    return owned.email(), followed.slug(owned.demarche.number)


def read_status(number: str, data: Mapping[str, Any], followed: Followed, url: str) -> tuple[Dossier, str | None]:
    """The file, and the id of the message that asks for a correction. Raises OtherProcedure or UnexpectedAnswer."""
    told = _checked(_StatusAnswer, data).dossier
    slug = followed.slug(told.demarche.number)
    state = State(told.state)
    hidden = state in ENDED and told.demarche.number in followed.read_receipts and told.date_accuse_lecture_agreement is None
    # A file may be back under study after a decision: what was written then no longer holds.
    grounds = told.motivation or "" if state in ENDED and not hidden else ""
    asked_on = told.date_derniere_correction_en_attente if state not in ENDED else None
    asking = next((m for m in reversed(told.messages) if m.correction and m.correction.date_resolution is None), None) if asked_on else None
    reason = asking.correction.reason if asking and asking.correction else ""
    dossier = Dossier(
        number=number,
        aid_slug=slug,
        applicant="",
        email=told.email(),
        state=State.DECIDE if hidden else state,
        filed_on=_day(told.date_depot),
        state_since=_day(asked_on or _since(told, state)),
        # A reason added to the schema one day is still a correction asked for.
        correction=_REASONS.get(reason, Correction.INCORRECT) if asked_on else None,
        expected_decision_on=told.expected,
        agent_words=plain(grounds),
        url=url,
    )
    return dossier, asking.id if asking else None


def read_words(data: Mapping[str, Any]) -> str:
    """What a message says, in plain text; "" when it is there no more. Raises UnexpectedAnswer."""
    messages = _checked(_WordsAnswer, data).dossier.messages
    return plain(messages[0].body) if messages else ""


def read_decisions(data: Mapping[str, Any]) -> tuple[list[tuple[date, date]], str | None]:
    """(filed on, decided on) of a page of files, and the cursor of the page before it; None after the last. Raises UnexpectedAnswer."""
    page = _checked(_DecisionsAnswer, data).demarche.dossiers
    decided = [(_day(node.date_depot), _day(node.date_traitement)) for node in page.nodes if node and node.date_traitement]
    return decided, page.page_info.start_cursor if page.page_info.has_previous_page else None


def plain(written: str) -> str:
    """What an agent wrote, as one paragraph without its tags, cut at a word when it is long."""
    words = html.unescape(_TAG.sub(" ", written[:LONGEST_READ])).split()
    text = " ".join(words)
    return text if len(text) <= LONGEST_WORDS else text[:LONGEST_WORDS].rpartition(" ")[0] + "…"


def seconds_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a server asks to wait, a day at most: `Retry-After` (seconds or date), else `RateLimit-Reset` (Unix time).

    None when it says nothing that can be read.
    """
    asked, reset = (headers.get(name, "").strip() for name in ("retry-after", "ratelimit-reset"))
    try:
        if asked:
            wait = float(asked) if asked.isdecimal() else (parsedate_to_datetime(asked) - now).total_seconds()
        elif reset.isdecimal():
            wait = float(reset) - now.timestamp()
        else:
            return None
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, wait), LONGEST_WAIT_SECONDS)


def _refusal(errors: object) -> Exception:
    first = errors[0] if isinstance(errors, list) else None
    if not isinstance(first, dict):
        return UnexpectedAnswer("erreur sans forme connue")
    extensions = first.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    # Its words name types and fields, never what is in a file.
    said = str(first.get("message", ""))[:200]
    match code:
        case "not_found":
            return UnknownDossier()
        case "unauthorized":
            return OtherProcedure()
        case "forbidden" | "deprecated_token":
            return TokenRefused(said)
        case "timeout" | "internal_server_error":
            return Unavailable(said)
    return UnexpectedAnswer(said)


def _checked[Answer: BaseModel](form: type[Answer], data: Mapping[str, Any]) -> Answer:
    try:
        return form.model_validate(data)
    except ValidationError as error:
        # Where and why, never the value: it may be private.
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))} : {each['type']}" for each in error.errors(include_input=False)[:3])
        raise UnexpectedAnswer(f"champs inattendus, {wrong}") from None


def _since(told: _Status, state: State) -> datetime:
    moments = {State.EN_CONSTRUCTION: told.date_passage_en_construction, State.EN_INSTRUCTION: told.date_passage_en_instruction}
    moment = moments.get(state, told.date_traitement)
    if moment is None:
        raise UnexpectedAnswer(f"aucune date pour l'état {state}")
    return moment


def _day(moment: datetime) -> date:
    """The day in the platform's own time zone, the one that its pages show."""
    return moment.date()
