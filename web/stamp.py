"""A sealed time stamp in a form: tells how long ago a page was given, without a cookie. Pure."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta


def seal(secret: str, at: datetime) -> str:
    """A stamp for a page given at this moment. No two are alike, so that it also names the page."""
    told = f"{int(at.timestamp())}-{secrets.token_hex(8)}"
    return f"{told}-{_mark(secret, told)}"


def age(secret: str, stamp: str, now: datetime) -> timedelta | None:
    """How long ago the page was given; None for a stamp that is not ours."""
    told, _, mark = stamp.rpartition("-")
    if not hmac.compare_digest(_mark(secret, told).encode(), mark.encode("utf-8", "replace")):
        return None
    return now - datetime.fromtimestamp(int(told.partition("-")[0]), UTC)


def _mark(secret: str, told: str) -> str:
    return hmac.new(secret.encode(), b"form|" + told.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
