"""Tells mails sent by machines, which nobody must answer (RFC 3834, RFC 2919, delivery reports). Pure."""

import re
from email.message import Message as Mail

from triage.headers import header, sender

_LISTS = ("List-Id", "List-Unsubscribe", "List-Post", "List-Help", "Mailing-List", "Feedback-ID")
_AUTOREPLIES = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Vacation")
_ROBOTS = re.compile(r"(mailer-daemon|postmaster|bounces?|listserv|majordomo)([+-].*)?@", re.IGNORECASE)
_AWAY = re.compile(
    r"(réponse|reponse|message) automatique\b"
    r"|(automatic|auto)[ -]?(reply|response)\b|autoreply\b|out of (the )?office\b"
    r"|(je suis )?absen(ce|te?) (du|de mon|temporaire du) bureau\b"
    r"|(notification|message) d['’]absence\b|absence\s*:|\[absence\]|en congés?\s*:"
    r"|vacation reply\b",
    re.IGNORECASE,
)
_BOUNCE = re.compile(
    r"undeliver(ed|able)|delivery status notification|mail delivery (failed|failure|subsystem)|returned mail"
    r"|delivery (has )?failed|échec de (la )?(remise|distribution)|non[ -]remis|message non distribué",
    re.IGNORECASE,
)


SURE = frozenset({"bounce", "auto-submitted"})
"""Signs that only machines give. The others (a list's headers, the words of a subject) may stand on a person's mail: it is read and shown."""


def why_automatic(message: Mail) -> str | None:
    """The sign by which a machine is known ("bounce", "auto-submitted", "list", "bulk", "out-of-office"), None for a person."""
    signs = (("bounce", _bounced), ("auto-submitted", _submitted), ("list", _listed), ("bulk", _bulk), ("out-of-office", _away))
    return next((reason for reason, holds in signs if holds(message)), None)


def _bounced(message: Mail) -> bool:
    if message.get_content_type() == "multipart/report":
        return True
    robot = bool(_ROBOTS.match(sender(message)[1]))
    empty_path = header(message, "Return-Path").replace(" ", "") == "<>"
    return robot or (empty_path and bool(_BOUNCE.match(header(message, "Subject")))) or bool(header(message, "X-Failed-Recipients"))


def _submitted(message: Mail) -> bool:
    value = header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return value not in ("", "no") or any(header(message, name).lower() not in ("", "no", "false") for name in _AUTOREPLIES)


def _listed(message: Mail) -> bool:
    return any(header(message, name) for name in _LISTS)


def _bulk(message: Mail) -> bool:
    return header(message, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply")


def _away(message: Mail) -> bool:
    # Only as the subject's first words: a person may well complain of "une réponse automatique".
    return bool(_AWAY.match(header(message, "Subject")))
