"""Sends what is due, and keeps at it."""

import logging
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from outbox import store
from outbox.compose import compose
from outbox.errors import NotSent, RefusedForGood, RefusedForNow, ServerAway
from outbox.model import Claimed, Identity, State

LIFE = timedelta(days=3)
"""A mail that no server takes for this long after its first try has failed."""
LONGEST_WAIT = timedelta(hours=4)
LOOK_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 300.0

log = logging.getLogger(__name__)
_dice = secrets.SystemRandom()


class Line(Protocol):
    """An open session at a server, as `outbox.smtp.Post`."""

    def hand_over(self, sender: str, to: str, raw: bytes, from_a_machine: bool) -> None: ...


OpenLine = Callable[[], AbstractContextManager[Line]]


@dataclass
class Report:
    """What a pass did: mails sent, failed, to be tried again. `away`: the server could not be reached, and the pass ended there."""

    sent: int = 0
    failed: int = 0
    later: int = 0
    away: bool = False


def send_due(sessions: sessionmaker[Session], open_line: OpenLine, sender: Identity, now: Callable[[], datetime]) -> Report:
    """Sends each mail that is due, at least once, always under the same Message-ID. Raises SQLAlchemyError when the database is away.

    No transaction is open while a server is spoken to. A sender that dies with a mail in hand leaves it to another once the lease ends.
    """
    report = Report()
    line: Line | None = None
    with ExitStack() as stack:
        while not report.away:
            with sessions.begin() as session:
                claimed = store.claim(session, now())
            if claimed is None:
                break
            try:
                if now() - claimed.first_try > LIFE:
                    raise RefusedForGood("Aucun serveur n'a pris ce courriel en trois jours.")
                raw = compose(claimed.mail, sender, claimed.message_id, claimed.written_at)
                line = line or stack.enter_context(open_line())
                line.hand_over(
                    sender.returns or sender.address, claimed.mail.to, raw, ("Auto-Submitted", "auto-replied") in claimed.mail.headers
                )
            except RefusedForGood as refusal:
                report.failed += 1
                _settle(sessions, claimed, State.FAILED, now(), str(refusal))
                log.warning("mail %d failed", claimed.id)
            except (RefusedForNow, ServerAway) as refusal:
                report.away = isinstance(refusal, ServerAway)
                stack.close()
                line = None  # what is left of the session is not trusted
                if _again(sessions, claimed, now(), refusal):
                    report.later += 1
                else:
                    report.failed += 1
            else:
                report.sent += 1
                _settle(sessions, claimed, State.SENT, now(), "")
    return report


def run_forever(
    sessions: sessionmaker[Session],
    open_line: OpenLine,
    sender: Identity,
    now: Callable[[], datetime],
    stop: Event,
    look_seconds: float = LOOK_SECONDS,
) -> None:
    """Sends mails until `stop` is set. Breakdowns of the server and of the database are waited out."""
    failures = 0
    while not stop.is_set():
        try:
            report = send_due(sessions, open_line, sender, now)
            failures = failures + 1 if report.away else 0
            if report.sent or report.failed or report.later:
                log.info("mails sent: %d, failed: %d, to be tried again: %d", report.sent, report.failed, report.later)
        except (SQLAlchemyError, OSError) as error:
            failures += 1
            log.warning("database away (%s)", type(error).__name__)
        pause = look_seconds * 2 ** min(failures, 10)
        # Spread, so that senders do not come back together.
        stop.wait(min(pause, LONGEST_PAUSE_SECONDS) * (_dice.uniform(0.5, 1.0) if failures else 1.0))


def wait_after(tries: int) -> timedelta:
    """Time before the next try: a minute, doubled each time, up to a limit."""
    return min(timedelta(minutes=2 ** min(tries - 1, 16)), LONGEST_WAIT)


def _settle(sessions: sessionmaker[Session], claimed: Claimed, state: State, at: datetime, reason: str) -> None:
    with sessions.begin() as session:
        store.settle(session, claimed, state, at, reason)


def _again(sessions: sessionmaker[Session], claimed: Claimed, at: datetime, refusal: NotSent) -> bool:
    """Puts a mail off; gives it up when its time is over."""
    later = at + wait_after(claimed.tries)
    if later - claimed.first_try > LIFE:
        _settle(sessions, claimed, State.FAILED, at, f"Pas pris en trois jours. {refusal}")
        return False
    with sessions.begin() as session:
        store.try_again(session, claimed, later, str(refusal))
    return True
