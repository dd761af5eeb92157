"""Content files: what editors write is checked, and errors name the file and the line."""

from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from aids.catalogue import CONTENT, Catalogue
from aids.model import PROJECT_LABELS, Audience, Condition, Project
from aids.search import find_by_name, search
from answers.book import AnswerBook

NAME = next(line for line in (CONTENT / "contrat-export.yml").read_text(encoding="utf-8").splitlines() if line.startswith("name:"))
SHEET = (CONTENT / "contrat-export.yml").read_text(encoding="utf-8")


def test_every_sample_sheet_is_valid_dated_sourced_and_said_to_be_a_sample() -> None:
    catalogue = Catalogue()
    assert catalogue.problems() == ()
    assert len(catalogue.aids()) >= 12
    for aid in catalogue.aids():
        assert aid.sample
        assert aid.source.url.startswith("http")
        assert aid.checked.on <= date(2026, 11, 24)


def test_every_answer_is_valid_and_has_a_plain_version() -> None:
    book = AnswerBook()
    assert book.problems() == ()
    for intent in book.intents():
        answer = book.get(intent)
        assert answer is not None
        assert answer.text
        assert answer.plain
        assert "{" not in answer.text + answer.plain


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("aid_type: grant", "aid_type: cadeau", "« aid_type » ne peut pas valoir « cadeau »"),
        ("aid_type: grant", "aid_typ: grant", "« aid_typ » n'est pas un champ connu"),
        ("slug: contrat-export", "slug: autre", "« slug » doit valoir « contrat-export »"),
        ("rate_max: 50", "rate_max: beaucoup", "« amount.rate_max » doit être un nombre"),
        ("aid_type: grant", "aid_type: [grant", "écriture YAML incorrecte"),
    ],
)
def test_a_slip_is_told_in_french_at_its_line(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert before in SHEET
    path = tmp_path / "contrat-export.yml"
    path.write_text(SHEET.replace(before, after), encoding="utf-8")
    problems = Catalogue(tmp_path).problems()
    told = [problem for problem in problems if message in problem.message]
    assert told, problems
    if "slug" not in before and "[" not in after:
        assert told[0].line == SHEET[: SHEET.index(before)].count("\n") + 1


def test_an_edit_shows_at_once_and_a_slip_keeps_the_last_valid_sheet(tmp_path: Path) -> None:
    path = tmp_path / "contrat-export.yml"
    path.write_text(SHEET, encoding="utf-8")
    catalogue = Catalogue(tmp_path)
    assert [aid.name for aid in catalogue.aids()] == ["Contrat Export"]
    path.write_text(SHEET.replace(NAME, "name: Contrat Export 2027", 1), encoding="utf-8")
    assert [aid.name for aid in catalogue.aids()] == ["Contrat Export 2027"]
    path.write_text("slug: [", encoding="utf-8")
    assert [aid.name for aid in catalogue.aids()] == ["Contrat Export 2027"]
    assert catalogue.problems()


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("contrat exprot", "contrat-export"),
        ("CONTRAT  EXPORT", "contrat-export"),
        ("c quoi les pieces pour l'envoleo", "envoleo"),
        ("eco cheque voiture d'occasion", "eco-cheque-voiture"),
    ],
)
def test_a_scheme_is_found_by_name_whatever_typos_and_accents(typed: str, slug: str) -> None:
    assert find_by_name(typed, Catalogue().aids())[0].aid.slug == slug


def test_a_question_without_a_name_finds_by_subject_and_nonsense_finds_nothing() -> None:
    aids = Catalogue().aids()
    assert search("aide pour acheter un vélo", aids)[0].aid.slug == "bonus-forfait-mobilite"
    assert search("zzz qqq", aids) == []
    assert search("", aids) == []


def test_the_editors_page_tells_every_value_audience_and_project() -> None:
    page = (Path(__file__).parents[2] / "docs" / "fiches.md").read_text(encoding="utf-8")
    values = {field.name for field in fields(Condition)} - {"text"}
    assert [name for name in values if f"`{name}`" not in page] == []
    assert [audience for audience in Audience if audience not in page] == []
    assert [project for project in Project if f"| `{project}` | {PROJECT_LABELS[project]}" not in page] == []


def test_what_leaves_the_region_s_machines_is_said() -> None:
    here, elsewhere = (AnswerBook(files_elsewhere=there).get("donnees_personnelles") for there in (False, True))
    assert here
    assert elsewhere
    for words in (here.text, here.plain):
        assert "Aucune donnée ne part ailleurs." in words
    for words in (elsewhere.text, elsewhere.plain):
        assert "Aucune donnée" not in words
        assert "Démarche numérique" in words
