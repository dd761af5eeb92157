"""Turns the bytes of a mail into a Message. Pure."""

from email import message_from_bytes
from email.message import Message as Mail

from triage.automatic import why_automatic
from triage.body import attachments_of, leaves, text_of
from triage.errors import UnreadableMail
from triage.headers import TOLERANT, answered, header, recipients, sender, sent_at
from triage.model import Message
from triage.quoted import cut
from triage.returned import returned

MAX_TEXT = 200_000


def parse(raw: bytes, limit: int = MAX_TEXT) -> Message:
    """Reads a mail; its text is cut at `limit` characters. Raises UnreadableMail, and nothing else, whatever the bytes."""
    try:
        return _message(message_from_bytes(raw, policy=TOLERANT), limit)
    except Exception as error:  # one mail, however broken, must not stop the others
        raise UnreadableMail(type(error).__name__) from error


def _message(mail: Mail, limit: int) -> Message:
    parts = leaves(mail)
    text, quoted = cut(text_of(parts, limit))
    name, address = sender(mail)
    return Message(
        message_id=header(mail, "Message-ID")[:500] or None,
        subject=header(mail, "Subject")[:500],
        sender_name=name,
        sender_email=address,
        sent_at=sent_at(mail),
        text=text,
        quoted=quoted,
        attachments=attachments_of(parts),
        automatic=why_automatic(mail),
        answers_to=answered(mail),
        recipients=recipients(mail),
        returned=returned(mail),
    )
