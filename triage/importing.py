"""Imports messages kept elsewhere: each is read, routed and stored once, however often its file is given."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from triage import store
from triage.automatic import SURE
from triage.errors import UnreadableMail
from triage.experiences import Experience
from triage.model import Channel, Kind, Message, Origin, Reading, Route

NO_HEADER = "aucun en-tête : ce n'est pas un courriel"
UNREADABLE = "message illisible"
NOT_STORED = "message que la base de données refuse"


class Result(StrEnum):
    """What became of a message given to import."""

    IMPORTED = "imported"
    KNOWN = "known"
    AUTOMATIC = "automatic"
    REFUSED = "refused"


@dataclass(frozen=True)
class Taken:
    """What became of one message, and where it went or why not."""

    result: Result
    kind: Kind | None = None
    queue: str = ""
    reason: str = ""


@dataclass
class Tally:
    """Messages by result, and those imported by kind and queue."""

    results: Counter[Result] = field(default_factory=Counter)
    places: Counter[tuple[Kind, str]] = field(default_factory=Counter)

    def add(self, taken: Taken) -> None:
        """Counts one."""
        self.results[taken.result] += 1
        if taken.kind is not None:
            self.places[taken.kind, taken.queue] += 1


class Read(Protocol):
    """Reads a message; `by_person`: no machine can have written it."""

    def __call__(self, message: Message, by_person: bool) -> Reading: ...


class Decide(Protocol):
    """Where a message goes, and by when it is answered."""

    def __call__(self, message: Message, reading: Reading, channel: Channel) -> tuple[Route, date | None]: ...


@dataclass
class Importer:
    """Takes messages one by one. `write`: False only says what would be; `answered`: they have all had their answer.

    No message imported gets an acknowledgement. Raises RoutingError, ModelMissing, and SQLAlchemyError when the database is away: what was
    taken stays, give the file again.
    """

    sessions: sessionmaker[Session]
    open_mail: Callable[[bytes], Message]
    read: Read
    route: Decide
    now: Callable[[], datetime]
    write: bool = True
    answered: bool = False
    _would_be: set[str] = field(default_factory=set)

    def take_mail(self, raw: bytes) -> Taken:
        """Takes the bytes of a mail."""
        sha256 = hashlib.sha256(raw).hexdigest()
        if self._known(sha256, lambda session: store.find_duplicate(session, sha256)):
            return Taken(Result.KNOWN)
        try:
            message = self.open_mail(raw)
        except UnreadableMail:
            return Taken(Result.REFUSED, reason=UNREADABLE)
        if not (message.sender_email or message.sender_name or message.subject or message.sent_at or message.message_id):
            return Taken(Result.REFUSED, reason=NO_HEADER)
        if message.automatic in SURE:
            return Taken(Result.AUTOMATIC)
        name = message.message_id
        if name and self._known(f"mail:{name}", lambda session: store.find_message(session, name)):
            return Taken(Result.KNOWN)
        return self._add(message, Channel.IMPORT, None, self.answered, raw)

    def take_experience(self, told: Experience) -> Taken:
        """Takes an experience of Services Publics+."""
        source = f"sp+:{told.id}" if told.id else f"sp+:{_digest(told)}"
        if self._known(source, lambda session: store.find_source(session, source)):
            return Taken(Result.KNOWN)
        message = Message(None, told.title, told.author, "", told.received_at, told.text, "", (), None)
        service = str(told.declared["structure"])[:200]
        origin = Origin(service=service, entered_at=self.now(), source_id=source, declared=told.declared)
        return self._add(message, Channel.SP_PLUS, origin, self.answered or told.answered, None)

    def _known(self, name: str, find: Callable[[Session], object | None]) -> bool:
        if not self.write and name in self._would_be:
            return True
        with self.sessions() as session:
            if find(session) is not None:
                return True
        if not self.write:
            self._would_be.add(name)
        return False

    def _add(self, message: Message, channel: Channel, origin: Origin | None, answered: bool, raw: bytes | None) -> Taken:
        """Stores a message; `raw`: the bytes of a mail, kept with it."""
        reading = self.read(message, raw is None)
        route, due_on = self.route(message, reading, channel)
        taken = Taken(Result.IMPORTED, reading.kind, route.queue)
        if not self.write:
            return taken
        packed = store.pack(raw) if raw is not None else None
        try:
            with self.sessions.begin() as session:
                sha256 = store.keep_raw(session, packed) if packed else None
                store.add_item(
                    session,
                    message,
                    reading,
                    route,
                    None if answered else due_on,
                    channel,
                    sha256,
                    message.received_at(self.now()),
                    origin=origin,
                    answered_elsewhere=True,
                    status=store.CLOSED if answered else store.OPEN,
                )
        except IntegrityError:  # another import, or the worker, has just stored it
            return Taken(Result.KNOWN)
        except DataError:
            return Taken(Result.REFUSED, reason=NOT_STORED)
        return taken


def _digest(told: Experience) -> str:
    """Names an experience that has no identifier by its words."""
    return hashlib.sha256("\x00".join((told.title, told.author, told.text)).encode()).hexdigest()[:40]
