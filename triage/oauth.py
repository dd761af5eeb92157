"""Access tokens of an OAuth 2 server (RFC 6749), for mailboxes that take no password. Kept in memory until they end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import httpx

from triage.errors import MailboxLost, MailboxRefused

MARGIN = timedelta(minutes=2)
"""A token about to end is not worth beginning with."""
SECONDS = 15.0
LIFE = timedelta(minutes=10)
"""Of a token whose server does not say it."""


@dataclass(frozen=True)
class Grant:
    """What the token server knows us by. With a refresh token, it speaks for a person's account; without, for the application (client credentials)."""

    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scope: str = ""

    def form(self, refresh_token: str) -> dict[str, str]:
        """The fields to send."""
        kind = {"grant_type": "refresh_token", "refresh_token": refresh_token} if refresh_token else {"grant_type": "client_credentials"}
        fields = kind | {"client_id": self.client_id, "client_secret": self.client_secret, "scope": self.scope}
        return {name: value for name, value in fields.items() if value}


class Tokens:
    """Gives a token that is good now. Several threads may ask at once."""

    def __init__(self, grant: Grant, now: Callable[[], datetime]) -> None:
        self._grant, self._now, self._lock = grant, now, Lock()
        self._refresh_token = grant.refresh_token
        self._token, self._ends = "", now()

    def __call__(self) -> str:
        """Raises MailboxRefused when the server refuses us, MailboxLost when it does not answer."""
        with self._lock:
            if not self._token or self._now() >= self._ends - MARGIN:
                self._renew()
            return self._token

    def forget(self) -> None:
        """The mail server refused the token: another one is asked for next time."""
        with self._lock:
            self._token = ""

    def _renew(self) -> None:
        answer = self._ask()
        if not isinstance(answer.get("access_token"), str):
            raise MailboxRefused("le serveur de jetons n'a pas donné de jeton d'accès")
        lasts = answer.get("expires_in")
        self._token = answer["access_token"]
        self._ends = self._now() + (timedelta(seconds=float(lasts)) if isinstance(lasts, int | float) else LIFE)
        # Some servers change the refresh token at each use.
        self._refresh_token = str(answer.get("refresh_token") or self._refresh_token)

    def _ask(self) -> dict[str, Any]:
        try:
            answer = httpx.post(self._grant.token_url, data=self._grant.form(self._refresh_token), timeout=SECONDS)
        except httpx.HTTPError as error:
            raise MailboxLost(f"le serveur de jetons ne répond pas ({type(error).__name__})") from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise MailboxLost(f"le serveur de jetons est en panne ({answer.status_code})")
        try:
            told = answer.json()
        except ValueError:
            told = None
        told = told if isinstance(told, dict) else {}
        if answer.status_code != 200:
            # `error` is one of a few words of RFC 6749; the rest of the answer may tell more than a log should.
            word = str(told.get("error", ""))
            raise MailboxRefused(f"le serveur de jetons refuse ({word if word.isidentifier() else answer.status_code})")
        return told
