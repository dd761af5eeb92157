"""Entries of the history, and the seal that chains them. Pure."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

FIRST_SEAL = "0" * 64
"""What the first entry is chained to."""


class What(StrEnum):
    """What somebody did. The words that people read are in WORDS."""

    READ = "lu"
    READ_RAW = "lu_origine"
    SEARCHED = "cherche"
    CHANGED = "change"
    ANSWERED = "repondu"
    DRAFTED = "brouillon"
    EXPORTED = "exporte"
    SIGNED_IN = "connecte"
    SIGN_IN_REFUSED = "connexion_refusee"
    ACCOUNT_OPENED = "compte_ouvert"
    ACCOUNT_CHANGED = "compte_change"
    PASSWORD_CHANGED = "mot_de_passe"  # noqa: S105 - what was done, not a secret
    SECOND_FACTOR = "second_facteur"
    SESSION_CLOSED = "session_fermee"
    PURGED = "purge"
    MODEL_CHANGED = "modele"


WORDS = {
    What.READ: "a ouvert",
    What.READ_RAW: "a téléchargé le message d'origine",
    What.SEARCHED: "a cherché une personne",
    What.CHANGED: "a changé",
    What.ANSWERED: "a répondu",
    What.DRAFTED: "a écrit un brouillon",
    What.EXPORTED: "a exporté",
    What.SIGNED_IN: "s'est connecté",
    What.SIGN_IN_REFUSED: "n'a pas pu se connecter",
    What.ACCOUNT_OPENED: "a ouvert le compte",
    What.ACCOUNT_CHANGED: "a changé le compte",
    What.PASSWORD_CHANGED: "a changé le mot de passe",
    What.SECOND_FACTOR: "a changé le second facteur",
    What.SESSION_CLOSED: "a fermé une session",
    What.PURGED: "a effacé les lignes anciennes",
    What.MODEL_CHANGED: "a changé le modèle de tri",
}


@dataclass(frozen=True)
class Entry:
    """One line of the history. `number` counts from 1 without a gap.

    `who`: name of the person at that time, `person`: id of the account (None: a command). `about`: what it was done to, such as
    "AV-2026-000123", "conversation 3f…" or "compte agnes". `before` and `after`: short values, never the body of a message.
    """

    number: int
    at: datetime
    person: int | None
    who: str
    what: str
    about: str
    before: str | None
    after: str | None
    previous: str

    def seal(self) -> str:
        """SHA-256 of the entry and of the seal before it: none can be changed without changing all that follow."""
        told = [self.number, self.at.astimezone(UTC).isoformat(timespec="microseconds"), self.person, self.who, self.what, self.about]
        told += [self.before, self.after, self.previous]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")).hexdigest()


def flaws(entries: Iterable[tuple[Entry, str]]) -> list[str]:
    """What is wrong in a chain of entries with the seal kept of each, in order: in words, empty when all holds.

    A chain may begin after a purge; then an entry of it must say so: what is kept of a purge is the number and the seal of the last
    line erased (`before`: "1-42", `after`: the seal).
    """
    found: list[str] = []
    purges: dict[int, str] = {}
    beginning: Entry | None = None
    last: tuple[int, str] | None = None
    for entry, kept in entries:
        if entry.seal() != kept:
            found.append(f"la ligne {entry.number} a été modifiée")
        if last is None:
            beginning = entry
        elif entry.number != last[0] + 1:
            found.append(f"il manque des lignes entre {last[0]} et {entry.number}")
        elif entry.previous != last[1]:
            found.append(f"la ligne {entry.number} ne suit pas celle qui la précède")
        if entry.what == What.PURGED and entry.after and entry.before:
            purges[int(entry.before.rpartition("-")[2])] = entry.after
        last = (entry.number, kept)
    if beginning is not None:
        begun = (beginning.number - 1, beginning.previous)
        if begun != (0, FIRST_SEAL) and purges.get(begun[0]) != begun[1]:
            found.append(f"le début manque : aucune ligne d'effacement n'explique que l'historique commence à {beginning.number}")
    return found
