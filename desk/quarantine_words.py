"""What the console says of mails in quarantine. Pure."""

from datetime import datetime

from desk.words import clock, weight
from language.dates import in_words

__all__ = ["moment", "reason", "tries", "weight"]

REASONS = {
    "WorkerKilled": "Sa lecture a arrêté le programme plusieurs fois.",
    "TooSlow": "Sa lecture demande trop de temps.",
    "MemoryError": "Sa lecture demande trop de mémoire.",
    "ReaderDied": "Sa lecture a arrêté le lecteur.",
    "RecursionError": "Ses parties sont emboîtées trop profondément.",
    "UnreadableMail": "Il ne peut pas être lu.",
}


def reason(error: str) -> str:
    """Why a mail could not be read, from the name of the error."""
    return REASONS.get(error, f"Erreur inattendue pendant sa lecture : {error}." if error else "Cause inconnue.")


def tries(attempts: int, replays: int) -> str:
    """How often it was read, and asked to be read again."""
    read = f"lu {attempts}\u00a0fois"
    again = f", relancé {replays}\u00a0fois" if replays else ""
    return read + again


def moment(at: datetime, now: datetime) -> str:
    """A day and a time where the agents work: `now` has their zone."""
    here = at.astimezone(now.tzinfo)
    return f"{in_words(here.date())} à {clock(at, now)}"
