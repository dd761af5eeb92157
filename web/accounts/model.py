"""Who may enter the console, and the rule that slows down guessing. Pure."""

from dataclasses import dataclass
from datetime import timedelta

MAX_FAILURES = 5
WINDOW = timedelta(minutes=15)
MIN_PASSWORD = 12


@dataclass(frozen=True)
class Agent:
    """An agent who has signed in."""

    id: int
    login: str
    name: str


def plain_login(login: str) -> str:
    """The login as it is kept: case and spaces around it do not count."""
    return login.replace("\x00", "").strip().casefold()[:100]


def blocked(failures: int) -> bool:
    """Whether a login with this many failures within the window has to wait."""
    return failures >= MAX_FAILURES


def local_path(path: str) -> str:
    """`path` when it leads to a page of the console, else the console: a link may not send an agent to another site."""
    inside = path == "/console" or path.startswith(("/console/", "/console?"))
    return path if inside and "\\" not in path and path.isprintable() else "/console"
