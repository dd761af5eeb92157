"""What actions work with, given once by the entry point."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session, sessionmaker

from aids.catalogue import Catalogue
from answers.book import AnswerBook
from dossiers.provider import DossierProvider

log = logging.getLogger(__name__)

Work = Callable[[], None]
AFTER_SECONDS = 1.0


class Later(Protocol):
    """Does `work` once the answer has gone, after `seconds`."""

    def __call__(self, work: Work, seconds: float = AFTER_SECONDS) -> None: ...


def in_background(work: Work, seconds: float = AFTER_SECONDS) -> None:
    """Does `work` in a thread of its own, `seconds` from now."""
    timer = threading.Timer(seconds, _alone, [work])
    timer.daemon = True
    timer.start()


@dataclass(frozen=True)
class Services:
    """`mail(to, subject, text)` may raise OSError or smtplib.SMTPException; `clock` gives a time with its zone.

    `later` runs work that must not hold up the answer: looking for a file and sending its code would otherwise take longer when the file
    exists, and so tell that it does.
    """

    catalogue: Catalogue
    answers: AnswerBook
    sessions: sessionmaker[Session]
    dossiers: DossierProvider
    mail: Callable[[str, str, str], None]
    secret: str
    clock: Callable[[], datetime]
    later: Later = in_background


def _alone(work: Work) -> None:
    try:
        work()
    except Exception as error:
        # The error's text may hold private data.
        log.error("travail différé échoué : %s", type(error).__name__)
