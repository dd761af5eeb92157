"""Holds the ledger against the server: by content, since identifiers change when a mail is moved."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.orm import Session, sessionmaker

from triage import store
from triage.model import Outcome
from triage.store import LedgerLine
from triage.worker import AUTOMATIC, QUARANTINE, Box

Contents = dict[int, str]
"""SHA-256 of a folder's mails by UID."""


class LookedBox(Box, Protocol):
    """A mailbox whose folders can be read through."""

    def contents(self, folder: str) -> Iterator[tuple[int, str]]: ...
    def folders(self) -> list[str]: ...


@dataclass(frozen=True)
class Agreement:
    """What was found of one mailbox. Numbers of mails of the server (`mails`, `untaken`, `unread`, `copies`) and of rows of the ledger (the others).

    `untaken`: in a watched folder, without a row yet; `pending`: begun, not settled; `unread`: filed by somebody where the system files, and
    never read by it; `lost`: bytes or opinion no longer kept; `moved`, `gone`: stood where the ledger says, put elsewhere or deleted since,
    bytes kept; `copies`: more mails of a content than rows of it.
    """

    mailbox: str
    folders: tuple[str, ...]
    mails: int
    rows: int
    agreed: int = 0
    moved: int = 0
    gone: int = 0
    copies: int = 0
    quarantined: int = 0
    untaken: tuple[tuple[str, int], ...] = ()
    unread: tuple[tuple[str, int], ...] = ()
    pending: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()

    @property
    def holds(self) -> bool:
        """Nothing is lost, left out or left to do."""
        return not (self.untaken or self.unread or self.pending or self.lost)


def compare(
    mailbox: str,
    lines: Sequence[LedgerLine],
    watched: Mapping[str, int],
    server: Mapping[str, Contents],
    ill_kept: frozenset[str] = frozenset(),
    others: frozenset[str] = frozenset(),
) -> Agreement:
    """Pure. `watched`: UIDVALIDITY of the watched folders; `server`: what they and the folders that the system files into hold; `others`:
    contents of the other folders; `ill_kept`: contents whose bytes are not kept."""
    taken = {(line.folder, line.uidvalidity, line.uid) for line in lines}
    known = Counter(line.sha256 for line in lines)
    held = Counter(sha256 for mails in server.values() for sha256 in mails.values())
    where = {folder: set(mails.values()) for folder, mails in server.items()}
    there = [line.sha256 in where.get(line.placed or line.folder, set()) for line in lines]
    astray = [line.sha256 for line, found in zip(lines, there) if line.settled and not found]
    moved = sum(sha256 in held or sha256 in others for sha256 in astray)
    return Agreement(
        mailbox,
        tuple(server),
        mails=held.total(),
        rows=len(lines),
        agreed=sum(line.settled for line in lines) - len(astray),
        moved=moved,
        gone=len(astray) - moved,
        copies=sum(max(count - known[sha256], 0) for sha256, count in held.items() if sha256 in known),
        quarantined=sum(line.outcome == Outcome.FAILED for line in lines),
        untaken=tuple(
            (folder, uid) for folder, validity in watched.items() for uid in server.get(folder, {}) if (folder, validity, uid) not in taken
        ),
        unread=tuple(
            (folder, uid)
            for folder, mails in server.items()
            if folder not in watched
            for uid, sha256 in mails.items()
            if sha256 not in known
        ),
        pending=tuple(line.id for line in lines if not line.settled),
        lost=tuple(line.id for line in lines if line.sha256 in ill_kept or line.itemless),
    )


@dataclass
class _Look:
    progress: Callable[[str], None]
    server: dict[str, Contents] = field(default_factory=dict)

    def into(self, box: LookedBox, folder: str) -> None:
        found: Contents = {}
        for uid, sha256 in box.contents(folder):
            found[uid] = sha256
            self.progress(folder)
        self.server[folder] = found


def reconcile(
    openings: Sequence[Callable[[], AbstractContextManager[LookedBox]]],
    sessions: sessionmaker[Session],
    progress: Callable[[str], None] = lambda _folder: None,
) -> Agreement:
    """Looks at one mailbox: its watched folders (`openings`), and those that its mails were put in. `progress` is called for each mail.

    A mail that is not where it should be is looked for in every other folder. Raises MailboxLost, MailboxRefused.
    """
    look, watched = _Look(progress), {}
    for opening in openings:
        with opening() as box:
            look.into(box, box.folder)
            watched[box.folder] = box.uidvalidity
    with openings[0]() as box:
        with sessions() as session:
            targets = store.placed_folders(session, box.name) | {AUTOMATIC, QUARANTINE}
        for folder in sorted(targets - set(watched)):
            look.into(box, folder)
        # Read after the folders: what was taken meanwhile is known.
        with sessions() as session:
            lines = store.ledger_lines(session, box.name)
            ill_kept = frozenset(sha256 for sha256 in {line.sha256 for line in lines} if not store.well_kept(session, sha256))
        found = compare(box.name, lines, watched, look.server, ill_kept)
        if not found.gone:
            return found
        elsewhere = _Look(progress)
        for folder in sorted(set(box.folders()) - set(look.server)):
            elsewhere.into(box, folder)
        others = frozenset(sha256 for mails in elsewhere.server.values() for sha256 in mails.values())
        return compare(box.name, lines, watched, look.server, ill_kept, others)
