"""File status: the sentence people read, the proof of identity, the import."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.csv_import import COLUMNS, UnreadableFile, read_csv
from dossiers.explain import Actor, explain, honest_delay, steps, whose_turn
from dossiers.identity import MAX_TRIES, Challenge, Verdict, find_code, find_number, hash_code, hash_owner, is_owner, judge, new_code
from dossiers.model import Correction, Dossier, State

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FILE = Dossier("EXP-2026-00123", "contrat-export", "Essai", "essai@exemple.fr", State.EN_INSTRUCTION, date(2026, 9, 1), date(2026, 10, 1))
AIDS = frozenset({"contrat-export"})


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_told_with_a_date_and_without_jargon(state: State) -> None:
    told = explain(replace(FILE, state=state), 60, NOW.date())
    assert "2026" in told
    assert "instruction" not in told
    assert "construction" not in told


def test_a_missing_paper_puts_the_user_in_turn() -> None:
    told = explain(replace(FILE, correction=Correction.INCOMPLET, missing="relevé d'identité bancaire"), None, NOW.date())
    assert told.startswith("C'est à vous d'agir")
    assert "relevé d'identité bancaire" in told


def test_a_planned_date_that_has_passed_is_told_as_late() -> None:
    planned = replace(FILE, expected_decision_on=date(2026, 11, 30))
    assert "Décision prévue le 30\u00a0novembre\u00a02026" in explain(planned, 60, date(2026, 11, 30))
    late = explain(planned, 60, date(2026, 12, 1))
    assert "était prévue le 30\u00a0novembre\u00a02026" in late
    assert "du retard" in late


def test_a_correction_whose_paper_has_no_name_is_told_by_the_agent_s_own_words() -> None:
    asked = replace(FILE, state=State.EN_CONSTRUCTION, correction=Correction.INCOMPLET)
    assert "Le message de l'agent dit laquelle." in explain(asked, 60, NOW.date())
    told = explain(replace(asked, agent_words="Merci de joindre un RIB."), 60, NOW.date())
    assert "L'agent vous a écrit\u00a0: «\u00a0Merci de joindre un RIB.\u00a0» L'étude" in told
    told = explain(replace(asked, agent_words="Un RIB"), 60, NOW.date())
    assert "«\u00a0Un RIB\u00a0». L'étude" in told
    assert "laquelle" not in told
    assert "Neuf décisions" not in told


def test_a_decision_tells_its_grounds_and_one_to_be_read_elsewhere_tells_nothing() -> None:
    refused = replace(FILE, state=State.REFUSE, agent_words="Budget épuisé.")
    assert "Budget épuisé." in explain(refused, None, NOW.date())
    hidden = explain(replace(FILE, state=State.DECIDE), None, NOW.date())
    assert "C'est à vous de la lire" in hidden
    assert not any(word in hidden for word in ("acceptée", "refusée", "sans suite"))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "sa décision."),
        (60, "en 60\u00a0jours au plus après le dépôt. Votre dossier a dépassé ce délai : un agent peut vous dire pourquoi."),
        (84, "en 84\u00a0jours au plus après le dépôt."),
        (0, "en un jour au plus après le dépôt. Votre dossier a dépassé ce délai : un agent peut vous dire pourquoi."),
    ],
)
def test_the_usual_delay_is_told_and_whether_this_file_has_gone_beyond(days: int | None, words: str) -> None:
    assert explain(FILE, days, NOW.date()).endswith(words)


@pytest.mark.parametrize(
    ("state", "actor", "present"),
    [
        (State.BROUILLON, Actor.YOU, "Envoi du dossier"),
        (State.EN_CONSTRUCTION, Actor.REGION, "Vérification"),
        (State.EN_INSTRUCTION, Actor.REGION, "Étude"),
        (State.ACCEPTE, Actor.NOBODY, None),
        (State.REFUSE, Actor.NOBODY, None),
        (State.SANS_SUITE, Actor.NOBODY, None),
        (State.DECIDE, Actor.YOU, None),
    ],
)
def test_whose_turn_it_is_and_the_present_step(state: State, actor: Actor, present: str | None) -> None:
    file = replace(FILE, state=state)
    assert whose_turn(file) is actor
    current = [label for label, step in steps(file) if step == "current"]
    assert current == ([present] if present else [])
    if actor is Actor.REGION:
        assert whose_turn(replace(file, correction=Correction.INCOMPLET)) is Actor.YOU


def test_the_delay_told_is_the_90th_percentile_and_nothing_under_five_decisions() -> None:
    start = date(2026, 1, 1)
    decided = [(start, start + timedelta(days=n)) for n in range(10, 110, 10)]
    assert honest_delay(decided) == 90
    assert honest_delay(decided[:4]) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("mon dossier exp-2026-00123 svp", "EXP-2026-00123"),
        ("n°21983456", "21983456"),
        ("EXP 2026 00123", "EXP-2026-00123"),
        ("12345", None),
    ],
)
def test_a_file_number_is_found_in_what_people_type(typed: str, number: str | None) -> None:
    assert find_number(typed) == number


def challenge(code: str) -> Challenge:
    owner = hash_owner("essai@exemple.fr", "21983456", "c1", "s")
    return Challenge("21983456", "c1", hash_code(code, "21983456", "c1", "s"), NOW + timedelta(minutes=10), owner=owner)


def test_only_the_right_code_in_time_and_within_five_tries_opens() -> None:
    sent = challenge("123456")
    assert judge(sent, "123456", "s", NOW) is Verdict.RIGHT
    assert judge(sent, "123457", "s", NOW) is Verdict.WRONG
    assert judge(sent, "123456", "s", NOW + timedelta(minutes=10)) is Verdict.OVER
    assert judge(replace(sent, tries=MAX_TRIES), "123456", "s", NOW) is Verdict.OVER
    assert judge(replace(sent, used=True), "123456", "s", NOW) is Verdict.OVER
    assert judge(replace(sent, conversation="c2"), "123456", "s", NOW) is Verdict.WRONG
    assert judge(replace(sent, owner=""), "123456", "s", NOW) is Verdict.WRONG
    assert judge(None, "123456", "s", NOW) is Verdict.OVER


def test_a_code_is_of_the_person_it_was_mailed_to() -> None:
    sent = challenge("123456")
    assert is_owner(sent, " Essai@exemple.fr", "s")
    assert not is_owner(sent, "autre@exemple.fr", "s")
    assert not is_owner(sent, "", "s")
    assert not is_owner(replace(sent, owner=""), "", "s")


def test_codes_are_six_digits_however_they_are_typed() -> None:
    assert all(find_code(code) == code for code in (new_code() for _ in range(50)))
    assert find_code("le code est 123 456") == "123456"
    assert find_code("1234567") is None


def test_the_import_reports_each_refused_line_and_keeps_the_others() -> None:
    header = ";".join(COLUMNS)
    good = "EXP-2026-00123;contrat-export;Société É;a@exemple.fr;accepte;01/06/2026;2026-08-01;;"
    bad = [good.replace("EXP-2026-00123", "x"), good.replace("EXP-2026-00123;contrat-export", "EXP-2026-00124;inconnue"), good]
    result = read_csv("\n".join([header, good, *bad]).encode("cp1252"), AIDS)
    assert [d.applicant for d in result.dossiers] == ["Société É"]
    assert [refused.line for refused in result.refused] == [3, 4, 5]


@given(st.binary(max_size=400))
def test_the_import_says_no_to_any_bytes_without_falling(raw: bytes) -> None:
    try:
        read_csv(";".join(COLUMNS).encode() + b"\n" + raw.replace(b"\x00", b""), AIDS)
    except UnreadableFile:
        pytest.fail("the columns are there")


def test_the_sample_files_hold_every_state() -> None:
    raw = (Path(__file__).parents[2] / "ecoute" / "samples" / "dossiers.csv").read_bytes()
    from aids.catalogue import Catalogue

    result = read_csv(raw, frozenset(aid.slug for aid in Catalogue().aids()))
    assert result.refused == ()
    assert {d.state for d in result.dossiers} == set(State)
