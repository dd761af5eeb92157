"""Tells mails sent by machines, which nobody must answer (RFC 3834, RFC 2919, delivery reports). Pure."""

import re
from email.message import Message as Mail

from triage.headers import header, sender

_LISTS = ("List-Id", "List-Unsubscribe", "List-Post", "List-Help", "Mailing-List", "Feedback-ID")
_AUTOREPLIES = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Vacation")
_ROBOTS = re.compile(
    r"(mailer-daemon|postmaster|bounces?|listserv|majordomo|owner)([+-].*)?@|[\w.+-]+-(request|bounces?|owner)@", re.IGNORECASE
)
_AWAY = re.compile(
    r"(re\s?:\s*)?[\[(]?((réponse|reponse|message) automatique\b"
    r"|(automatic|auto)[ -]?(reply|response|réponse)\b|autoreply\b|(i am |i'm |i will be )?(currently )?out[ -]of[ -](the[ -]|my[ -])?office\b"
    r"|ooo\s*:|(je suis |je serai )?(actuellement )?absen(ce|te?) (du|de mon|temporaire du) bureau\b"
    r"|(je suis |je serai )?(actuellement )?absente? (jusqu['’]|du \d|le \d)"
    r"|(notification|message|avis) d['’]absence\b|absence\s*[:\]]|en congés?\s*[:\]]|en congés? jusqu['’]"
    r"|(on )?(vacation|annual leave) (reply|response|until)\b|on (vacation|annual leave)\s*:)",
    re.IGNORECASE,
)
_BOUNCE = re.compile(
    r"undeliver(ed|able)|delivery status notification|mail delivery (failed|failure|subsystem)|returned mail"
    r"|delivery (has )?failed|échec de (la )?(remise|distribution)|non[ -]remis|message non distribué",
    re.IGNORECASE,
)


AWAY = "out-of-office"
SURE = frozenset({"bounce", "auto-submitted"})
"""Signs that only machines give. The others (a list's headers, the words of a subject) may stand on a person's mail: it is read and shown,
but no machine answers it."""


def why_automatic(message: Mail) -> str | None:
    """The sign by which a machine is known ("bounce", "auto-submitted", "list", "bulk", "out-of-office", "no-return-path",
    "no-answer-wanted"), None for a person."""
    signs = (
        *(("bounce", _bounced), ("auto-submitted", _submitted), ("list", _listed), ("bulk", _bulk), (AWAY, _away)),
        *(("no-return-path", _pathless), ("no-answer-wanted", _suppressed)),
    )
    return next((reason for reason, holds in signs if holds(message)), None)


def _bounced(message: Mail) -> bool:
    if message.get_content_type() == "multipart/report":
        return True
    robot = bool(_ROBOTS.match(sender(message)[1]))
    return robot or (_pathless(message) and bool(_BOUNCE.match(header(message, "Subject")))) or bool(header(message, "X-Failed-Recipients"))


def _submitted(message: Mail) -> bool:
    # A keyword, then comments and parameters as one likes.
    value = re.split(r"[;(\s]", header(message, "Auto-Submitted").strip(), maxsplit=1)[0].lower()
    return value not in ("", "no") or any(header(message, name).lower() not in ("", "no", "false") for name in _AUTOREPLIES)


def _listed(message: Mail) -> bool:
    return any(header(message, name) for name in _LISTS)


def _bulk(message: Mail) -> bool:
    return header(message, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply")


def _pathless(message: Mail) -> bool:
    return header(message, "Return-Path").replace(" ", "") == "<>"


def _suppressed(message: Mail) -> bool:
    asked = {each.strip().lower() for each in header(message, "X-Auto-Response-Suppress").split(",")}
    return bool(asked & {"all", "autoreply", "oof"})


def _away(message: Mail) -> bool:
    # Only as the subject's first words: a person may well complain of "une réponse automatique".
    return bool(_AWAY.match(header(message, "Subject")))
