"""Who may enter the console. Pure."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from desk.model import inside_console
from people.rights import Right, Role, may

MIN_PASSWORD = 12
MAX_PASSWORD = 200


class Stage(StrEnum):
    """How far a sign-in has come: the code is asked for, a second factor has to be set up first, or the console is open."""

    CODE = "code"
    ENROL = "enrol"
    OPEN = "open"


@dataclass(frozen=True)
class Agent:
    """Somebody who has signed in. `scopes`: commitments and services that a référent answers for; `session`: handle of this session."""

    id: int
    login: str
    name: str
    role: Role = Role.AGENT
    scopes: tuple[str, ...] = ()
    session: str = ""

    def may(self, right: Right) -> bool:
        """Whether this person has the right."""
        return may(self.role, right)


@dataclass(frozen=True)
class Rules:
    """What the settings ask of accounts. `secret` seals what is kept; `second_factor`: roles that need one; `idle`: a session that did
    nothing for so long is over; `life`: it is over in any case; `site`: public address that links lead to (that of the request when empty)."""

    secret: str
    secure: bool = False
    life: timedelta = timedelta(hours=10)
    idle: timedelta = timedelta(hours=1)
    second_factor: frozenset[Role] = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
    service: str = field(default="Écoute+")
    site: str = ""


def plain_login(login: str) -> str:
    """The login as it is kept: case and spaces around it do not count."""
    return login.replace("\x00", "").strip().casefold()[:100]


def plain_email(email: str) -> str:
    """An address as it is kept and compared: case and spaces around it do not count."""
    return email.replace("\x00", "").strip().lower()[:254]


def password_fault(password: str, login: str) -> str:
    """Why a password cannot be taken, in words; empty when it can. Length is what counts: no signs are imposed."""
    if len(password) < MIN_PASSWORD:
        return f"Le mot de passe est trop court : {MIN_PASSWORD} caractères au moins."
    if len(password) > MAX_PASSWORD:
        return f"Le mot de passe est trop long : {MAX_PASSWORD} caractères au plus."
    if len(set(password)) < 5:
        return "Le mot de passe répète trop les mêmes caractères. Choisissez par exemple quatre mots sans lien."
    if len(login) > 3 and login.casefold() in password.casefold():
        return "Le mot de passe contient l'identifiant. Choisissez-en un autre."
    return ""


def first_page(role: Role, wanted: str) -> str:
    """Where a sign-in leads: the page wanted, or the first that this role may open."""
    path = inside_console(wanted)
    return "/console/equipe" if path == "/console" and not may(role, Right.READ_MESSAGES) else path
