"""Codes of an authenticator application (TOTP, RFC 6238), and recovery codes. Pure but for chance."""

import base64
import hashlib
import hmac
import io
import secrets
from datetime import datetime

import pyotp
import segno
from markupsafe import Markup

STEP = 30
RECOVERY_CODES = 10


def new_secret() -> str:
    """A secret to share with the application: 160 bits."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, now: datetime, last: int | None) -> int | None:
    """The 30-second step that the code is of: the present one, or a neighbour for clocks that differ. None: wrong, or used already.

    `last`: step of the last code accepted; a code of that step or before is refused, so that none serves twice.
    """
    typed = "".join(code.split())
    present = int(now.timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    for step in (present - 1, present, present + 1):
        right = hmac.compare_digest(totp.at(step * STEP).encode(), typed.encode("utf-8", "replace"))
        if right and (last is None or step > last):
            return step
    return None


def address(secret: str, login: str, service: str) -> str:
    """What the QR code says to the application."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=service)


def picture(text: str, title: str) -> Markup:
    """The QR code of a text as SVG, black on white in both themes, with a title for those who do not see it."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn,
        kind="svg",
        scale=5,
        border=4,
        light="#fff",
        xmldecl=False,
        svgns=False,
        title=title,
        svgclass="qr",
        lineclass=None,
        omitsize=True,
    )
    return Markup(drawn.getvalue().decode().replace("<svg ", '<svg role="img" ', 1))  # noqa: S704 - segno writes it, from our own words


def spaced(secret: str) -> str:
    """The secret as it is read aloud or typed: by four."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """Codes for the day when the application is lost: 80 bits each, written to be copied by hand."""
    return ["-".join(spaced(base64.b32encode(secrets.token_bytes(10)).decode().lower()).split()) for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code. Case, spaces and dashes do not count. Codes are drawn at random: a plain hash is enough."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
