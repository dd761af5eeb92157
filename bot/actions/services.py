"""What actions work with, given once by the entry point."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from aids.catalogue import Catalogue
from answers.book import AnswerBook

Work = Callable[[], None]
AFTER_SECONDS = 1.0


def in_background(work: Work) -> None:
    """Does `work` in a thread of its own, once the answer has gone."""
    timer = threading.Timer(AFTER_SECONDS, work)
    timer.daemon = True
    timer.start()


@dataclass(frozen=True)
class Services:
    """`mail(to, subject, text)` may raise OSError or smtplib.SMTPException; `clock` gives a time with its zone.

    `later` runs work that must not hold up the answer: sending a code would otherwise take longer when a file exists, and so
    tell that it does.
    """

    catalogue: Catalogue
    answers: AnswerBook
    sessions: sessionmaker[Session]
    mail: Callable[[str, str, str], None]
    secret: str
    clock: Callable[[], datetime]
    later: Callable[[Work], None] = in_background
