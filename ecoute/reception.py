"""Receives what is typed into our own forms: read, routed and stored in one go."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from threading import BoundedSemaphore

from sqlalchemy.exc import IntegrityError

from ecoute.wire import Parts, now
from triage import store
from triage.attachments import keep_file, listed
from triage.errors import ModelMissing, RoutingError
from triage.links import many_links
from triage.model import Autonomy, Channel, Kept, Kind, Letter, Message, Reading, Route, Sentiment
from triage.store import Packed
from triage.tongue import language_of

log = logging.getLogger(__name__)

READING_SECONDS = 2.0
TITLE = "Avis"
"""The form's own title says what it is for; what is stored keeps the longer subject."""
UNSEEN = Route("À qualifier", "A qualifier", 3, None, Autonomy.SUGGEST, "non lu par la machine", "avis")
UNREAD = Reading(Kind.AVIS, 0.0, (), Sentiment.NEUTRE, 0.0, False, 0.0, "aucun")
TYPED_BY_THEIR_AUTHOR = frozenset({Channel.FORM, Channel.CHAT})


class Reception:
    """Called with a letter; gives how it is known from now on. A letter whose source has already entered is not stored again."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        # Reading takes a core: one letter at a time, so that pages are still served. What cannot wait is left for a person to read.
        self._reading = BoundedSemaphore(1)

    def __call__(self, letter: Letter) -> Kept:
        known = self._known(letter)
        if known:
            return known
        files = [(file, store.pack(file.content)) for file in letter.files]
        listing = tuple(listed(file, packed) for file, packed in files)
        received = letter.received_at or now()
        message = Message(None, letter.subject, letter.name, letter.email, received, letter.text, letter.context, listing, None)
        understood = self._understood(message, letter)
        packs = [packed for _, packed in files]
        try:
            return self._store(letter, message, understood, packs)
        except IntegrityError:  # the same letter, or the same file, has just been stored beside this one
            return self._known(letter) or self._store(letter, message, understood, packs)

    def _store(self, letter: Letter, message: Message, understood: tuple[Route, date | None, Reading], packs: Sequence[Packed]) -> Kept:
        route, due, reading = understood
        received = message.sent_at or now()
        with self._parts.sessions.begin() as session:
            for packed in packs:
                keep_file(session, packed)
            item = store.add_item(
                session,
                message,
                reading,
                route,
                due,
                letter.channel,
                None,
                received,
                origin=letter.origin,
                answered_elsewhere=letter.answered_elsewhere,
            )
            if not letter.answered_elsewhere:
                self._parts.letters.acknowledge(session, item, message, route, now())
            if letter.beside is not None:
                letter.beside(session, item)
            return Kept(item.reference, due)

    def _known(self, letter: Letter) -> Kept | None:
        if letter.origin is None or letter.origin.source_id is None:
            return None
        with self._parts.sessions() as session:
            item = store.find_source(session, letter.origin.source_id)
            return Kept(item.reference, item.due_on) if item else None

    def _understood(self, message: Message, letter: Letter) -> tuple[Route, date | None, Reading]:
        """Route and reading of a letter. What cannot be read now is kept for a person to read."""
        if not self._reading.acquire(timeout=READING_SECONDS):
            log.warning("letter kept unread: too many at once")
            return UNSEEN, None, UNREAD
        try:
            subject = TITLE if letter.channel in TYPED_BY_THEIR_AUTHOR else message.subject
            reading = self._parts.classifier.read(subject, message.text, by_person=True)
            reading = replace(reading, language=language_of(message.subject, message.text))
            route, due = self._parts.route(message, reading, letter.channel)
        except (ModelMissing, RoutingError) as error:
            log.warning("letter kept unread: %s", type(error).__name__)
            return UNSEEN, None, UNREAD
        finally:
            self._reading.release()
        doubt = letter.doubt or ("beaucoup de liens" if letter.channel is Channel.FORM and many_links(message.text) else "")
        if doubt:
            # A robot that writes to somebody else's address must not make us write there too.
            route = replace(route, acknowledgement=None)
            if not reading.urgent:
                route = replace(route, queue=UNSEEN.queue, folder=UNSEEN.folder, autonomy=Autonomy.SUGGEST, rule=doubt)
        return route, due, reading
