"""Templates, promised days, names in notes, nearness: without a database."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.book import CONTENT, AnswerBook
from answers.templates import KNOWN, Templates, fill, unknown
from desk.answering import nearest
from desk.notes import named
from desk.promise import promised_day
from language.dates import in_words
from triage.model import Commitment, Kind

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Réponse avant le 1er décembre.", date(2026, 12, 1)),
        ("entre le 4/12/2026 et le 5 janvier", date(2027, 1, 5)),
        ("Reçu le 3 novembre 2026.", None),
        ("le 31 novembre, ou le 29 février 2027", None),
        ("le 26 novembre 2026", None),
        ("dans dix ans, le 4 décembre 2036", None),
        ("dossier 12/12/20261", None),
    ],
)
def test_a_promise_is_a_day_to_come(text: str, day: date | None) -> None:
    assert promised_day(text, TODAY) == day


@given(st.dates(date(2026, 11, 27), date(2027, 11, 26)))
def test_a_day_as_we_write_it_is_found(day: date) -> None:
    assert promised_day(f"au plus tard le {in_words(day, weekday=True)}.", TODAY) == day


@given(st.text(), st.dates())
def test_any_text_is_read(text: str, today: date) -> None:
    found = promised_day(text, today)
    assert found is None or found > today


@given(st.text())
def test_filling_never_fails_and_leaves_what_is_unknown(text: str) -> None:
    assert unknown(fill(text, dict.fromkeys(KNOWN, ""))) == unknown(text)


def test_the_templates_given_are_right_and_suit_messages() -> None:
    templates = Templates(CONTENT / "templates", AnswerBook().service, Kind, Commitment)
    assert templates.problems() == ()
    assert templates.suited("avis", ["delais"], "negatif")[0][0] == "dossier-en-retard"
    assert "accueil-regret" not in [name for name, _ in templates.suited("demande", ["accueil"], "negatif")]
    assert "accueil-regret" not in [name for name, _ in templates.suited("avis", ["accueil"], "positif")]
    assert "remerciement" not in [name for name, _ in templates.suited("avis", ["accueil"], "negatif")]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("name: A\ntext: Bonjour {prenom}\n", "variable inconnue {prenom}"),
        ("name: A\ntext: x\nkinds: [lettre]\n", "« kinds » ne peut pas valoir « lettre »"),
        ("name: A\ntext: x\ncommitments: [prix]\n", "« commitments » ne peut pas valoir « prix »"),
        ("name: A\nobjet: x\ntext: x\n", "ligne 2"),
    ],
)
def test_a_wrong_template_is_told_and_not_proposed(tmp_path: Path, written: str, told: str) -> None:
    (tmp_path / "essai.yml").write_text(written, encoding="utf-8")
    templates = Templates(tmp_path, AnswerBook().service, Kind, Commitment)
    assert told in str(templates.problems()[0])
    assert templates.suited("avis", [], "neutre") == []


def test_who_a_note_names() -> None:
    assert named("@Agnes, voir avec @marc.l. Pas luc@exemple.fr ni @@x. @agnes") == ["agnes", "marc.l"]


def test_the_nearest_shares_rare_words() -> None:
    assert nearest("bonjour dossier export", ["bonjour merci", "bonjour export dossier", "piscine"]) == [1]
    assert nearest("", ["", "a"]) == []
