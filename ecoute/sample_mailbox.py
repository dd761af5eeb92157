"""The sample mailbox: thirty mails delivered once by SMTP, and where the sample accounts are told."""

import smtplib
import time
from pathlib import Path

from ecoute.settings import Settings

SAMPLES = Path(__file__).parent / "samples"
MAILBOX = "avis@region.exemple.fr"


def accounts_file(settings: Settings) -> Path:
    """Where the sample accounts are told; only its owner may read it."""
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
