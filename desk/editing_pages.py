"""`/console/contenus`: contents seen, edited by form or as text, compared and put back, by those with the right to each kind.

Nothing in a request is ever part of a path: names of files are looked up among those of the shelf, versions among those of the file.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from desk import editing_store as kept
from desk.editing import Shelf, differences, is_stale, states, title_of, to_review
from desk.editing_form import Field, FormRefusedError, change_rows, fields_of, merged, read, rows_of, shown
from people.rights import Guard, Right
from store.content import ContentError, Problem, plain_values
from store.round_trip import CannotRewriteError, rewrite

HOME = "/console/contenus"
BODY = 600_000
"""Bytes of a form at most."""
MOST_TEXT = 200_000
TOO_LONG = "Ce texte est trop long. Il ne peut pas dépasser 200 000 caractères."
Typed = Mapping[str, list[str]]


async def typed_form(request: Request) -> Typed:
    """The fields of a form, each with its values in order."""
    async with request.form(max_fields=8000) as form:
        return {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}


Form = Annotated[Typed, Depends(typed_form)]


@dataclass
class Editor:
    """What is being edited, and what is told of it. `values`: what the form shows; `text`: the same when edited as text."""

    shelf: Shelf
    name: str
    path: Path
    text: str = ""
    entry: str = ""
    opened: str = ""
    why: str = ""
    values: Typed = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    refusal: str = ""
    theirs: list[tuple[str, str]] = field(default_factory=list)
    mine: list[tuple[str, str]] = field(default_factory=list)

    @property
    def file(self) -> str:
        """Name of the file in the versions."""
        return f"{self.shelf.slug}/{self.name}"

    @property
    def name_of_file(self) -> str:
        """What people call the file that holds the entry."""
        return title_of(self.shelf, self.name)

    @property
    def address(self) -> str:
        return f"{HOME}/{self.shelf.slug}/{self.name}"


def build_routers(
    guard: Guard,
    sessions: sessionmaker[Session],
    templates: Jinja2Templates,
    shelves: tuple[Shelf, ...],
    local_clock: Callable[[], datetime],
) -> list[APIRouter]:
    """The list, and the pages of each shelf, each behind the right to it."""
    templates.env.globals["contents_to_review"] = lambda: to_review(shelves, local_clock().date())
    router = APIRouter(prefix=HOME, dependencies=[Depends(guard.require(Right.READ_CONTENT))])

    @router.get("")
    def contents(request: Request) -> Response:
        today = local_clock().date()
        told = [(shelf, sorted(states(shelf), key=lambda one: not (one.problems or one.stale(today)))) for shelf in shelves]
        return templates.TemplateResponse(request, "desk_contents.html", {"shelves": told, "today": today})

    return [router, *(_Room(shelf, sessions, templates, local_clock).router(guard) for shelf in shelves)]


class _Room:
    """The pages of one shelf."""

    def __init__(
        self, shelf: Shelf, sessions: sessionmaker[Session], templates: Jinja2Templates, local_clock: Callable[[], datetime]
    ) -> None:
        self.shelf, self.sessions, self.templates, self.clock = shelf, sessions, templates, local_clock
        self.parts = tuple(part for part in fields_of(shelf.kind) if part.name not in shelf.fixed) if shelf.kind else ()

    def router(self, guard: Guard) -> APIRouter:
        router = APIRouter(prefix=f"{HOME}/{self.shelf.slug}", dependencies=[Depends(guard.require(self.shelf.right))])
        router.add_api_route("/{name}", self.open_form, methods=["GET"])
        router.add_api_route("/{name}", self.save_form, methods=["POST"])
        router.add_api_route("/{name}/texte", self.open_text, methods=["GET"])
        router.add_api_route("/{name}/texte", self.save_text, methods=["POST"])
        router.add_api_route("/{name}/verifiee", self.say_checked, methods=["POST"])
        router.add_api_route("/{name}/versions", self.history, methods=["GET"])
        router.add_api_route("/{name}/versions/{number}", self.one_version, methods=["GET"])
        router.add_api_route("/{name}/versions/{number}/retablir", self.put_back, methods=["POST"])
        return router

    def open_form(self, request: Request, name: str, entree: str = "") -> Response:
        editor = self._open(name)
        if not self.shelf.kind:
            return RedirectResponse(f"{editor.address}/texte", 303)
        try:
            data = plain_values(editor.text, editor.path.name)
            self.shelf.files.parse(editor.path, editor.text)
        except ContentError as error:
            editor.problems, editor.refusal = error.problems, "Ce fichier contient une erreur. Corrigez-la d'abord dans le texte."
            return self._show(request, editor, "desk_content_text.html", 409)
        if self.shelf.by_entry and not entree:
            titles = {key: title_of(self.shelf, name, self.shelf.files.values().get(name), key) for key in data}
            return self._show(request, editor, "desk_content_entries.html", entries=data, titles=titles)
        editor.entry = entree
        editor.values = shown(self.parts, self._part(editor, data))
        return self._form(request, editor)

    def save_form(self, request: Request, name: str, form: Form) -> Response:
        editor = self._open(name)
        if not self.shelf.kind:
            raise HTTPException(404)
        action, editor.entry = _first(form, "geste") or "enregistrer", _first(form, "entree")
        editor.opened, editor.why, editor.values = _digest(form), _why(form), form
        before = self._text_opened(editor)
        if before is None:
            editor.refusal = (
                "Le contenu que vous avez ouvert n'est plus connu. Copiez ce que vous avez écrit, puis ouvrez la page à nouveau."
            )
            return self._form(request, editor, 409)
        data = plain_values(before, editor.path.name)
        part = self._part(editor, data)
        if action != "enregistrer":
            editor.values = change_rows(form, action)
            return self._form(request, editor)
        try:
            made = read(self.parts, form, part)
            wanted = {**data, editor.entry: made} if self.shelf.by_entry else made
            text = rewrite(before, wanted)
        except FormRefusedError as refused:
            editor.errors = refused.errors
            return self._form(request, editor, 422)
        except CannotRewriteError:
            editor.refusal = "Le formulaire ne peut pas écrire ce fichier sans changer sa mise en page. Modifiez-le comme texte."
            return self._form(request, editor, 422)
        return self._save(request, editor, text, before)

    def open_text(self, request: Request, name: str) -> Response:
        editor = self._open(name)
        try:
            self.shelf.files.parse(editor.path, editor.text)
        except ContentError as error:
            editor.problems = error.problems
        return self._show(request, editor, "desk_content_text.html")

    def save_text(self, request: Request, name: str, form: Form) -> Response:
        editor = self._open(name)
        editor.opened, editor.why = _digest(form), _why(form)
        before = self._text_opened(editor)
        text = _first(form, "texte").replace("\r\n", "\n").replace("\r", "\n")
        if "\r\n" in (before or ""):
            text = text.replace("\n", "\r\n")
        return self._save(request, editor, text, before, as_text=True)

    def say_checked(self, request: Request, name: str, form: Form) -> Response:
        """Writes that the content was read through today, by whom when the file says so."""
        editor = self._open(name)
        if not self.shelf.checked:
            raise HTTPException(404)
        editor.entry = _first(form, "entree")
        try:
            self.shelf.files.parse(editor.path, editor.text)
        except ContentError:
            return RedirectResponse(f"{editor.address}/texte", 303)
        data = plain_values(editor.text, editor.path.name)
        part = self._part(editor, data)
        _put(part, self.shelf.checked, self.clock().date())
        if self.shelf.checked_by:
            _put(part, self.shelf.checked_by, request.state.agent.name)
        try:
            text = rewrite(editor.text, data)
        except CannotRewriteError:
            return RedirectResponse(f"{editor.address}/texte", 303)
        editor.why = "Relu, rien à changer"
        return self._save(request, editor, text, editor.text, as_text=True)

    def history(self, request: Request, name: str) -> Response:
        editor = self._open(name)
        with self.sessions() as session:
            rows = kept.versions(session, editor.file)
        return self._show(request, editor, "desk_content_versions.html", rows=rows)

    def one_version(self, request: Request, name: str, number: int) -> Response:
        editor = self._open(name)
        row, before = self._version(editor, number)
        changes = list(differences(before.text, row.text)) if before else []
        since = list(differences(row.text, editor.text))
        return self._show(request, editor, "desk_content_version.html", row=row, first=before is None, changes=changes, since=since)

    def put_back(self, request: Request, name: str, number: int, form: Form) -> Response:
        editor = self._open(name)
        row, _ = self._version(editor, number)
        editor.opened = _digest(form)
        editor.why = f"Retour à la version {row.id}"
        return self._save(request, editor, row.text, self._text_opened(editor), as_text=True)

    def _open(self, name: str) -> Editor:
        path = self.shelf.path(name)
        if path is None:
            raise HTTPException(404)
        editor = Editor(self.shelf, name, path)
        try:
            editor.text = kept.look(self.sessions, path, editor.file, self.clock())
        except (OSError, ValueError):
            raise HTTPException(409, "Ce fichier n'est pas un texte en UTF-8 : il se corrige sur le serveur.") from None
        editor.opened = kept.digest_of(editor.text)
        return editor

    def _text_opened(self, editor: Editor) -> str | None:
        with self.sessions() as session:
            return kept.text_by_digest(session, editor.file, editor.opened)

    def _version(self, editor: Editor, number: int) -> tuple[kept.ContentVersionRow, kept.ContentVersionRow | None]:
        with self.sessions() as session:
            found = kept.version(session, editor.file, number) if 0 < number < 2**31 else None
        if found is None:
            raise HTTPException(404)
        return found

    def _part(self, editor: Editor, data: Any) -> Any:
        """The value that the form is about: the file's, or that of an entry."""
        if not self.shelf.by_entry:
            return data
        if not isinstance(data, dict) or editor.entry not in data:
            raise HTTPException(404)
        return data[editor.entry]

    def _save(self, request: Request, editor: Editor, text: str, before: str | None, as_text: bool = False) -> Response:
        if len(text) > MOST_TEXT:
            editor.refusal = TOO_LONG
            return self._again(request, editor, text, as_text, 422)
        try:
            self.shelf.examine(editor.path, text)
        except ContentError as error:
            editor.problems = error.problems
            editor.errors = {} if as_text else _at_fields(error.problems, editor.entry, editor.values)
            return self._again(request, editor, text, as_text, 422)
        try:
            who = request.state.agent
            kept.save(self.sessions, editor.path, editor.file, text, editor.opened, who, editor.why, at=self.clock())
        except kept.ChangedMeanwhileError as changed:
            if not as_text and before is not None and self._merge(editor, before, changed.text):
                return self._form(request, editor, 409)
            editor.refusal = "Ce contenu a changé depuis que vous l'avez ouvert. Rien n'est enregistré, et votre texte est ci-dessous."
            editor.theirs = list(differences(before, changed.text)) if before is not None else []
            editor.mine = list(differences(changed.text, text))
            editor.opened = kept.digest_of(changed.text)
            return self._again(request, editor, text, True, 409)
        except kept.CannotWriteError:
            editor.refusal = "Le fichier n'a pas pu être écrit. Rien n'a changé. Prévenez la personne qui tient le serveur."
            return self._again(request, editor, text, as_text, 503)
        return RedirectResponse(f"{editor.address}/versions?fait=1", 303)

    def _merge(self, editor: Editor, before: str, now: str) -> bool:
        """Shows what was typed on the text that another person saved meanwhile; False when a form cannot show that text."""
        try:
            self.shelf.files.parse(editor.path, now)
            was, theirs = (shown(self.parts, self._part(editor, plain_values(text, editor.path.name))) for text in (before, now))
        except (ContentError, HTTPException):
            return False
        editor.values, both = merged(was, editor.values, theirs)
        editor.errors = {name: f"« {self._label(name)} » : une autre personne l'a changé aussi. Votre saisie est gardée." for name in both}
        editor.refusal = (
            "Une autre personne a enregistré un changement pendant que vous écriviez. Rien n'est encore enregistré pour vous. Ses "
            "changements et les vôtres sont réunis ci-dessous. Relisez-les, puis enregistrez."
        )
        editor.theirs, editor.opened = list(differences(before, now)), kept.digest_of(now)
        return True

    def _label(self, name: str) -> str:
        """The label of the field, or of the part of the form, that stands there."""
        parts, label = self.parts, name
        while found := next((part for part in parts if name == part.name or name.startswith(f"{part.name}.")), None):
            label, parts = found.label, found.parts if found.kind == "group" else ()
        return label

    def _again(self, request: Request, editor: Editor, text: str, as_text: bool, status: int) -> Response:
        if not as_text:
            return self._form(request, editor, status)
        editor.text = text
        return self._show(request, editor, "desk_content_text.html", status)

    def _form(self, request: Request, editor: Editor, status: int = 200) -> Response:
        preview = self._preview(editor.values) if self.shelf.preview else None
        quotes = dict(self.shelf.quotes()) if self.shelf.quotes else {}
        told = {"parts": self.parts, "rows_of": rows_of, "preview": preview, "quotes": quotes, "filled": _filled}
        return self._show(request, editor, "desk_content_form.html", status, **told)

    def _preview(self, values: Typed) -> dict[str, Any]:
        """An answer or a mail as people would read it; a placeholder whose value is only known then stands between brackets."""
        quotes = dict(self.shelf.quotes()) if self.shelf.quotes else {}

        def said(name: str) -> str:
            text = _first(values, name).replace("{{", "{").replace("}}", "}")
            return re.sub(r"\{(\w+)\}", lambda found: (quotes.get(found[1]) or f"[{found[1]}]") if found[1] in quotes else found[0], text)

        def labels(name: str) -> list[str]:
            found = (_first(values, f"{name}.{at}.label") for at in range(len(rows_of(values, name))))
            return [label for label in found if label.strip()]

        texts = [(part.label, said(part.name)) for part in self.parts if part.name in ("subject", "text", "plain")]
        return {"texts": texts, "choices": labels("choices"), "links": labels("links")}

    def _show(self, request: Request, editor: Editor, template: str, status: int = 200, **told: Any) -> Response:
        lines = editor.text.splitlines()
        today = self.clock().date()
        shared = {
            "e": editor,
            "shelf": self.shelf,
            "lines": lines,
            "title": title_of(self.shelf, editor.name, self.shelf.files.values().get(editor.name), editor.entry),
            "today": today,
            "is_stale": is_stale,
            "done": "fait" in request.query_params,
        }
        return self.templates.TemplateResponse(request, template, shared | told, status_code=status)


def _first(form: Typed, name: str) -> str:
    return next(iter(form.get(name, ())), "")


def _digest(form: Typed) -> str:
    """The version that was opened; none when it is not written as one."""
    found = re.fullmatch("[0-9a-f]{64}", _first(form, "version"))
    return found[0] if found else ""


def _why(form: Typed) -> str:
    return "".join(each for each in _first(form, "pourquoi")[:200] if each.isprintable()).strip()


def _put(data: Any, keys: tuple[str, ...], value: object) -> None:
    for key in keys[:-1]:
        data = data[key]
    data[keys[-1]] = value


def _filled(part: Field, values: Typed, before: str) -> int:
    """How many fields of the row tell something, besides the first."""
    return sum(1 for each in part.parts[1:] if "".join(values.get(f"{before}.{each.name}", [])).strip())


def _at_fields(problems: tuple[Problem, ...], entry: str, values: Typed) -> dict[str, str]:
    """What is wrong by name of field: the nearest one that the form shows."""
    found: dict[str, str] = {}
    for problem in problems:
        where = problem.where[1:] if entry and problem.where[:1] == (entry,) else problem.where
        name = ".".join(map(str, where))
        near = next(
            (key for key, _ in groupby(values) if name and (key == name or key.startswith(f"{name}.") or name.startswith(f"{key}."))), ""
        )
        found.setdefault(near, problem.message)
    return found
