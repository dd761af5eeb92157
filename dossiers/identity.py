"""Proof that a person owns a file: a six-digit code sent to the file's e-mail address. Pure."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CODE_LIFE = timedelta(minutes=10)
MAX_TRIES = 5
MAX_SENT_PER_HOUR = 5
MAX_SENT_PER_DAY = 10
MAX_TRIES_PER_DAY = 15
MAX_SENT_BY_ALL_PER_HOUR = 300

_NUMBER = re.compile(r"\b([A-Za-z]{2,4})[\s\u2013-]?(\d{4})[\s\u2013-]?(\d{5})\b|(?<!\d)(\d{6,9})(?!\d)")
_CODE = re.compile(r"(?<!\d)(\d{3})[\s.-]?(\d{3})(?!\d)")


class Verdict(StrEnum):
    """What came of a code that was tried."""

    RIGHT = "right"
    WRONG = "wrong"
    OVER = "over"
    """Expired, used, tried too often, or never sent: a new one has to be asked for."""


@dataclass(frozen=True)
class Challenge:
    """A code that was asked for, known only by its hash. `used`: it has served, or may serve no more.

    `owner`: keyed hash of the address that it was mailed to; "" while it was mailed to nobody.
    """

    number: str
    conversation: str
    code_hash: str
    expires_at: datetime
    tries: int = 0
    used: bool = False
    owner: str = ""


def find_number(text: str) -> str | None:
    """The file number in what a person typed, in its canonical writing ("exp 2026 123" is not one)."""
    found = _NUMBER.search(text)
    if not found:
        return None
    prefix, year, rank, digits = found.groups()
    return digits or f"{prefix.upper()}-{year}-{rank}"


def find_code(text: str) -> str | None:
    """The six digits of a code, typed in one or two groups."""
    found = _CODE.search(text)
    return found and found.group(1) + found.group(2)


def new_code() -> str:
    """Six unpredictable digits."""
    return f"{secrets.randbelow(10**6):06d}"


def hash_code(code: str, number: str, conversation: str, secret: str) -> str:
    """Keyed hash, so that a copy of the database gives no code away; bound to the file and the conversation."""
    return hmac.new(secret.encode(), f"{number}|{conversation}|{code}".encode(), hashlib.sha256).hexdigest()


def hash_owner(email: str, number: str, conversation: str, secret: str) -> str:
    """Keyed hash of the address that a code is mailed to: the file read afterwards must be of the same person."""
    sealed = f"owner|{number}|{conversation}|{email.strip().casefold()}"
    return hmac.new(secret.encode(), sealed.encode(), hashlib.sha256).hexdigest()


def is_owner(challenge: Challenge, email: str, secret: str) -> bool:
    """Whether the code of `challenge` was mailed to this address."""
    wanted = hash_owner(email, challenge.number, challenge.conversation, secret)
    return hmac.compare_digest(wanted, challenge.owner)


def judge(challenge: Challenge | None, code: str, secret: str, now: datetime) -> Verdict:
    """Whether `code` opens the file of `challenge`. The caller counts the try.

    A code that was mailed to nobody opens nothing, even guessed.
    """
    if challenge is None or challenge.used or challenge.tries >= MAX_TRIES or now >= challenge.expires_at:
        return Verdict.OVER
    given = hash_code(code, challenge.number, challenge.conversation, secret)
    right = hmac.compare_digest(given, challenge.code_hash)
    return Verdict.RIGHT if right and challenge.owner else Verdict.WRONG
