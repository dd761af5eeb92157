"""Keeps settling mailboxes, each in a thread of its own: waits for mail, and connects again when the link breaks."""

import logging
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from queue import SimpleQueue
from threading import Event, Thread
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from triage.correspondence import Correspondence
from triage.errors import MailboxLost, MailboxRefused, RoutingError
from triage.parse import parse
from triage.worker import MOST_READ, Beside, Box, Clock, Decide, Open, Read, Report, settle_mailbox

WAIT_SECONDS = 60.0
"""Without news the folder is looked at again after this: a server may forget to tell, and an agent may have asked for a mail to be read again."""
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 300.0

log = logging.getLogger(__name__)
_dice = secrets.SystemRandom()


class WatchedBox(Box, Protocol):
    """A folder that tells when it changes."""

    def wait(self, seconds: float) -> bool: ...


def run_forever(
    open_mailbox: Callable[[], AbstractContextManager[WatchedBox]],
    sessions: sessionmaker[Session],
    read: Read,
    route: Decide,
    now: Clock,
    stop: Event,
    on_report: Callable[[Report], None] | None = None,
    first_pause: float = FIRST_PAUSE_SECONDS,
    open_mail: Open = parse,
    most_read: int = MOST_READ,
    label: str = "mailbox",
    letters: Correspondence | None = None,
    beside: Beside | None = None,
) -> None:
    """Settles mail until `stop` is set (seen after the present wait). Raises ModelMissing.

    Breakdowns of the server and of the database are waited out.
    """
    failures = 0
    while not stop.is_set():
        try:
            with open_mailbox() as box:
                while not stop.is_set():
                    report = settle_mailbox(
                        box, sessions, read, route, now, open_mail=open_mail, most_read=most_read, letters=letters, beside=beside
                    )
                    failures = 0
                    (on_report or _tell)(report)
                    if not stop.is_set():
                        box.wait(WAIT_SECONDS)
        except (MailboxLost, MailboxRefused, RoutingError, SQLAlchemyError, OSError) as error:
            failures += 1
            pause = pause_after(failures, first_pause)
            log.warning("%s: mailbox or database away (%s), again in %.0f s", label, type(error).__name__, pause)
            stop.wait(pause)


def run_together(watches: Sequence[Callable[[], None]]) -> None:
    """Runs each in a thread of its own until all end, or until one raises, which is raised here: the others end with the process, and
    lose nothing by it."""
    ends: SimpleQueue[BaseException | None] = SimpleQueue()

    def run(watch: Callable[[], None]) -> None:
        try:
            watch()
        except BaseException as error:
            ends.put(error)
        else:
            ends.put(None)

    for watch in watches:
        Thread(target=run, args=(watch,), daemon=True).start()
    for _ in watches:
        error = ends.get()
        if error is not None:
            raise error


def _tell(report: Report) -> None:
    if report.outcomes or report.unmoved:
        log.info("mails settled: %s, not moved: %d", dict(report.outcomes), report.unmoved)


def pause_after(failures: int, first: float = FIRST_PAUSE_SECONDS) -> float:
    """Seconds to wait before the next try: doubled each time, up to a limit, and spread so that workers do not come back together."""
    longest: float = min(first * 2 ** min(failures - 1, 20), LONGEST_PAUSE_SECONDS)
    return longest * _dice.uniform(0.5, 1.0)
