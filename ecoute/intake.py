"""The mailboxes of the settings: watched, settled once, read again, held against the ledger."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from threading import BoundedSemaphore, Event
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ecoute.wire import Parts, now
from triage import store
from triage.addresses import Address
from triage.errors import MailboxLost, MailboxRefused
from triage.isolated import IsolatedParser
from triage.model import Message, Reading
from triage.reconcile import Agreement, reconcile
from triage.watch import run_forever, run_together
from triage.worker import Box, Open, Report, settle_mailbox

READ_AT_ONCE = 2
"""Mails, of all mailboxes: one a core."""


def watch(parts: Parts, addresses: Sequence[Address]) -> None:
    """Settles mail for ever, each folder in a thread of its own. Raises ModelMissing."""
    read = _in_turn(parts)

    def keep(rank: int, address: Address) -> None:
        # A reader of mails serves one thread.
        with closing(IsolatedParser()) as open_mail:
            run_forever(
                partial(parts.mailbox, address),
                parts.sessions,
                read,
                parts.route,
                now,
                Event(),
                open_mail=open_mail,
                most_read=parts.settings.mail_most_bytes,
                letters=parts.letters,
                label=f"mailbox {rank} ({address.label})",
                beside=partial(_beside, parts, address),
            )

    _ = parts.imap_tokens, parts.sessions, parts.letters, parts.table()  # built before threads share them
    run_together([partial(keep, rank, address) for rank, address in enumerate(addresses, 1)])


def _in_turn(parts: Parts) -> Callable[[Message], Reading]:
    """Reads mails, not more at once than there are cores for it."""
    reading = BoundedSemaphore(READ_AT_ONCE)

    def read(message: Message) -> Reading:
        with reading:
            return parts.read(message)

    return read


@contextmanager
def _beside(parts: Parts, address: Address) -> Iterator[tuple[Box, Open]]:
    with parts.mailbox(address) as box, closing(IsolatedParser()) as open_mail:
        yield box, open_mail


def settle_once(parts: Parts, addresses: Sequence[Address], only: frozenset[int] | None = None) -> tuple[Report, list[str]]:
    """Settles each folder, whatever becomes of the others (`only`: these rows of the ledger alone). Gives what was done, and what failed, in words."""
    total, failed, read = Report(), [], _in_turn(parts)
    _ = parts.imap_tokens, parts.sessions, parts.letters, parts.table()  # built before threads share them
    with closing(IsolatedParser()) as open_mail:
        for address in addresses:
            try:
                with parts.mailbox(address) as box:
                    report = settle_mailbox(
                        box,
                        parts.sessions,
                        read,
                        parts.route,
                        now,
                        open_mail=open_mail,
                        most_read=parts.settings.mail_most_bytes,
                        only=only,
                        letters=parts.letters,
                        beside=partial(_beside, parts, address),
                    )
                total.outcomes += report.outcomes
                total.unmoved += report.unmoved
            except (MailboxLost, MailboxRefused) as error:
                failed.append(f"{address.name}, dossier {address.folder} : {_words(error)}")
    return total, failed


def unsettled(parts: Parts, ids: frozenset[int]) -> list[int]:
    """Those of these rows that are still to be read or moved."""
    with parts.sessions() as session:
        return [row.id for row in store.pending(session) if row.id in ids]


def reopen(parts: Parts, ids: Sequence[int]) -> tuple[frozenset[int], list[int]]:
    """Mails in quarantine (all when none is named) are to be read again. Gives them, and those named that are not in quarantine."""
    with parts.sessions.begin() as session:
        wanted = ids or [row.id for row in store.quarantined(session)]
        opened = [number for number in wanted if store.reopen(session, number)]
    return frozenset(opened), [number for number in wanted if number not in opened]


@dataclass(frozen=True)
class Checked:
    """What was found of each mailbox; `unset`: mailboxes of the ledger that the settings no longer name; `failed`: those that could not be looked at."""

    agreements: tuple[Agreement, ...]
    unset: tuple[str, ...]
    failed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Every mailbox was looked at, and nothing is lost, left out or left to do."""
        return not self.failed and all(one.holds for one in self.agreements)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        told = [asdict(one) | {"holds": one.holds} for one in self.agreements]
        return {"holds": self.holds, "mailboxes": told, "unset": self.unset, "failed": self.failed}

    def lines(self) -> Iterator[str]:
        """For people."""
        for one in self.agreements:
            yield from _told(one)
        for name in self.unset:
            yield f"{name} : cette boîte n'est plus dans les réglages, ses lignes du registre ne sont pas vérifiées."
        yield from self.failed
        yield "Le registre et les boîtes s'accordent : rien n'est perdu." if self.holds else "Le registre et les boîtes ne s'accordent pas."


def check(parts: Parts, addresses: Sequence[Address]) -> Checked:
    """Holds every mailbox against the ledger, and shows how far it is."""
    found, failed = [], []
    names = list(dict.fromkeys(address.name for address in addresses))
    with parts.sessions() as session:
        expected = sum(store.outcomes(session).values())
    with _progress(expected) as step:
        for name in names:
            openings = [partial(parts.mailbox, address) for address in addresses if address.name == name]
            try:
                found.append(reconcile(openings, parts.sessions, step))
            except (MailboxLost, MailboxRefused) as error:
                failed.append(f"{name} : {_words(error)}")
    with parts.sessions() as session:
        unset = tuple(name for name in store.ledger_mailboxes(session) if name not in names)
    return Checked(tuple(found), unset, tuple(failed))


@contextmanager
def _progress(expected: int) -> Iterator[Callable[[str], None]]:
    """A bar on the error output, when somebody looks at it. The ledger says about how many mails there are to read."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("messages"))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Vérification", total=expected or None)
        yield lambda folder: bar.update(task, advance=1, description=folder)


def _told(one: Agreement) -> Iterator[str]:
    yield f"{one.mailbox} : {one.mails} messages dans {len(one.folders)} dossiers, {one.rows} lignes au registre"
    counts = [
        ("à leur place", one.agreed),
        ("déplacés depuis par une personne", one.moved),
        ("absents du serveur depuis, octets conservés", one.gone),
        ("copies faites par une personne", one.copies),
        ("en quarantaine", one.quarantined),
        ("à prendre", len(one.untaken)),
        ("pris, à finir", len(one.pending)),
        ("jamais lus", len(one.unread)),
        ("perdus", len(one.lost)),
    ]
    for words, count in counts:
        if count:
            yield f"  {count:>6}  {words}"
    if one.untaken or one.pending:
        yield "  → lancez : ecoute triage run --once"
    for folder in sorted({folder for folder, _ in one.unread}):
        yield f"  → des messages de « {folder} » n'ont jamais été lus : déplacez-les dans un dossier surveillé"
    if one.lost:
        yield f"  → les octets ou l'avis de ces lignes manquent, restaurez une sauvegarde : {', '.join(map(str, one.lost))}"


def _words(error: Exception) -> str:
    doc = (type(error).__doc__ or "").rstrip(".")
    return f"{doc} ({error})." if str(error) else f"{doc}."
