"""Hands mails over to an SMTP server. What the server says wrong comes as ServerAway, RefusedForNow or RefusedForGood."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Self
from urllib.parse import unquote, urlsplit

from outbox.errors import NotSent, RefusedForGood, RefusedForNow, ServerAway

QUICK_SECONDS = 10
"""For mails that a person waits for."""
PATIENT_SECONDS = 60

_LOCAL = {"localhost", "127.0.0.1", "::1"}
_TOO_BIG = 552
_MEANINGS = (
    # Enhanced codes of RFC 3463, the most telling first.
    (r"5\.1\.[1236]", "L'adresse n'existe pas."),
    (r"5\.1\.\d+", "L'adresse n'est pas acceptée."),
    (r"[45]\.2\.2", "La boîte du destinataire est pleine."),
    (r"[45]\.2\.1", "La boîte du destinataire est fermée."),
    (r"5\.(2\.3|3\.4)", "Le courriel est trop gros."),
    (r"[45]\.7\.\d+", "Le serveur du destinataire refuse nos courriels."),
)


def send_mail(url: str, sender: str, to: str, subject: str, text: str) -> None:
    """Sends at once a mail that a person waits for, such as a code; nothing is kept of it.

    Raises OSError or smtplib.SMTPException when it could not be handed over.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"], message["Message-ID"] = formatdate(localtime=False), make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    with connect(url) as server:
        server.send_message(message)


def connect(url: str, timeout: float = QUICK_SECONDS) -> smtplib.SMTP:
    """A session at the server of `url`: smtp://host:port, smtp+tls://user:password@host:port (STARTTLS) or smtps://user:password@host:port.

    Its certificate is verified; a password is never sent in clear to another machine. `timeout`: seconds for each answer.
    Raises OSError or smtplib.SMTPException.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        raise OSError("aucun serveur d'envoi : réglez ECOUTE_SMTP_URL")
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(parts.hostname, parts.port or 0, timeout=timeout, context=context)
    else:
        server = smtplib.SMTP(parts.hostname, parts.port or 0, timeout=timeout)
    try:
        in_clear = parts.scheme == "smtp" and bool(parts.username) and parts.hostname not in _LOCAL
        if parts.scheme == "smtp+tls" or in_clear:
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


class Post:
    """A session at the server, opened by `with`. Raises ServerAway when it cannot be opened."""

    def __init__(self, url: str, timeout: float = PATIENT_SECONDS) -> None:
        self._url, self._timeout = url, timeout
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        try:
            self._server = connect(self._url, self._timeout)
        except smtplib.SMTPAuthenticationError:
            raise ServerAway("Le serveur d'envoi refuse l'identifiant ou le mot de passe : vérifiez ECOUTE_SMTP_URL.") from None
        except smtplib.SMTPNotSupportedError:
            raise ServerAway("Le serveur d'envoi n'offre pas de chiffrement : le mot de passe n'est pas envoyé en clair.") from None
        except ssl.SSLCertVerificationError as error:
            raise ServerAway(f"Le certificat du serveur d'envoi est refusé : {error.verify_message}.") from None
        except (OSError, smtplib.SMTPException) as error:
            raise ServerAway(f"Le serveur d'envoi n'est pas joignable ({type(error).__name__}).") from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            try:
                self._server.quit()
            except (OSError, smtplib.SMTPException):
                self._server.close()
        self._server = None

    def hand_over(self, sender: str, to: str, raw: bytes, from_a_machine: bool) -> None:
        """Returns once the server has taken the mail. Raises RefusedForNow or RefusedForGood.

        An answer that no person wrote goes with an empty return path, so that its failure comes back to nobody (RFC 3834, 3.3);
        where the server wants a real one, with the sender's.
        """
        assert self._server is not None, "used outside `with`"
        try:
            if from_a_machine:
                try:
                    self._server.sendmail("", [to], raw)
                except smtplib.SMTPSenderRefused as error:
                    if error.smtp_code == _TOO_BIG or error.smtp_code < 500:
                        raise
                else:
                    return
            self._server.sendmail(sender, [to], raw)
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(*next(iter(error.recipients.values()))) from None
        except smtplib.SMTPSenderRefused as error:
            # Ours to mend, not the mail's fault: there are three days for it.
            raise _refusal(error.smtp_code if error.smtp_code == _TOO_BIG else 450, error.smtp_error) from None
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from None
        except (OSError, smtplib.SMTPException) as error:
            raise RefusedForNow(f"La liaison avec le serveur d'envoi s'est coupée ({type(error).__name__}).") from None


def _refusal(code: int, said: bytes | str) -> NotSent:
    """A refusal in words: its meaning where the code tells it, then what the server said."""
    text = " ".join((said.decode("utf-8", "replace") if isinstance(said, bytes) else said).split())
    meaning = next((words for pattern, words in _MEANINGS if re.search(rf"(?<![\d.]){pattern}(?![\d.])", text)), "")
    words = f"{meaning} Réponse du serveur : {code} {text}".strip()[:400]
    return RefusedForGood(words) if code >= 500 else RefusedForNow(words)
