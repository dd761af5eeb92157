"""Settles the mails of a folder: each is kept, read, routed, stored and moved, once, whatever stops on the way."""

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from threading import Thread
from typing import Protocol

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from triage import store
from triage.automatic import AWAY, SURE
from triage.correspondence import Correspondence, is_author, joined, link
from triage.errors import MailboxLost, MailboxRefused, MailGone, ModelMissing, RoutingError, UnreadableMail
from triage.model import Channel, Message, Outcome, Reading, Route
from triage.parse import parse
from triage.tables import FeedbackItemRow, MailLedgerRow

QUARANTINE = "Quarantaine"
MOST_ATTEMPTS = 3
AUTOMATIC = "Automatique"
MOST_READ = 35_000_000
"""Bytes of a mail. Of a bigger one, kept whole all the same, this much is read."""
SEVERAL = 12
"""New mails that are worth more links to the server."""
HELPERS = 2
"""Links more: while two mails are read, one a core, another is fetched, kept or moved."""

Open = Callable[[bytes], Message]
Read = Callable[[Message], Reading]
Decide = Callable[[Message, Reading], tuple[Route, date | None]]
Clock = Callable[[], datetime]
Beside = Callable[[], AbstractContextManager[tuple["Box", Open]]]
"""Opens the same folder once more, with a reader of mails of its own."""
log = logging.getLogger(__name__)


class Box(Protocol):
    """A folder of mails. `name` tells mailboxes apart in the ledger. Met by `imap.Mailbox` and `memory_mailbox.MemoryMailbox`, under the
    same tests."""

    name: str
    folder: str
    uidvalidity: int

    def uids(self) -> list[int]: ...
    def parts(self, uid: int) -> Iterator[bytes]: ...
    def move(self, uid: int, folder: str, again: bool = False) -> None: ...
    def move_known(self, source: str, sha256: str, size: int, folder: str, again: bool = False) -> bool: ...


@dataclass
class Report:
    """What a pass did: mails by outcome, and those the server did not let move (they are tried again at the next pass)."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    unmoved: int = 0

    @property
    def settled(self) -> bool:
        """Nothing is left to do."""
        return self.unmoved == 0


def settle_mailbox(
    mailbox: Box,
    sessions: sessionmaker[Session],
    read: Read,
    route: Decide,
    now: Clock,
    progress: Callable[[Outcome], None] | None = None,
    open_mail: Open = parse,
    most_read: int = MOST_READ,
    only: frozenset[int] | None = None,
    letters: Correspondence | None = None,
    beside: Beside | None = None,
) -> Report:
    """Settles what an earlier pass left, what is to be read again, then every mail of the folder. `only`: no more than these rows;
    `letters`: acknowledges, and knows answers to our mails; `beside`: when there are many new mails, other threads take them too, so
    that some are read while others are fetched, kept and moved (`read`, `route` and `progress` are then called from all).

    Raises MailboxLost when the link breaks, ModelMissing, RoutingError, and SQLAlchemyError when the database is away: nothing is lost,
    call again.
    """
    work = _Pass(mailbox, sessions, read, route, now, progress or (lambda outcome: None), open_mail, most_read, letters)
    work.resume(set(mailbox.uids()), only)
    if only is not None:
        return work.report
    here = mailbox.uids()  # asked again: what was resumed has moved
    seen = work.seen(here)
    for uid in here:
        if uid in seen:
            work.see_again(seen[uid], uid)
    new = deque(uid for uid in here if uid not in seen)
    with _helped(work, new, beside if len(new) >= SEVERAL else None):
        work.take_all(new)
    return work.report


@contextmanager
def _helped(work: "_Pass", new: deque[int], beside: Beside | None) -> Iterator[None]:
    """While the block runs, other threads take new mails too. What stops one in the middle of a mail is raised at the end: as after any
    breakdown, the next pass finishes that mail."""
    if beside is None:
        yield
        return
    ended: list[Exception] = []
    helpers = [replace(work, report=Report()) for _ in range(HELPERS)]
    threads = [Thread(target=_help, args=(helper, new, beside, ended), daemon=True) for helper in helpers]
    for thread in threads:
        thread.start()
    try:
        yield
    except BaseException:
        new.clear()
        raise
    finally:
        for thread, helper in zip(threads, helpers):
            thread.join()
            work.report.outcomes += helper.report.outcomes
            work.report.unmoved += helper.report.unmoved
    if ended:
        raise ended[0]


def _help(helper: "_Pass", new: deque[int], beside: Beside, ended: list[Exception]) -> None:
    began, expected = False, helper.mailbox.uidvalidity
    try:
        with beside() as (helper.mailbox, helper.open_mail):
            if helper.mailbox.uidvalidity == expected:
                began = True
                helper.take_all(new)
    except Exception as error:
        if not began and isinstance(error, MailboxLost | MailboxRefused):  # a server may grant few links: one is enough
            log.info("no other link to the mailbox (%s)", type(error).__name__)
        else:
            ended.append(error)


@dataclass
class _Pass:
    mailbox: Box
    sessions: sessionmaker[Session]
    read: Read
    route: Decide
    now: Clock
    progress: Callable[[Outcome], None]
    open_mail: Open
    most_read: int
    letters: Correspondence | None
    report: Report = field(default_factory=Report)

    def resume(self, here: set[int], only: frozenset[int] | None) -> None:
        """Ends what was begun. The kept bytes serve, even when the mail itself is gone from the folder."""
        with self.sessions() as session:
            left = [(row.id, row.uidvalidity, row.uid) for row in store.pending(session, self.mailbox.name, self.mailbox.folder)]
        for ledger, uidvalidity, uid in left:
            if only is not None and ledger not in only:
                continue
            self._finish(ledger, uid if uidvalidity == self.mailbox.uidvalidity and uid in here else None)

    def seen(self, here: list[int]) -> dict[int, MailLedgerRow]:
        """Rows that these mails already have."""
        box = self.mailbox
        with self.sessions() as session:
            return store.list_seen(session, box.name, box.folder, box.uidvalidity, here[0]) if here else {}

    def see_again(self, row: MailLedgerRow, uid: int) -> None:
        """Settled, yet still here: this is its folder, or the server answered a move it did not do. Otherwise `resume` has just tried."""
        if row.settled_at is not None and row.placed is not None:
            self._finish(row.id, uid)

    def take_all(self, new: deque[int]) -> None:
        """Takes mails until none is left; several threads may share them."""
        while True:
            try:
                uid = new.popleft()
            except IndexError:
                return
            self.take(uid)

    def take(self, uid: int) -> None:
        """Keeps a new mail's bytes and its place in the ledger before anything is read in it, then settles it."""
        box = self.mailbox
        try:
            packed = store.pack_parts(box.parts(uid))
        except MailGone:
            return
        except MailboxRefused as error:  # one mail that the server cannot give must not hold up the others
            log.warning("mail not given by the server: %s", error)
            self.report.unmoved += 1
            return
        oversize = packed.size > self.most_read
        try:
            with self.sessions.begin() as session:
                sha256 = store.keep_raw(session, packed)
                ledger = store.see(session, box.name, box.folder, box.uidvalidity, uid, sha256, self.now(), oversize).id
        except IntegrityError:  # another worker has just taken it
            return
        self._finish(ledger, uid)

    def _finish(self, ledger: int, uid: int | None) -> None:
        """Reads a pending mail, moves it (`uid`: None when it is no longer there) and closes its row."""
        attempts = self._begin(ledger)
        if attempts > MOST_ATTEMPTS:
            log.warning("mail %d set aside: it stopped the worker %d times", ledger, MOST_ATTEMPTS)
            self._set_aside(ledger, "WorkerKilled")
        try:
            try:
                outcome, folder = self._store(ledger)
            except IntegrityError:  # another worker stored it meanwhile: now it is known
                outcome, folder = self._store(ledger)
        except (SQLAlchemyError, ModelMissing, RoutingError, OSError):
            with suppress(SQLAlchemyError):
                self._forget_attempt(ledger)
            raise  # the machine is at fault, not the mail
        except Exception as error:
            log.warning("mail %d set aside: %s", ledger, _name(error))
            outcome, folder = self._set_aside(ledger, _name(error))
        try:
            placed = self._place(ledger, uid, folder, again=attempts == 0)
        except MailboxRefused as error:
            log.warning("mail %d not moved: %s", ledger, error)
            self.report.unmoved += 1
            return
        with self.sessions.begin() as session:
            store.settle(_row(session, ledger), self.now(), placed)
        self.report.outcomes[outcome] += 1
        self.progress(outcome)

    def _place(self, ledger: int, uid: int | None, folder: str, again: bool) -> str | None:
        """Moves a mail to its folder, and gives it; None when it already stands there. `again`: a move of it was begun before."""
        box = self.mailbox
        if uid is not None:
            if folder == box.folder:
                return None
            box.move(uid, folder, again)
            return folder
        with self.sessions() as session:
            row = _row(session, ledger)
            placed, sha256 = row.placed, row.sha256
            size = store.raw_size(session, sha256)
        if placed is not None and placed != folder:  # it waited in quarantine
            box.move_known(placed, sha256, size, folder, again)
        return folder

    def _begin(self, ledger: int) -> int:
        """Counts a reading before it begins, so that one that kills the process has been counted. 0 when it was read before."""
        with self.sessions.begin() as session:
            row = _row(session, ledger)
            if row.outcome != Outcome.PENDING:
                return 0
            row.attempts += 1
            return row.attempts

    def _forget_attempt(self, ledger: int) -> None:
        with self.sessions.begin() as session:
            _row(session, ledger).attempts -= 1

    def _store(self, ledger: int) -> tuple[Outcome, str]:
        """Outcome of a mail and the folder it goes to, decided now unless an earlier pass did. One transaction."""
        with self.sessions() as session:
            row = _row(session, ledger)
            if row.outcome != Outcome.PENDING:
                return Outcome(row.outcome), _folder(session, row)
            same = store.find_duplicate(session, row.sha256) or (joined(session, row.sha256) if self.letters else None)
            sha256, seen_at = row.sha256, row.seen_at
            raw = b"" if same else store.read_raw(session, sha256, self.most_read)
        if same is not None:
            return self._decided(ledger, Outcome.DUPLICATE, same)
        # Reading takes time: no transaction is open meanwhile.
        message = replace(self.open_mail(raw), folder=self.mailbox.folder)
        if message.automatic in SURE:
            if self.letters is not None and message.returned is not None:
                with self.sessions.begin() as session:
                    self.letters.came_back(session, message.returned, self.now())
            return self._decided(ledger, Outcome.AUTOMATIC)
        received = message.received_at(seen_at)
        found = self._join(ledger, message, sha256, received)
        if found is not None:
            return found
        reading = self.read(message)
        route, due_on = self.route(message, reading)
        with self.sessions.begin() as session:
            item = store.add_item(session, message, reading, route, due_on, Channel.MAIL, sha256, received)
            if self.letters is not None:
                earlier = self.letters.answered_item(session, message)
                if earlier is not None:
                    link(item, earlier)
                self.letters.acknowledge(session, item, message, route, self.now())
            store.decide(_row(session, ledger), Outcome.IMPORTED, item)
        return Outcome.IMPORTED, route.folder

    def _join(self, ledger: int, message: Message, sha256: str, received: datetime) -> tuple[Outcome, str] | None:
        """Puts an answer to one of our mails in the thread of its item; None when it is no such answer. One transaction."""
        if self.letters is None:
            return None
        with self.sessions.begin() as session:
            item = self.letters.answered_item(session, message)
            row = _row(session, ledger)
            if item is None:
                return None
            if message.automatic == AWAY:  # nobody wrote it: it neither speaks for the person nor opens the item again
                store.decide(row, Outcome.AUTOMATIC)
            elif is_author(item, message):
                self.letters.join(session, item, message, sha256, received)
                store.decide(row, Outcome.IMPORTED, item)
            else:
                return None
            return Outcome(row.outcome), _folder(session, row)

    def _decided(self, ledger: int, outcome: Outcome, item: FeedbackItemRow | None = None) -> tuple[Outcome, str]:
        with self.sessions.begin() as session:
            row = _row(session, ledger)
            store.decide(row, outcome, item)
            return outcome, _folder(session, row)

    def _set_aside(self, ledger: int, error: str) -> tuple[Outcome, str]:
        """A mail that fails goes to quarantine, where it is seen and can be tried again."""
        with self.sessions.begin() as session:
            row = _row(session, ledger)
            if row.outcome == Outcome.PENDING:
                store.decide(row, Outcome.FAILED, error=error)
            return Outcome(row.outcome), _folder(session, row)


def _row(session: Session, ledger: int) -> MailLedgerRow:
    return session.get_one(MailLedgerRow, ledger)


def _folder(session: Session, row: MailLedgerRow) -> str:
    if row.outcome == Outcome.AUTOMATIC:
        return AUTOMATIC
    item = session.get(FeedbackItemRow, row.item_id) if row.item_id is not None else None
    return item.folder if item else QUARANTINE


def _name(error: Exception) -> str:
    """The type of an error; for a mail that cannot be read, what the reader met, which is a type too."""
    within = str(error) if isinstance(error, UnreadableMail) else ""
    return (within if within.isidentifier() else type(error).__name__)[:100]
