"""The web process: the application, with what it needs from the settings."""

import logging
from datetime import date
from threading import BoundedSemaphore

from fastapi import FastAPI

from desk.original import open_original
from ecoute.settings import Settings
from ecoute.wire import FRENCH_HOLIDAYS, Parts, now
from triage import store as triage_store
from triage.errors import ModelMissing, RoutingError
from triage.isolated import Isolated
from triage.model import Autonomy, Channel, Kept, Kind, Letter, Message, Reading, Route, Sentiment
from web.app import Deps, create_app
from web.region import Region

log = logging.getLogger(__name__)

READING_SECONDS = 2.0
_reading = BoundedSemaphore(1)
"""Reading takes a core: one opinion at a time, so that pages are still served. What cannot wait is left for a person to read."""


def _understood(parts: Parts, message: Message, channel: Channel) -> tuple[Route, date | None, Reading]:
    """Route and reading of a letter left by a form. What cannot be read now is kept for a person to read."""
    if not _reading.acquire(timeout=READING_SECONDS):
        log.warning("opinion kept unread: too many at once")
        return _unread()
    try:
        # The form's own title says what it is for; what is stored keeps the longer subject.
        reading = parts.classifier.read("Avis", message.text, by_person=True)
        return *parts.route(message, reading, channel), reading
    except (ModelMissing, RoutingError) as error:
        log.warning("opinion kept unread: %s", type(error).__name__)
        return _unread()
    finally:
        _reading.release()


def _unread() -> tuple[Route, date | None, Reading]:
    unread = Reading(Kind.AVIS, 0.0, (), Sentiment.NEUTRE, 0.0, False, 0.0, "aucun")
    return Route("À qualifier", "A qualifier", 3, None, Autonomy.SUGGEST, "non lu par la machine"), None, unread


def build_app() -> FastAPI:
    """The application of this machine (factory for uvicorn)."""
    settings = Settings()
    parts = Parts(settings)

    def receive(letter: Letter) -> Kept:
        message = Message(None, letter.subject, letter.name, letter.email, now(), letter.text, letter.context, (), None)
        route, due, reading = _understood(parts, message, letter.channel)
        with parts.sessions.begin() as session:
            return Kept(triage_store.add_item(session, message, reading, route, due, letter.channel, None, now()).reference, due)

    return create_app(
        Deps(
            sessions=parts.sessions,
            rasa_url=f"http://127.0.0.1:{settings.rasa_port}",
            answers=parts.answers,
            receive=receive,
            forget=parts.forget_at_rasa,
            routing=parts.table,
            open_original=Isolated(open_original),
            holiday=FRENCH_HOLIDAYS.__contains__,
            clock=now,
            widget_sites=settings.widget_origins(),
            secure_cookies=settings.secure_cookies,
            session_hours=settings.session_hours,
            region=Region(settings.region_name, settings.primary, settings.primary_soft, settings.accent),
        )
    )
