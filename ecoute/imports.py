"""`ecoute triage import`: messages kept elsewhere, from files."""

import csv
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from types import FrameType

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import SQLAlchemyError

from desk.words import KINDS
from ecoute.settings import Settings
from ecoute.told import fail, told
from ecoute.wire import Parts, now
from triage.archives import Sort, mails, sort_of, weight
from triage.experiences import Refused, read_experiences
from triage.importing import Importer, Result, Taken, Tally
from triage.isolated import IsolatedParser
from web.region import Region

REPORT = "refus.csv"
HEADER = ("fichier", "endroit", "motif")
ACCEPTED = "mbox, Maildir (dossier), .eml, dossier ou zip de .eml, export CSV de Services Publics+"
WORDS = {
    Result.IMPORTED: ("importé", "importés"),
    Result.KNOWN: ("déjà présent", "déjà présents"),
    Result.AUTOMATIC: ("message de machine laissé de côté", "messages de machine laissés de côté"),
    Result.REFUSED: ("refusé", "refusés"),
}
INTERRUPTED = 130
console = Console(stderr=True)


def import_files(files: Sequence[Path], dry_run: bool, answered: bool) -> None:
    """Imports files one after the other, shows how far it is, tells what was done, ends with status 130 after Ctrl-C.

    `dry_run`: nothing is written; `answered`: the messages are stored as handled.
    """
    parts, open_mail, tally, stop = Parts(Settings()), IsolatedParser(), Tally(), Event()
    with told():
        _ = parts.classifier, parts.table()
        importer = Importer(
            parts.sessions,
            open_mail,
            lambda message, by_person: parts.classifier.read(message.subject, message.text, by_person),
            parts.route,
            now,
            write=not dry_run,
            answered=answered,
        )
        with _stopping(stop), Refusals(write=not dry_run) as refusals:
            try:
                for file in files:
                    _import_file(file, importer, tally, refusals, stop)
            except SQLAlchemyError as error:
                _tell(tally, dry_run)
                fail(
                    f"La base de données ne répond pas ({type(error).__name__}). Lancez « ecoute doctor », puis la même commande : elle reprendra."
                )
            finally:
                open_mail.close()
    _tell(tally, dry_run)
    if refusals.written:
        typer.echo(f"Les refus sont détaillés dans {', '.join(map(str, refusals.written))}")
    if stop.is_set():
        typer.echo("Import arrêté. Relancez la même commande : elle reprendra où elle en était.", err=True)
        raise typer.Exit(INTERRUPTED)


def _import_file(file: Path, importer: Importer, tally: Tally, refusals: "Refusals", stop: Event) -> None:
    try:
        sort = sort_of(file)
    except OSError as error:
        tally.add(refusals.refuse(file, "", f"fichier impossible à ouvrir : {error.strerror}"))
        return
    if sort is None:
        tally.add(refusals.refuse(file, "", f"fichier inconnu. Fichiers acceptés : {ACCEPTED}"))
        return
    total = max(weight(file), 1)
    with Progress(console=console) as bar:
        task = bar.add_task(file.name or str(file), total=total)
        for place, taken, read in _taken(file, sort, importer):
            # A mail whose reader was stopped by the same key is no refusal: it is taken the next time.
            if stop.is_set() and taken.result is Result.REFUSED:
                return
            if taken.result is Result.REFUSED:
                refusals.refuse(file, place, taken.reason)
            tally.add(taken)
            bar.update(task, completed=read)
            if stop.is_set():
                return
        bar.update(task, completed=total)


def _taken(file: Path, sort: Sort, importer: Importer) -> Iterator[tuple[str, Taken, int]]:
    """What became of each message of a file, where it stands, and how many bytes were read so far."""
    if sort is not Sort.CSV:
        for found in mails(file, sort):
            taken = Taken(Result.REFUSED, reason=found.reason) if found.raw is None else importer.take_mail(found.raw)
            yield found.place, taken, found.read
        return
    with file.open("rb") as stream:
        for row in read_experiences(stream, importer.now(), Region().timezone()):
            taken = Taken(Result.REFUSED, reason=row.reason) if isinstance(row, Refused) else importer.take_experience(row)
            yield str(row.line), taken, stream.tell()


class Refusals:
    """Writes what is refused in a CSV beside each file, as it comes. Not written at all with `write` False: told on the screen then."""

    def __init__(self, write: bool) -> None:
        self._write = write
        self._open: dict[Path, tuple[Callable[[tuple[str, ...]], object], Callable[[], None]]] = {}
        self.written: list[Path] = []

    def __enter__(self) -> "Refusals":
        return self

    def __exit__(self, *_error: object) -> None:
        for _, close in self._open.values():
            close()

    def refuse(self, file: Path, place: str, reason: str) -> Taken:
        """Notes a refusal. `place`: line or name within the file."""
        row = tuple(_harmless(cell) for cell in (file.name, place, reason))
        folder = file.resolve().parent
        if self._write and folder not in self._open:
            self._open_report(folder / REPORT)
        if self._write and folder in self._open:
            self._open[folder][0](row)
        else:
            console.print(f"refusé : {file.name} {place} : {reason}", markup=False, highlight=False)
        return Taken(Result.REFUSED, reason=reason)

    def _open_report(self, path: Path) -> None:
        try:
            stream = path.open("w", newline="", encoding="utf-8-sig")
        except OSError as error:
            console.print(f"{path} ne peut pas être écrit ({error.strerror}) : les refus sont affichés ici.", markup=False)
            return
        write = csv.writer(stream, delimiter=";").writerow
        write(HEADER)
        self._open[path.parent] = (write, stream.close)
        self.written.append(path)


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


@contextmanager
def _stopping(stop: Event) -> Iterator[None]:
    """Ctrl-C ends after the message at hand; a second one ends at once."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(tally: Tally, dry_run: bool) -> None:
    if dry_run:
        typer.echo("Essai : rien n'est écrit. Ce qui serait fait :")
    typer.echo(", ".join(f"{count} {WORDS[result][count > 1]}" for result in Result if (count := tally.results[result])) or "aucun message")
    for (kind, queue), count in sorted(tally.places.items(), key=lambda place: -place[1]):
        typer.echo(f"  {count:>6}  {KINDS.get(kind, kind)}, file « {queue} »")
