"""Writes the bytes of a mail: the same mail gives the same bytes, however often it is sent. Pure."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from outbox.errors import CannotCompose
from outbox.model import Identity, Outgoing

THREAD = ("In-Reply-To", "References")
HEADERS = (*THREAD, "Reply-To", "Auto-Submitted", "X-Auto-Response-Suppress")
MAX_SUBJECT = 500
MAX_REFERENCES = 20
MAX_LINE = 998
"""Longest line of a mail, in bytes (RFC 5322, 2.1.1)."""

# Accepted by every server without the SMTPUTF8 extension.
_POLICY = SMTP.clone(cte_type="7bit")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[^\s@<>()\[\],;:\\\"]{1,190}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,250}>")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

FROM_A_MACHINE = (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"))
"""Says that nobody wrote this answer, so that no machine answers it (RFC 3834; Exchange reads the second)."""


def compose(mail: Outgoing, sender: Identity, message_id: str, at: datetime) -> bytes:
    """The mail as it goes to the server. Raises CannotCompose when its address or a header cannot be written."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(sender.address, sender.name)
    message["To"] = _address(mail.to)
    message["Subject"] = one_line(mail.subject)[:MAX_SUBJECT]
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    threads: list[bytes] = []
    for name, value in mail.headers:
        if name not in HEADERS:
            raise CannotCompose(f"L'en-tête {one_line(name)} ne peut pas être écrit.")
        if name in THREAD:
            # Written by hand: the standard library breaks identifiers longer than a line, and the thread with them.
            ids = message_ids(value)
            threads += [f"{name}: {'\r\n '.join(ids)}\r\n".encode()] if ids else []
        else:
            message[name] = _address(value) if name == "Reply-To" else one_line(value)
    message.set_content(_CONTROLS.sub("", _encodable(mail.text)), cte="quoted-printable")
    for file in mail.attachments:
        if file.media_type == "message/rfc822" and (whole := _another_mail(file.content)):
            message.add_attachment(whole, cte="7bit", filename=one_line(file.name)[:150] or "message.eml")
            continue
        kind = file.media_type.lower() if _MEDIA_TYPE.fullmatch(file.media_type.lower()) else "application/octet-stream"
        if kind.startswith(("multipart/", "message/")):
            kind = "application/octet-stream"
        main, _, sub = kind.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=one_line(file.name)[:150] or "fichier")
    if mail.attachments:
        message.set_boundary("=_" + hashlib.sha256(message_id.encode()).hexdigest()[:40])
    return b"".join(threads) + message.as_bytes()


def message_ids(text: str) -> tuple[str, ...]:
    """Identifiers that stand in an In-Reply-To or References header: the first one, and the last of a long list."""
    found = tuple(dict.fromkeys(_MESSAGE_ID.findall(text)))
    return found if len(found) <= MAX_REFERENCES else (found[0], *found[1 - MAX_REFERENCES :])


def in_answer_to(message_id: str | None, references: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Headers by which an answer stands under what it answers (RFC 5322, 3.6.4); none when the mail had no identifier."""
    if not message_id:
        return ()
    earlier = [each for each in references if each != message_id]
    return (("In-Reply-To", message_id), ("References", " ".join([*earlier, message_id])))


def is_address(text: str) -> bool:
    """Whether a mail can be sent to this address."""
    return bool(_ADDRESS.fullmatch(text)) and text.partition("@")[0].isascii() and ".." not in text


def one_line(text: str) -> str:
    """For a header: no line breaks nor control characters, nor anything that cannot be written."""
    return " ".join(_BREAKS.sub(" ", _encodable(text)).split())


def _another_mail(raw: bytes) -> EmailMessage | None:
    """A mail to stand inside another one, which may not be encoded as a whole (RFC 2046, 5.2.1); None when it cannot be written so."""
    try:
        found, again = (message_from_bytes(raw, policy=_POLICY) for _ in range(2))
        written = found.as_bytes()
        plain = written.isascii() and all(len(line) <= MAX_LINE for line in written.splitlines())
        # What has no boundary of its own would get another one each time.
        return found if plain and written == again.as_bytes() else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, MessageError):
        return None


def _address(text: str, name: str = "") -> Address:
    text = text.strip()
    if not is_address(text):
        raise CannotCompose(f"L'adresse « {one_line(text)[:254]} » ne peut pas recevoir de courriel.")
    user, _, domain = text.partition("@")
    try:
        return Address(one_line(name), user, domain if domain.isascii() else domain.encode("idna").decode())
    except (ValueError, IndexError, UnicodeError) as error:
        raise CannotCompose(f"L'adresse « {one_line(text)[:254]} » ne peut pas recevoir de courriel.") from error


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
