"""Sends a plain mail by SMTP."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 10


def send_mail(url: str, sender: str, to: str, subject: str, text: str) -> None:
    """Sends by `url`: smtp://host:port, smtp+tls://user:password@host:port (STARTTLS) or smtps://user:password@host:port.

    Raises OSError or smtplib.SMTPException when it could not be handed over.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"], message["Message-ID"] = formatdate(localtime=False), make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    with connect(url) as server:
        server.send_message(message)


def connect(url: str) -> smtplib.SMTP:
    """A session at the server of `url`, its certificate verified, logged in. Raises OSError or smtplib.SMTPException."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise OSError("aucun serveur d'envoi : réglez ECOUTE_SMTP_URL")
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(parts.hostname, parts.port or 0, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(parts.hostname, parts.port or 0, timeout=TIMEOUT_SECONDS)
    try:
        if parts.scheme == "smtp+tls":
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server
