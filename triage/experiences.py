"""Reads the CSV export of experiences of Services Publics+, with a reason for each row it refuses. Pure: reads the stream it is given.

Names of columns: the State's open data of the platform (opendata.plus.transformation.gouv.fr, « Export expériences »).
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, BinaryIO

from language.normalise import fold
from triage.decode import clean
from triage.model import Sentiment

PLATFORM = "Services Publics+"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id experience", "identifiant experience", "numero experience", "identifiant", "id", "reference"),
    "written": ("ecrit le", "date d envoi de l experience", "date de depot", "date de publication", "date"),
    "author": ("pseudonyme usager", "pseudonyme"),
    "title": ("titre",),
    "text": ("description", "experience", "message"),
    "feeling": ("ressenti usager", "ressenti"),
    "state": ("etat experience", "statut experience", "statut", "etat"),
    "structure": ("intitule structure 1", "intitule structure", "structure 1", "structure"),
    "reply": ("reponse structure 1", "reponse structure", "reponse"),
    "reply_state": ("statut reponse structure 1", "statut reponse structure", "statut reponse"),
}
"""What is read, and the names of its column, the first that is there being taken; compared without case, accents and signs."""
CRITERIA: Mapping[str, tuple[str, ...]] = {
    "accessibilite": ("accessibilite",),
    "information": ("information explication", "information"),
    "relation": ("relation",),
    "reactivite": ("reactivite",),
    "simplicite": ("simplicite complexite", "simplicite"),
}
NEEDED = {"text": "Description"}
LONGEST_ID = 100
EARLIEST = 2000
_FEELINGS = {"negatif": Sentiment.NEGATIF, "neutre": Sentiment.NEUTRE, "positif": Sentiment.POSITIF}
_ANSWERED = re.compile(r"avec reponse|repondu\w*|traite\w*|publiee? avec reponse|reponse publiee")
_FORMS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y %Hh%M", "%d/%m/%Y", "%d-%m-%Y")


@dataclass(frozen=True)
class Refused:
    """A row that cannot be taken. `line`: the first of the row in the file, from 1."""

    line: int
    reason: str


@dataclass(frozen=True)
class Experience:
    """What a user told on the platform. `received_at`: None when the export does not say.

    `declared`: what the author and the platform say of it (feeling, criteria, state, structure, reply), to be shown beside the machine's reading.
    `answered`: the platform already holds a reply.
    """

    line: int
    id: str
    title: str
    author: str
    text: str
    received_at: datetime | None
    declared: dict[str, Any]
    answered: bool


def read_experiences(file: BinaryIO, now: datetime, zone: tzinfo) -> Iterator[Experience | Refused]:
    """Rows of an export in UTF-8, UTF-16 or Windows-1252, separated by `;`, `,` or tabs. Whatever the bytes, gives rows or refusals.

    `file` must allow going back; `zone`: of the dates without one.
    """
    text = io.TextIOWrapper(file, _encoding(file), "replace", newline="")
    try:
        first = text.readline(200_000)
        separator = max(";,\t", key=first.count)
        text.seek(0)
        yield from _rows(csv.reader(text, delimiter=separator), now, zone)
    finally:
        text.detach()


def _rows(reader: Any, now: datetime, zone: tzinfo) -> Iterator[Experience | Refused]:
    places: dict[str, int] = {}
    width = 0
    while True:
        line = reader.line_num + 1
        try:
            row: list[str] = next(reader)
        except StopIteration:
            if not width:
                yield Refused(1, "fichier vide")
            return
        except csv.Error:
            yield Refused(line, "ligne illisible : un guillemet n'est sans doute pas fermé, ou une case est trop longue")
            if not width:
                return
            continue
        if not any(cell.strip() for cell in row):
            continue
        if not width:
            places, width = _places(row), len(row)
            missing = [french for name, french in NEEDED.items() if name not in places]
            if missing:
                yield Refused(line, f"colonne absente : {', '.join(missing)}")
                return
            continue
        try:
            if any(cell.strip() for cell in row[width:]):
                raise ValueError(f"{len(row)} cases au lieu de {width} : un guillemet manque peut-être")
            yield _experience(line, {name: clean(row[at]).strip() if at < len(row) else "" for name, at in places.items()}, now, zone)
        except ValueError as error:
            yield Refused(line, str(error))


def _experience(line: int, row: Mapping[str, str], now: datetime, zone: tzinfo) -> Experience:
    given = {name: row.get(name, "") for name in COLUMNS}
    if not given["text"]:
        raise ValueError("description vide")
    if len(given["id"]) > LONGEST_ID:
        raise ValueError("identifiant trop long")
    criteria = {slug: _feeling(row[slug], slug) for slug in CRITERIA if row.get(slug)}
    declared = {
        "source": PLATFORM,
        "id": given["id"],
        "feeling": _feeling(given["feeling"], "ressenti") if given["feeling"] else None,
        "criteria": criteria,
        "state": given["state"],
        "structure": given["structure"],
        "reply": given["reply"],
    }
    answered = bool(given["reply"]) or any(_ANSWERED.fullmatch(fold(given[name])) for name in ("state", "reply_state"))
    received = _moment(given["written"], now, zone) if given["written"] else None
    title, author = (" ".join(given[name].split()) for name in ("title", "author"))
    return Experience(line, given["id"], title[:500], author[:200], given["text"], received, declared, answered)


def _places(header: Sequence[str]) -> dict[str, int]:
    """Where each thing read stands in a row."""
    folded = [fold(cell.replace("_", " ")) for cell in header]
    found = {
        name: next((folded.index(known) for known in names if known in folded), None) for name, names in {**COLUMNS, **CRITERIA}.items()
    }
    return {name: at for name, at in found.items() if at is not None}


def _feeling(text: str, what: str) -> str:
    known = _FEELINGS.get(fold(text))
    if known is None:
        raise ValueError(f"{what} inconnu « {text[:40]} » ; attendu : Positif, Neutre ou Négatif")
    return known.value


def _moment(text: str, now: datetime, zone: tzinfo) -> datetime:
    found = _read_moment(text)
    if found is None or found.year < EARLIEST:
        raise ValueError(f"date illisible « {text[:40]} »")
    at = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    if at > now:
        raise ValueError(f"date dans l'avenir « {text[:40]} »")
    return at


def _read_moment(text: str) -> datetime | None:
    """A moment; a day alone is told at its noon."""
    try:
        return datetime.combine(date.fromisoformat(text), time(12))
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _FORMS:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the platform's, given after
        except ValueError:
            continue
        return found if "%H" in form else datetime.combine(found.date(), time(12))
    return None


def _encoding(file: BinaryIO) -> str:
    """The character set of the whole file; the stream is left at its beginning."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    start = file.read(2)
    file.seek(0)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    try:
        while chunk := file.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8-sig"
