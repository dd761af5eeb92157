"""Seals what has to be read again but must say nothing to who sees the database or a cookie."""

import base64
import hashlib
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken


class Seal:
    """Encrypts with a key drawn from the secret of the installation, for one purpose."""

    def __init__(self, secret: str, purpose: str) -> None:
        digest = hashlib.sha256(f"{purpose}\x00{secret}".encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    def close(self, text: str, now: datetime) -> str:
        """The text, sealed."""
        return self._fernet.encrypt_at_time(text.encode(), int(now.timestamp())).decode()

    def open(self, sealed: str, now: datetime | None = None, seconds: int | None = None) -> str | None:
        """The text; None when it was not sealed here, or, with `seconds`, when it was sealed longer ago."""
        try:
            raw = sealed.encode("utf-8", "replace")
            if seconds is not None and now is not None:
                return self._fernet.decrypt_at_time(raw, seconds, int(now.timestamp())).decode()
            return self._fernet.decrypt(raw).decode()
        except InvalidToken:
            return None
