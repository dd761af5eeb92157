"""Content put in the database from outside: files from a CSV, agents' accounts, and samples of both."""

import secrets

from dossiers import store as dossier_store
from dossiers.csv_import import Refused, read_csv
from ecoute.sample_mailbox import SAMPLES, accounts_file
from ecoute.wire import Parts, now
from history.model import What
from history.store import note
from people.rights import Role
from web.accounts.model import plain_login
from web.accounts.store import create_account, find_account, replace_password

LOGIN = "agent"


def add_content(parts: Parts) -> None:
    """The sample files and the sample agent, whose password is made here and kept in a file that only the owner reads."""
    import_files(parts, (SAMPLES / "dossiers.csv").read_bytes())
    with parts.sessions() as session:
        if find_account(session, LOGIN):
            return
    password = open_account(parts, LOGIN, "Agent d'essai")
    path = accounts_file(parts.settings)
    path.touch(mode=0o600)
    path.write_text(f"Compte d'essai : identifiant {LOGIN}, mot de passe {password}\n")


def import_files(parts: Parts, raw: bytes) -> tuple[int, tuple[Refused, ...]]:
    """Puts the files of a CSV in the database; gives how many, and the refused lines. Raises UnreadableFile."""
    found = read_csv(raw, frozenset(aid.slug for aid in parts.catalogue.aids()))
    with parts.sessions.begin() as session:
        for dossier in found.dossiers:
            dossier_store.put(session, dossier)
    return len(found.dossiers), found.refused


def open_account(parts: Parts, login: str, name: str, role: str = Role.AGENT, email: str = "") -> str:
    """Opens an account; gives its password, known nowhere else. Raises ValueError, in words, for a login or a role that cannot be."""
    if role not in set(Role):
        raise ValueError(f"« {role} » n'est pas un rôle ; rôles possibles : {', '.join(Role)}")
    password = secrets.token_urlsafe(12)
    with parts.sessions.begin() as session:
        create_account(session, login, name, password, now(), Role(role), email)
        note(session, "ecoute add-agent", What.ACCOUNT_OPENED, f"compte {plain_login(login)}", after=f"{name}, {role}", at=now())
    return password


def new_password(parts: Parts, login: str) -> str:
    """A new password for an account; its sessions end. Raises ValueError, in words, when there is no such account."""
    password = secrets.token_urlsafe(12)
    with parts.sessions.begin() as session:
        if not replace_password(session, login, password):
            raise ValueError(f"aucun compte « {login} »")
        note(session, "ecoute reset-password", What.PASSWORD_CHANGED, f"compte {plain_login(login)}", at=now())
    return password
