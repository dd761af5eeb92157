"""Reads files from a CSV export, with a report of the lines it refuses. Pure."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime

from dossiers.identity import find_number
from dossiers.model import ENDED, Correction, Dossier, State

COLUMNS = ("numero", "aide", "demandeur", "email", "etat", "depose_le", "etat_depuis", "a_completer", "decision_prevue_le")
LONGEST = {"demandeur": 200, "email": 254, "a_completer": 500}
_EMAIL = re.compile(r"[^@\s;,]+@[^@\s;,]+\.[^@\s;,]+")


class UnreadableFile(ValueError):
    """Le fichier n'a pas les colonnes attendues."""


@dataclass(frozen=True)
class Refused:
    """A line that was not imported. `line` counts from 1, the header included."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"ligne {self.line} : {self.reason}"


@dataclass(frozen=True)
class Import:
    """What a CSV file held."""

    dossiers: tuple[Dossier, ...]
    refused: tuple[Refused, ...]


def read_csv(raw: bytes, known_aids: frozenset[str]) -> Import:
    """Files of a CSV in UTF-8 or Windows-1252, separated by `;` or `,`, dates as 2026-12-31 or 31/12/2026.

    Raises UnreadableFile when columns are missing: nothing could be told line by line then.
    """
    text = _decode(raw)
    separator = ";" if text.split("\n", 1)[0].count(";") >= text.split("\n", 1)[0].count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise UnreadableFile(f"colonnes absentes : {', '.join(missing)}. Colonnes attendues : {', '.join(COLUMNS)}")
    dossiers: dict[str, Dossier] = {}
    refused: list[Refused] = []
    for row in reader:
        try:
            dossier = _dossier({k: (v or "").strip() for k, v in row.items() if isinstance(k, str)}, known_aids)
            if dossier.number in dossiers:
                raise ValueError(f"le numéro {dossier.number} est déjà sur une autre ligne")
            dossiers[dossier.number] = dossier
        except ValueError as error:
            refused.append(Refused(reader.line_num, str(error)))
    return Import(tuple(dossiers.values()), tuple(refused))


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _dossier(row: dict[str, str], known_aids: frozenset[str]) -> Dossier:
    number = find_number(row["numero"])
    if number is None:
        raise ValueError(f"numéro de dossier illisible « {row['numero']} »")
    if row["aide"] not in known_aids:
        raise ValueError(f"aide inconnue « {row['aide']} »")
    if not row["demandeur"]:
        raise ValueError("demandeur absent")
    if not _EMAIL.fullmatch(row["email"]):
        raise ValueError("adresse e-mail absente ou incorrecte")
    if row["etat"] not in State:
        raise ValueError(f"état inconnu « {row['etat']} » ; états possibles : {', '.join(State)}")
    state = State(row["etat"])
    for column, most in LONGEST.items():
        if len(row[column]) > most:
            raise ValueError(f"{column} : {most} caractères au plus")
    filed_on = None if state is State.BROUILLON and not row["depose_le"] else _date(row["depose_le"], "depose_le")
    since = _date(row["etat_depuis"], "etat_depuis")
    if filed_on and since < filed_on:
        raise ValueError("etat_depuis est avant depose_le")
    correction, missing = _correction(row["a_completer"])
    if correction and state in ENDED:
        raise ValueError("un dossier clos ne peut pas être à compléter")
    expected = _date(row["decision_prevue_le"], "decision_prevue_le") if row["decision_prevue_le"] else None
    return Dossier(number, row["aide"], row["demandeur"], row["email"], state, filed_on, since, correction, missing, expected)


def _date(text: str, column: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    raise ValueError(f"{column} : date illisible « {text} »")


def _correction(text: str) -> tuple[Correction | None, str]:
    if not text:
        return None, ""
    kind, _, missing = text.partition(":")
    if kind.strip() not in Correction:
        raise ValueError(f"a_completer doit commencer par {', '.join(Correction)} suivi de « : », pas « {kind.strip()} »")
    return Correction(kind.strip()), missing.strip()
