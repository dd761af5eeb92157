"""Sample content for a first run: files, an agent's account, mails in the sample mailbox."""

import secrets
import smtplib
import time
from pathlib import Path

from dossiers import store as dossier_store
from dossiers.csv_import import Refused, read_csv
from ecoute.settings import Settings
from ecoute.wire import Parts, now
from web.accounts.store import create_account, find_account

SAMPLES = Path(__file__).parent / "samples"
MAILBOX = "avis@region.exemple.fr"
LOGIN = "agent"


def import_files(parts: Parts, raw: bytes) -> tuple[int, tuple[Refused, ...]]:
    """Puts the files of a CSV in the database; gives how many, and the refused lines."""
    found = read_csv(raw, frozenset(aid.slug for aid in parts.catalogue.aids()))
    with parts.sessions.begin() as session:
        for dossier in found.dossiers:
            dossier_store.put(session, dossier)
    return len(found.dossiers), found.refused


def make_account(parts: Parts) -> None:
    """The sample agent, with a password made here and kept in a file that only the owner reads."""
    path = accounts_file(parts.settings)
    with parts.sessions() as session:
        if find_account(session, LOGIN):
            return
    password = open_account(parts, LOGIN, "Agent d'essai")
    path.touch(mode=0o600)
    path.write_text(f"Console : identifiant {LOGIN}, mot de passe {password}\n")


def open_account(parts: Parts, login: str, name: str) -> str:
    """Opens an account; gives its password, known nowhere else. Raises ValueError, in words, for a login that cannot be."""
    password = secrets.token_urlsafe(12)
    with parts.sessions.begin() as session:
        create_account(session, login, name, password, now())
    return password


def accounts_file(settings: Settings) -> Path:
    """Where the sample accounts are told."""
    return settings.var / "comptes-essai.txt"


def deliver_mails(settings: Settings) -> int:
    """Sends the sample mails to the sample mailbox, once in the life of the database. Waits up to 20 s for the server."""
    done = settings.var / "courriels-livres"
    if done.exists():
        return 0
    mails = sorted((SAMPLES / "mails").glob("*.eml"))
    with _connected(settings) as server:
        for mail in mails:
            server.sendmail("exemple@exemple.fr", [MAILBOX], mail.read_bytes())
    done.touch()
    return len(mails)


def _connected(settings: Settings) -> smtplib.SMTP:
    for _ in range(40):
        try:
            return smtplib.SMTP("127.0.0.1", settings.sample_smtp_port, timeout=10)
        except OSError:
            time.sleep(0.5)
    raise OSError("la boîte d'exemple ne répond pas")
