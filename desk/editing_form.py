"""A content value as a form, and a form as a content value. Pure; what the fields are comes from the type, their words from `editing_words`.

A form tells only what somebody changed: a field left as it was shown keeps the value of the file, with its type and its absence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from answers.model import WEEKDAYS
from desk.editing_words import CHOICES, LABELS
from store.content import NOT_TEXT

MOST_ROWS = 200
Form = dict[str, list[str]]
MIDNIGHT, _MORNING = "24:00", "00:00"
"""The end of a day: a clock shows it as the beginning of the next."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Field:
    """A part of a form. `kind`: line, text, lines (a list, one a line), number, day, flag, choice, choices, group, rows, hours, pairs.

    `name`: where the value stands, keys joined by dots ("amount.ceiling"). `parts`: fields of a group, or of a row.
    """

    name: str
    kind: str
    label: str
    help: str = ""
    needed: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    parts: tuple["Field", ...] = ()


class FormRefusedError(Exception):
    """Des champs sont à corriger. `errors`: what is wrong, by name of field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


def fields_of(kind: type, name: str = "", about: str = "") -> tuple[Field, ...]:
    """The fields of a dataclass of the content. `about`: the same place without ranks, under which its words are kept."""
    hints = get_type_hints(kind)
    found = []
    for each in fields(kind):
        place, words = _join(name, each.name), _join(about, each.name)
        label, told = LABELS[f"{kind.__name__}.{each.name}"]
        has_default = each.default is not each.default_factory
        found.append(replace(_field(hints[each.name], place, words, has_default), label=label, help=told))
    return tuple(found)


def _field(hint: Any, name: str, about: str, has_default: bool) -> Field:
    optional = get_origin(hint) in (Union, UnionType)
    kind = next(part for part in get_args(hint) if part is not NoneType) if optional else hint
    needed = not (optional or has_default)
    made = Field(name, "line", "", needed=needed)
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        if is_dataclass(inner):
            return replace(made, kind="rows", parts=fields_of(inner, "", about))  # type: ignore[arg-type]
        if isinstance(inner, type) and issubclass(inner, Enum):
            return replace(made, kind="choices", choices=_choices(inner))
        return replace(made, kind="lines")
    if get_origin(kind) is dict:
        return replace(made, kind="pairs" if get_args(kind)[1] is str else "hours")
    if is_dataclass(kind):
        return replace(made, kind="group", parts=fields_of(kind, name, about))  # type: ignore[arg-type]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return replace(made, kind="choice", choices=_choices(kind))
    plain = {bool: "flag", int: "number", float: "number", date: "day"}
    if kind in plain:
        return replace(made, kind=plain[kind])
    return replace(made, kind="text" if about.rpartition(".")[2] in ("text", "plain", "description", "address") else "line")


def _choices(kind: type[Enum]) -> tuple[tuple[str, str], ...]:
    return tuple((each.value, CHOICES[kind.__name__][each.value]) for each in kind)


def _join(before: str, name: str) -> str:
    return f"{before}.{name}" if before else name


def shown(parts: tuple[Field, ...], data: Any, before: str = "") -> dict[str, list[str]]:
    """What a form shows of `data`, by name of input."""
    told: dict[str, list[str]] = {}
    data = data if isinstance(data, dict) else {}
    for field in parts:
        name = _join(before, field.name)
        value = data.get(field.name.rpartition(".")[2])
        if field.kind == "group":
            told |= shown(field.parts, value, before)
        elif field.kind == "rows":
            rows = value if isinstance(value, list) else []
            told[f"{name}#"] = [str(at) for at in range(len(rows))]
            for at, row in enumerate(rows):
                told |= shown(field.parts, row, f"{name}.{at}")
        elif field.kind == "hours":
            for day in WEEKDAYS:
                spans = [str(span).partition("-") for span in (value or {}).get(day) or ()]
                told[f"{name}.{day}.de"], told[f"{name}.{day}.a"] = (
                    [span[0] for span in spans],
                    [_MORNING if span[2] == MIDNIGHT else span[2] for span in spans],
                )
        elif field.kind == "pairs":
            told |= {f"{name}.{key}": [str(text)] for key, text in (value or {}).items()}
        else:
            told[name] = _as_typed(field, value)
    return told


def _as_typed(field: Field, value: Any) -> list[str]:
    if field.kind in ("choices", "lines"):
        texts = [str(each) for each in value or ()]
        return texts if field.kind == "choices" else ["\n".join(texts)]
    if field.kind == "flag":
        return ["oui"] if value else []
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return ["" if value is None else str(value).rstrip("\n").replace(".", ",") if isinstance(value, float) else str(value).rstrip("\n")]


def rows_of(form: Mapping[str, list[str]], name: str) -> list[str]:
    """The rows of a list in a form, each by its rank in the file, or "" for a new one."""
    return [rank if rank.isascii() and rank.isdigit() and len(rank) < 4 else "" for rank in form.get(f"{name}#", [])[:MOST_ROWS]]


def change_rows(form: Mapping[str, list[str]], action: str) -> dict[str, list[str]]:
    """The form with a row more ("ajouter:documents"), or less ("retirer:documents:2"). Another action changes nothing."""
    verb, _, place = action.partition(":")
    name, _, rank = place.partition(":") if verb == "retirer" else (place, "", "")
    rows = form.get(f"{name}#", [])
    made = dict(form)
    if verb == "ajouter" and name and len(rows) < MOST_ROWS:
        made[f"{name}#"] = [*rows, ""]
    elif verb == "retirer" and rank.isascii() and rank.isdigit() and int(rank) < len(rows):
        gone = int(rank)
        made = {key: value for key, value in form.items() if not key.startswith(f"{name}.")}
        made[f"{name}#"] = rows[:gone] + rows[gone + 1 :]
        for key, value in form.items():
            found = re.fullmatch(rf"{re.escape(name)}\.([0-9]{{1,3}})\.(.+)", key, re.DOTALL)
            if found and int(found[1]) != gone:
                made[f"{name}.{int(found[1]) - (int(found[1]) > gone)}.{found[2]}"] = value
    return made


def read(parts: tuple[Field, ...], form: Mapping[str, list[str]], data: Any) -> dict[str, Any]:
    """The value that a form tells, from that of the file. Raises FormRefusedError."""
    errors: dict[str, str] = {}
    made = _read(parts, form, data, "", errors)
    if errors:
        raise FormRefusedError(errors)
    return made


def _read(parts: tuple[Field, ...], form: Mapping[str, list[str]], data: Any, before: str, errors: dict[str, str]) -> dict[str, Any]:
    made = dict(data) if isinstance(data, dict) else {}
    was = shown(parts, made, before)
    for field in parts:
        key, name = field.name.rpartition(".")[2], _join(before, field.name)
        if field.kind == "group":
            inner = _group(field, form, made.get(key), before, errors)
            if inner or field.needed or key in made:
                made[key] = inner
        elif field.kind == "rows":
            rows = [_read_row(field, form, made.get(key), f"{name}.{at}", rank, errors) for at, rank in enumerate(rows_of(form, name))]
            rows = [row for row in rows if row]
            if rows or field.needed or made.get(key):
                made[key] = rows
        elif field.kind == "hours":
            days = dict(made.get(key) or {})
            for day in WEEKDAYS:
                names = (f"{name}.{day}.de", f"{name}.{day}.a")
                typed = [list(map(str.strip, form.get(each, []))) for each in names]
                spans = [f"{start}-{MIDNIGHT if end == _MORNING else end}" for start, end in zip(*typed, strict=False) if start or end]
                if spans != (days.get(day) or []):
                    days[day] = spans
            made[key] = days
        elif field.kind == "pairs":
            pairs = dict(made.get(key) or {})
            for each in pairs:
                typed_one = _clean(form.get(f"{name}.{each}", [str(pairs[each])]), False)
                if typed_one != str(pairs[each]):
                    pairs[each] = typed_one
            if pairs:
                made[key] = pairs
        else:
            _read_plain(field, form.get(name, []), was[name], made, key, name, errors)
    return made


def _group(field: Field, form: Mapping[str, list[str]], value: Any, before: str, errors: dict[str, str]) -> dict[str, Any] | None:
    if not field.needed and not value and not any("".join(form.get(_join(before, part.name), [])).strip() for part in field.parts):
        return value if isinstance(value, dict) else None
    empty = all(not "".join(form.get(_join(before, part.name), [])).strip() for part in field.parts)
    if empty and not field.needed:
        return None
    return _read(field.parts, form, value, before, errors)


def _read_row(
    field: Field, form: Mapping[str, list[str]], rows: Any, name: str, rank: str, errors: dict[str, str]
) -> dict[str, Any] | None:
    if not any("".join(value).strip() for key, value in form.items() if key.startswith(f"{name}.")):
        return None
    known = rows[int(rank)] if rank and isinstance(rows, list) and int(rank) < len(rows) else {}
    return _read(field.parts, form, known, name, errors)


def _read_plain(field: Field, typed: list[str], was: list[str], made: dict[str, Any], key: str, name: str, errors: dict[str, str]) -> None:
    long = field.kind in ("text", "lines")
    values = typed if field.kind in ("choices", "flag") else [_clean(typed, long)]
    if field.kind == "choices":  # boxes come in the order of the form, which is not that of the file
        values = [value for value in was if value in values] + [value for value in values if value not in was]
    if values == was or (len(was) == 1 and values == [_clean(was, long)]):
        if field.needed and not "".join(values):
            errors[name] = f"Complétez « {field.label} »."
        return
    text = "" if not values else values[0]
    if field.kind == "flag":
        made[key] = bool(values)
    elif field.kind == "choices":
        made[key] = values
    elif field.kind == "lines":
        made[key] = [line.strip() for line in text.split("\n") if line.strip()]
    elif not text.strip():
        _leave_empty(field, made, key, name, errors)
    elif field.kind == "number":
        bare = re.sub(r"[\s€%]", "", text).replace(",", ".")
        if not _NUMBER.fullmatch(bare) or len(bare) > 15:
            errors[name] = f"« {field.label} » : écrivez un nombre, en chiffres."
        else:
            made[key] = float(bare) if "." in bare else int(bare)
    elif field.kind == "day":
        try:
            made[key] = date.fromisoformat(text)
        except ValueError:
            errors[name] = f"« {field.label} » : écrivez une date, comme 2026-12-31."
    else:
        ends = field.kind == "text" and (key not in made or str(made[key]).endswith("\n"))
        made[key] = text + "\n" * ends


def _leave_empty(field: Field, made: dict[str, Any], key: str, name: str, errors: dict[str, str]) -> None:
    if field.needed:
        errors[name] = f"Complétez « {field.label} »."
    elif key in made:
        del made[key]


def merged(opened: Mapping[str, list[str]], mine: Mapping[str, list[str]], theirs: Mapping[str, list[str]]) -> tuple[Form, list[str]]:
    """What I changed since the form was opened, put on what another person saved meanwhile; and the names of what both changed, where mine
    stands. Rows of a list go together."""
    lists = [key[:-1] for key in sorted({*opened, *mine, *theirs}) if key.endswith("#")]

    def by_place(form: Mapping[str, list[str]]) -> dict[str, Form]:
        found: dict[str, Form] = {}
        for key, values in form.items():
            place = next((name for name in lists if key.startswith((f"{name}#", f"{name}."))), key)
            found.setdefault(place, {})[key] = values
        return found

    def told(form: Form | None) -> Form:
        kept = {key: [_clean([each], True) for each in values if each.strip() or key.endswith("#")] for key, values in (form or {}).items()}
        return {key: values for key, values in kept.items() if values}

    before, own, other = by_place(opened), by_place(mine), by_place(theirs)
    made: Form = {}
    both = []
    for place in {**other, **own}:
        was, typed, now = told(before.get(place)), told(own.get(place)), told(other.get(place))
        made |= (other if typed == was else own).get(place, {})
        if was not in (typed, now) and typed != now:
            both.append(place)
    return made, both


def _clean(typed: list[str], long: bool) -> str:
    """What was typed, with the ends of lines of the files and without what nobody sees. A line has no end."""
    text = NOT_TEXT.sub("", typed[0] if typed else "").replace("\r\n", "\n").replace("\r", "\n")
    return text.rstrip() if long else text.replace("\n", " ").strip()
