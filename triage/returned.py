"""Reads what a delivery report says of the mail that comes back (RFC 3464). Pure."""

import re
from email.message import Message as Mail

from triage.headers import header
from triage.model import Returned

_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]{3,250}>)", re.IGNORECASE | re.MULTILINE)
_MOST_PARTS = 30
_MOST_TEXT = 20_000


def returned(mail: Mail) -> Returned | None:
    """The mail that a report gives up on; None when the mail is no report, or reports a delay or a success."""
    if mail.get_content_type() != "multipart/report" or mail.get_param("report-type") not in ("delivery-status", None):
        return None
    message_id, action, reason = "", "", ""
    for number, part in enumerate(mail.walk()):
        if number > _MOST_PARTS:
            break
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for block in _blocks(part):
                action = action or header(block, "Action").lower()
                reason = reason or header(block, "Diagnostic-Code").partition(";")[2].strip() or header(block, "Status")
        elif kind == "message/rfc822" and not message_id:
            inner = next(iter(_blocks(part)), None)
            found = _MESSAGE_ID.search(f"Message-ID: {header(inner, 'Message-ID')}") if inner is not None else None
            message_id = found[1] if found else ""
        elif kind in ("text/rfc822-headers", "message/rfc822-headers") and not message_id:
            found = _MESSAGE_ID.search(_text(part))
            message_id = found[1] if found else ""
    return Returned(message_id, reason[:300]) if message_id and action == "failed" else None


def _blocks(part: Mail) -> list[Mail]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Mail)] if isinstance(payload, list) else []


def _text(part: Mail) -> str:
    payload = part.get_payload(decode=True)
    return payload[:_MOST_TEXT].decode("utf-8", "replace") if isinstance(payload, bytes) else ""
