"""Files of Démarche numérique (formerly demarches-simplifiees.fr), read by its GraphQL API v2, as a provider."""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from dossiers import demarche_numerique_query as query
from dossiers.errors import (
    ProviderError,
    RateLimited,
    TokenRefused,
    Transient,
    Unavailable,
    UnexpectedAnswer,
    UnknownDossier,
)
from dossiers.model import Dossier
from dossiers.provider import RECENT, Decision

log = logging.getLogger(__name__)

MAX_BYTES = 2_000_000
MAX_PAGES = 10
MAX_CONNECTIONS = 4
FAILURES_BEFORE_A_PAUSE = 3
PAUSE_SECONDS = 15.0
LONGEST_PAUSE_SECONDS = 600.0
FRESH, RETRY, STALE = timedelta(hours=6), timedelta(minutes=15), timedelta(days=1)

_DECIDED = ("accepte", "refuse")


@dataclass(frozen=True)
class Patience:
    """Seconds given to the platform in all: while somebody waits for the answer, and while nobody does.

    The first leaves time, within the eight seconds of the chat gateway, to say that the platform is silent.
    """

    waited_for: float = 4.0
    alone: float = 20.0


class DemarcheNumerique:
    """See `provider.DossierProvider`. Safe to share between threads; `close` ends its connections.

    After failures in a row, or when asked to wait, it fails at once for a while rather than insist. Raises ValueError, in words for who
    writes the settings, for an address that would send the token in clear.
    """

    def __init__(
        self,
        url: str,
        token: str,
        followed: query.Followed,
        clock: Callable[[], datetime],
        patience: Patience | None = None,
        background: Callable[[Callable[[], None]], object] = lambda work: threading.Thread(target=work, daemon=True).start(),
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("ECOUTE_DN_URL doit commencer par https:// : le jeton partirait en clair")
        self._url, self._site = url, f"{parts.scheme}://{parts.netloc}"
        self._followed, self._clock, self._background = followed, clock, background
        self._patience = patience or Patience()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._client = httpx.Client(headers=headers, limits=httpx.Limits(max_connections=MAX_CONNECTIONS))
        self._lock = threading.Lock()
        self._failures = 0
        self._paused_until: datetime | None = None
        self._known: dict[str, tuple[datetime, list[Decision]]] = {}
        self._begun: dict[str, datetime] = {}

    def email_of(self, number: str) -> str:
        email, slug = query.read_email(self._ask(query.EMAIL, self._patience.alone, number=_whole(number)), self._followed)
        # The delay of its scheme will be wanted in a minute or so, when the code comes back.
        self.decisions(slug, self._clock().date())
        return email

    def find(self, number: str) -> Dossier:
        end = time.monotonic() + self._patience.waited_for
        data = self._ask(query.STATUS, self._patience.waited_for, number=_whole(number))
        dossier, message = query.read_status(number, data, self._followed, f"{self._site}/dossiers/{number}")
        if message is None:
            return dossier
        return replace(dossier, agent_words=self._words(number, message, end - time.monotonic()))

    def decisions(self, aid_slug: str, today: date) -> Sequence[Decision] | None:
        """What was last read, at most a day ago; read again in the background every six hours."""
        procedures = [number for number, slug in self._followed.aids.items() if slug and slug == aid_slug]
        if not procedures:
            return None
        now = self._clock()
        if self._begin(aid_slug, now):
            self._background(lambda: self._refresh(aid_slug, procedures, now))
        with self._lock:
            read_at, decisions = self._known.get(aid_slug, (None, []))
        if read_at is None or now - read_at > STALE:
            return None
        return [decision for decision in decisions if decision[1] >= today - RECENT]

    def check(self) -> list[int]:
        """Asks what can be asked, about no file; gives the followed procedures that the token does not open. Raises ProviderError."""
        for asked, more in ((query.EMAIL, {}), (query.STATUS, {}), (query.WORDS, {"message": "0"})):
            try:
                self._ask(asked, self._patience.waited_for, number=0, **more)
            except UnknownDossier:
                continue  # no file has this number: the question itself was understood
        closed = []
        for procedure in self._followed.aids:
            try:
                self._page(procedure, _DECIDED[0], self._clock().date(), None, size=1)
            except UnknownDossier:
                closed.append(procedure)
        return closed

    def close(self) -> None:
        self._client.close()

    def _words(self, number: str, message: str, seconds: float) -> str:
        """What the message says; "" when it cannot be read in that time: the state is told all the same."""
        if seconds <= 0:
            return ""
        try:
            return query.read_words(self._ask(query.WORDS, seconds, number=_whole(number), message=message))
        except (ProviderError, UnknownDossier) as error:
            log.warning("message de correction non lu : %s", type(error).__name__)
            return ""

    def _begin(self, aid_slug: str, now: datetime) -> bool:
        """Whether the decisions of a scheme are to be read again, now begun; one reading at a time."""
        with self._lock:
            begun, (read_at, _) = self._begun.get(aid_slug), self._known.get(aid_slug, (None, []))
            due = read_at is None or now - read_at >= FRESH
            if not due or (begun and now - begun < RETRY):
                return False
            self._begun[aid_slug] = now
            return True

    def _refresh(self, aid_slug: str, procedures: Sequence[int], now: datetime) -> None:
        try:
            read = [pair for procedure in procedures for state in _DECIDED for pair in self._decided(procedure, state, now.date() - RECENT)]
        except (ProviderError, UnknownDossier) as error:
            log.warning("délai d'une aide non lu : %s", type(error).__name__)
            return
        with self._lock:
            self._known[aid_slug] = (now, read)

    def _decided(self, procedure: int, state: str, since: date) -> list[Decision]:
        """The last files decided, page by page from the most recent; those of MAX_PAGES at most."""
        found: list[Decision] = []
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page, cursor = self._page(procedure, state, since, cursor)
            found += page
            if cursor is None:
                break
        return found

    def _page(
        self, procedure: int, state: str, since: date, cursor: str | None, size: int = query.PAGE
    ) -> tuple[list[Decision], str | None]:
        day = f"{since.isoformat()}T00:00:00Z"
        return query.read_decisions(
            self._ask(query.DECISIONS, self._patience.alone, demarche=procedure, state=state, since=day, last=size, before=cursor)
        )

    def _ask(self, asked: str, seconds: float, **variables: object) -> Mapping[str, Any]:
        """The data of the answer. Raises UnknownDossier or ProviderError."""
        now = self._clock()
        with self._lock:
            if self._paused_until and now < self._paused_until:
                raise Unavailable("pause après des échecs", (self._paused_until - now).total_seconds())
        try:
            data = query.data_of(self._post({"query": asked, "variables": variables}, seconds))
        except Transient as error:
            self._failed(error, now)
            raise
        with self._lock:
            self._failures, self._paused_until = 0, None
        return data

    def _failed(self, error: Transient, now: datetime) -> None:
        with self._lock:
            self._failures += 1
            if error.wait is not None or self._failures >= FAILURES_BEFORE_A_PAUSE:
                pause = PAUSE_SECONDS if error.wait is None else min(error.wait, LONGEST_PAUSE_SECONDS)
                self._paused_until = now + timedelta(seconds=pause)

    def _post(self, body: object, seconds: float) -> object:
        """The JSON of the answer, read within `seconds` and MAX_BYTES."""
        end = time.monotonic() + seconds
        try:
            # Shares that hold the whole, whichever of them is spent first, under twice `seconds`.
            timeout = httpx.Timeout(seconds * 0.6, connect=seconds * 0.2, pool=seconds * 0.2)
            with self._client.stream("POST", self._url, json=body, timeout=timeout) as response:
                self._check_status(response)
                read = bytearray()
                for piece in response.iter_bytes():
                    read += piece
                    if time.monotonic() > end:
                        raise Unavailable("réponse trop lente")
                    if len(read) > MAX_BYTES:
                        raise UnexpectedAnswer("réponse trop longue")
        except httpx.RequestError as error:
            raise Unavailable(f"{urlsplit(self._url).hostname} : {type(error).__name__}") from error
        try:
            return json.loads(read)
        except (ValueError, RecursionError):
            raise UnexpectedAnswer("la réponse n'est pas du JSON") from None

    def _check_status(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in (200, 400):
            return  # GraphQL tells its refusals in the answer
        wait = query.seconds_to_wait(response.headers, self._clock())
        if status == 429:
            raise RateLimited(wait=wait)
        if status in (401, 403):
            raise TokenRefused(f"jeton refusé ({status})")
        if status >= 500 or status == 408:
            raise Unavailable(f"réponse {status}", wait)
        where = response.headers.get("location", "")
        raise UnexpectedAnswer(f"réponse {status}" + (f", vers {where}" if where else ""))


def _whole(number: str) -> int:
    """The number as the API takes it. Raises UnknownDossier for what cannot be one of its numbers."""
    if not number.isdecimal() or len(number) > 9:
        raise UnknownDossier
    return int(number)
