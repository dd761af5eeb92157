"""Content files: YAML written by editors, checked against a dataclass, with errors in French at file, line and column.

Kept apart from the database but in the same room: both are what the service reads its facts from.
"""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

log = logging.getLogger(__name__)

# Ten times faster where PyYAML was built with libyaml.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MOST_LEVELS = 30
MOST_PROBLEMS = 50
"""Told of one file at most."""

NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Characters that no content holds."""

_MESSAGES = {
    "missing": "il manque « {field} » : ajoutez-le",
    "extra_forbidden": "« {field} » n'est pas un champ connu : corrigez son nom, ou retirez-le",
    "unexpected_keyword_argument": "« {field} » n'est pas un champ connu : corrigez son nom, ou retirez-le",
    "enum": "« {field} » ne peut pas valoir « {input} » ; valeurs possibles : {expected}",
    "string_type": "« {field} » doit être un texte",
    "int_type": "« {field} » doit être un nombre entier",
    "int_parsing": "« {field} » doit être un nombre entier",
    "int_from_float": "« {field} » doit être un nombre entier",
    "float_type": "« {field} » doit être un nombre",
    "float_parsing": "« {field} » doit être un nombre",
    "bool_parsing": "« {field} » doit être true ou false",
    "dataclass_type": "« {field} » doit contenir plusieurs champs",
    "dict_type": "« {field} » doit contenir plusieurs champs",
    "tuple_type": "« {field} » doit être une liste",
    "date_type": "« {field} » doit être une date, comme 2026-12-31",
    "date_from_datetime_parsing": "« {field} » doit être une date, comme 2026-12-31",
    "date_parsing": "« {field} » doit être une date, comme 2026-12-31",
    "value_error": "{error}",
}


@dataclass(frozen=True)
class Problem:
    """What is wrong in a content file, for the person who edits it. `line` and `column` count from 1; column 0: the whole line.

    `where`: keys and places in lists that lead to the value, none when the whole file is meant.
    """

    file: str
    line: int
    message: str
    column: int = 0
    where: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        where = f"ligne {self.line}" + (f", colonne {self.column}" if self.column else "")
        return f"{self.file}, {where} : {self.message}"


class ContentError(Exception):
    """Un fichier de contenu n'est pas valide."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class LiveFolder[T]:
    """The YAML files of a folder as values, always those of the files as they are now.

    A file that an edit has made invalid keeps its last valid value, and its problems are reported: a slip of an editor must
    not take content off the assistant. `check` may refuse a value with a ValueError whose text is for the editor.
    """

    def __init__(self, folder: Path, kind: Any, check: Callable[[Path, T], None] | None = None, pattern: str = "*.yml") -> None:
        self._folder, self._kind, self._check, self._pattern = folder, kind, check, pattern
        self._stamps: dict[Path, tuple[int, int]] | None = None
        self._values: dict[str, T] = {}
        self._problems: tuple[Problem, ...] = ()

    def values(self) -> dict[str, T]:
        """Values by file name without its ending."""
        self._refresh()
        return self._values

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the files as they are now."""
        self._refresh()
        return self._problems

    def paths(self) -> dict[str, Path]:
        """The files as they are now, by name without ending. A link that leads out of the folder is none of them."""
        inside = self._folder.resolve()
        return {path.stem: path for path in sorted(self._folder.glob(self._pattern)) if path.resolve().parent == inside}

    def parse(self, path: Path, text: str) -> T:
        """The value of `text` if it stood in the file at `path`. Raises ContentError."""
        value: T = parse_content(text, path.name, self._kind)
        if self._check:
            try:
                self._check(path, value)
            except ValueError as error:
                raise ContentError((Problem(path.name, 1, str(error)),)) from None
        return value

    def _refresh(self) -> None:
        stamps = {path: _stamp(path) for path in sorted(self._folder.glob(self._pattern))}
        if stamps == self._stamps:
            return
        values: dict[str, T] = {}
        problems: list[Problem] = []
        for path in stamps:
            try:
                values[path.stem] = self._read(path)
            except ContentError as error:
                problems += error.problems
                if path.stem in self._values:
                    values[path.stem] = self._values[path.stem]
        self._stamps, self._values, self._problems = stamps, values, tuple(problems)
        for problem in problems:
            log.warning("contenu refusé : %s", problem)

    def _read(self, path: Path) -> T:
        return self.parse(path, _text(path))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:  # gone while an editor saves it: seen again at the next look
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


def read_content(path: Path, kind: Any) -> Any:
    """The type `kind` (a dataclass, or a dict of them) filled from the YAML file at `path`. Unknown keys are refused.

    Raises ContentError with every problem, each at its line (from 1), also when the file cannot be read.
    """
    return parse_content(_text(path), path.name, kind)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ContentError((Problem(path.name, line, "le fichier doit être enregistré en UTF-8"),)) from None
    except OSError as error:
        raise ContentError((Problem(path.name, 1, f"fichier illisible ({error.strerror})"),)) from None


def parse_content(text: str, name: str, kind: Any) -> Any:
    """The same from the text of the file called `name`."""
    value = plain_values(text, name)
    try:
        return _adapter(kind).validate_python(value)
    except ValidationError as error:
        node = yaml.compose(text, Loader=_Loader)
        raise ContentError(
            tuple(Problem(name, *_explain(e, node), where=tuple(e["loc"])) for e in error.errors()[:MOST_PROBLEMS])
        ) from None


def plain_values(text: str, name: str) -> Any:
    """What the YAML text holds, in lists and dictionaries, whatever it should hold. Raises ContentError."""
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            wrong = _refusal(event, depth)
            if wrong:
                raise yaml.MarkedYAMLError(problem=wrong, problem_mark=event.start_mark)  # type: ignore[arg-type]  # libyaml's marks are alike
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - both loaders are safe ones
    except yaml.MarkedYAMLError as error:
        line, column = (error.problem_mark.line + 1, error.problem_mark.column + 1) if error.problem_mark else (1, 0)
        raise ContentError((Problem(name, line, f"écriture YAML incorrecte ({error.problem})", column),)) from None
    except (yaml.YAMLError, ValueError, TypeError) as error:  # ValueError: an impossible date such as 2026-02-30
        raise ContentError((Problem(name, 1, f"écriture YAML incorrecte ({error})"),)) from None


def _refusal(event: yaml.Event, depth: int) -> str:
    # The loader calls itself for each level: a text made of brackets would end the process. A few aliases of aliases make billions of values.
    if depth > MOST_LEVELS:
        return "trop de listes ou de champs les uns dans les autres"
    if isinstance(event, yaml.AliasEvent):
        return "les renvois (*) ne sont pas lus : répétez la valeur ; un texte qui commence par * se met entre guillemets"
    if isinstance(event, yaml.ScalarEvent) and NOT_TEXT.search(event.value):
        return "caractère qui n'est pas du texte : retirez-le"
    return ""


def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _explain(error: Any, root: yaml.Node | None) -> tuple[int, str, int]:
    path: Sequence[str | int] = error["loc"]
    template = _MESSAGES.get(error["type"], "« {field} » : {msg}")
    context = error.get("ctx", {})
    message = template.format(
        field=".".join(str(part) for part in path) or "le fichier",
        input=error.get("input"),
        expected=str(context.get("expected", "")).replace(" or ", " ou ").replace("'", ""),
        error=context.get("error", error["msg"]),
        msg=error["msg"],
    )
    line, column = _place(root, path)
    return line, message, column


def _place(node: yaml.Node | None, path: Sequence[str | int]) -> tuple[int, int]:
    """Line and column of the deepest part of `path` that the file holds."""
    mark = node.start_mark if node else None
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if found is None:
                break
            mark, node = found[0].start_mark, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.start_mark
        else:
            break
    return (mark.line + 1, mark.column + 1) if mark else (1, 0)
