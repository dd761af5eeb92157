"""Whether a message is acknowledged at once, and with what facts. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from language.dates import in_words
from triage.model import Message

PURPOSE = "acknowledgement"
MOST_A_DAY = 2
"""Acknowledgements to one address over 24 hours: the first, and one beyond it."""
DAY = timedelta(days=1)
OLDEST = timedelta(days=15)
"""What was sent longer ago is no longer acknowledged: a mailbox that is sorted for the first time holds years."""
PARIS = ZoneInfo("Europe/Paris")

_NOBODY = re.compile(
    r"(?:no|ne|do[-_.]?not)[-_.]?(?:reply|repl?y|pas[-_.]?repondre|repondre)|(?:ne|pas)[-_.]pas[-_.]repondre|pas[-_.]?de[-_.]?reponse"
    r"|nepasrepondre|mailer-daemon|postmaster|bounces?|notifications?|listserv|majordomo|abuse|hostmaster|webmaster"
    r"|.*[-_.+](?:no-?reply|bounces?)|.*-(?:request|owner)|owner-.*|(?:no-?reply|bounces?|notifications?)[-_.+].*"
)


@dataclass(frozen=True)
class Facts:
    """What an acknowledgement tells of its message."""

    reference: str
    received_at: datetime
    due_on: date | None
    answer_days: int | None
    now: datetime

    def in_words(self) -> dict[str, str]:
        """By name of placeholder (`answers.mails.OF_THE_MOMENT`)."""
        received = self.received_at.astimezone(PARIS).date()
        return {
            "reference": self.reference,
            "received_on": in_words(received, weekday=True),
            "answer_by": deadline(self.due_on, self.answer_days, self.now.astimezone(PARIS).date()),
            "implicit_on": in_words(two_months_after(received), weekday=True),
        }


def why_not(
    name: str | None,
    message: Message,
    received_at: datetime,
    now: datetime,
    is_ours: Callable[[str], bool],
    is_address: Callable[[str], bool],
) -> str | None:
    """Why this message is not acknowledged, in words; None when it is. What depends on other messages is not looked at here."""
    address = message.sender_email.strip()
    if name is None:
        return "la table de routage n'en prévoit pas"
    if message.automatic is not None:
        return f"message automatique ({message.automatic})"
    if not address or not is_address(address):
        return "pas d'adresse à qui répondre"
    if is_ours(address):
        return "notre propre adresse"
    if is_nobody(address):
        return "adresse qui ne lit pas les réponses"
    if now - received_at > OLDEST:
        return f"message de plus de {OLDEST.days} jours"
    return None


def is_nobody(address: str) -> bool:
    """Whether an address says by its name that nobody reads what comes to it."""
    return bool(_NOBODY.fullmatch(address.strip().lower().rpartition("@")[0]))


def deadline(due_on: date | None, answer_days: int | None, today: date) -> str:
    """ "au plus tard le mardi 8 décembre 2026 (10 jours ouvrés)"; a day that has passed is not promised."""
    if due_on is None or due_on < today:
        return "dès que possible"
    days = "" if answer_days is None else f" ({answer_days}\u00a0{'jour ouvré' if answer_days == 1 else 'jours ouvrés'})"
    return f"au plus tard le {in_words(due_on, weekday=True)}{days}"


def two_months_after(day: date) -> date:
    """The same day two months later, or the last of that month."""
    month = day.month + 2
    year, month = day.year + (month - 1) // 12, (month - 1) % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))
