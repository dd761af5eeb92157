"""Forms of the content and their writing: a form left as it is changes nothing, and an edit changes what it says alone."""

from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aids.catalogue import CONTENT as AIDS
from aids.model import Aid
from answers.book import CONTENT as ANSWERS
from answers.elsewhere import Body
from answers.model import Answer, MailText, Service
from answers.templates import Template
from desk.editing_form import FormRefusedError, change_rows, fields_of, read, shown
from store.content import NOT_TEXT, ContentError, parse_content, plain_values
from store.round_trip import CannotRewriteError, rewrite
from triage.route import Table

SHEET = (AIDS / "envoleo.yml").read_text(encoding="utf-8")
ROUTING = Path(__file__).parents[2] / "triage" / "routing.yml"
FILES = [*AIDS.glob("*.yml"), *ANSWERS.rglob("*.yml"), ROUTING]
WHOLE = [(path, Aid) for path in AIDS.glob("*.yml")]
WHOLE += [(path, MailText) for path in (ANSWERS / "acknowledgements").glob("*.yml")] + [(ANSWERS / "service" / "service.yml", Service)]
WHOLE += [(path, MailText) for path in (ANSWERS / "forwarding").glob("*.yml")]
WHOLE += [(path, Template) for path in (ANSWERS / "templates").glob("*.yml")]
BY_ENTRY = [(path, Answer) for path in (ANSWERS / "intents").glob("*.yml")]
BY_ENTRY += [(path, Body) for path in (ANSWERS / "elsewhere").glob("*.yml")]


def lines_changed(before: str, after: str) -> tuple[set[str], set[str]]:
    old, new = before.splitlines(), after.splitlines()
    return set(old) - set(new), set(new) - set(old)


@pytest.mark.parametrize(("path", "kind"), WHOLE, ids=lambda value: getattr(value, "stem", ""))
def test_a_form_left_as_it_is_changes_nothing(path: Path, kind: type) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    parts = fields_of(kind)
    assert read(parts, shown(parts, data), data) == data


@pytest.mark.parametrize(("path", "kind"), BY_ENTRY, ids=lambda value: getattr(value, "stem", ""))
def test_so_does_the_form_of_an_entry(path: Path, kind: type) -> None:
    parts = fields_of(kind)
    for data in yaml.safe_load(path.read_text(encoding="utf-8")).values():
        assert read(parts, shown(parts, data), data) == data


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_edit_of_one_value_changes_one_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert rewrite(text, yaml.safe_load(text)) == text
    data = yaml.safe_load(text)
    place = data
    while isinstance(place, dict | list):
        holder, key = place, next(iter(place)) if isinstance(place, dict) else 0
        place = holder[key]
    before = str(holder[key])
    holder[key] = "Autre: chose # ici" + "\n" * before.endswith("\n")
    after = rewrite(text, data)
    gone, come = lines_changed(text, after)
    assert len(gone) <= max(1, before.count("\n")), (gone, come)
    assert len(come) == 1
    assert [line for line in text.splitlines() if line.startswith("#")] == [line for line in after.splitlines() if line.startswith("#")]


def test_a_row_is_added_and_taken_away() -> None:
    data = plain_values(SHEET, "envoleo.yml")
    parts = fields_of(Aid)
    form = change_rows(shown(parts, data), "ajouter:documents")
    form["documents.5.name"] = ["Carte d'étudiant"]
    form = change_rows(form, "retirer:documents:0")
    after = rewrite(SHEET, read(parts, form, data))
    gone, come = lines_changed(SHEET, after)
    assert gone == {'  - {name: "Formulaire de candidature"}'}
    assert come == {"""  - {name: "Carte d'étudiant"}"""}
    aid: Aid = parse_content(after, "envoleo.yml", Aid)
    assert [each.name for each in aid.documents][-1] == "Carte d'étudiant"


def test_numbers_are_written_as_people_write_them() -> None:
    data = plain_values(SHEET, "envoleo.yml")
    parts = fields_of(Aid)
    form = shown(parts, data) | {"amount.ceiling": ["2 500 €"], "amount.rate_max": ["12,5"], "amount.floor": ["  "]}
    made = read(parts, form, data)
    assert made["amount"]["ceiling"] == 2500
    assert made["amount"]["rate_max"] == 12.5
    assert made["amount"]["floor"] is None


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("amount.ceiling", "beaucoup", "nombre"),
        ("amount.rate_max", "nan", "nombre"),
        ("calendar.deadline", "31/02/2026", "date"),
        ("name", " ", "Complétez"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(name: str, typed: str, told: str) -> None:
    data = plain_values(SHEET, "envoleo.yml")
    parts = fields_of(Aid)
    with pytest.raises(FormRefusedError) as refused:
        read(parts, shown(parts, data) | {name: [typed]}, data)
    assert told in refused.value.errors[name]


NAMES = [name for name in shown(fields_of(Aid), plain_values(SHEET, "x")) if not name.endswith("#")]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.text(max_size=40), max_size=3), max_size=4), st.text(max_size=20))
def test_any_text_in_any_field_is_kept_or_refused_with_a_reason(typed: dict[str, list[str]], action: str) -> None:
    data = plain_values(SHEET, "envoleo.yml")
    parts = fields_of(Aid)
    try:
        made = read(parts, change_rows(shown(parts, data) | typed, action), deepcopy(data))
    except FormRefusedError as refused:
        reasons = list(refused.errors.values())
    else:
        reasons = None
    if reasons is not None:
        assert all(reasons)
        return
    try:
        after = rewrite(SHEET, made)
    except CannotRewriteError:
        return
    assert plain_values(after, "envoleo.yml") == made
    with suppress(ContentError):
        parse_content(after, "envoleo.yml", Aid)


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=30).map(lambda text: NOT_TEXT.sub("", text)) | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdef_", min_size=1, max_size=6), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_whatever_is_written_is_read_again(value: Any) -> None:
    wanted = {**yaml.safe_load(SHEET), "keywords": value, "extra": value}
    try:
        assert yaml.safe_load(rewrite(SHEET, wanted)) == wanted
    except CannotRewriteError:
        pytest.fail("a plain value was not written")


def test_a_file_keeps_its_own_layout_or_is_left_to_the_text_editor() -> None:
    text = "# haut\na:\n- b: 1 # un\n- c\n"
    assert rewrite(text, {"a": [{"b": 2}, "c"]}) == text.replace("b: 1", "b: 2")
    with pytest.raises(CannotRewriteError):
        rewrite("a:   {b:  1}\n", {"a": {"b": 2}})


@pytest.mark.parametrize("text", ["[" * 30_000, "{a: " * 30_000, "- " * 30_000])
def test_a_text_of_brackets_is_refused(text: str) -> None:
    with pytest.raises(ContentError, match="les uns dans les autres"):
        parse_content(text, "envoleo.yml", Aid)


def test_the_table_of_routing_is_told_at_its_place() -> None:
    text = ROUTING.read_text(encoding="utf-8").replace("priority: 9", "priority: haute")
    with pytest.raises(ContentError) as error:
        parse_content(text, "routing.yml", Table)
    assert error.value.problems[0].where == ("rows", 9, "priority")


def test_midnight_ends_a_day_though_a_clock_shows_it_as_a_beginning() -> None:
    parts = fields_of(Service)
    data = plain_values((ANSWERS / "service" / "service.yml").read_text(encoding="utf-8"), "service.yml")
    data["hours"] = {**data["hours"], "lundi": ["00:00-24:00"]}
    form = shown(parts, data)
    assert form["hours.lundi.a"] == ["00:00"]
    assert read(parts, form, data)["hours"]["lundi"] == ["00:00-24:00"]
