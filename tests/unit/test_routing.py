"""The routing table: every message has a queue, and the rows decide in order."""

import json
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.content import ContentError, read_content
from triage.explain import explain
from triage.model import Channel, Commitment, Kind, Label, Message, Reading, Sentiment
from triage.route import Table, When, due_on, missed, route
from triage.tongue import language_of

ROUTING = Path(__file__).parents[2] / "triage" / "routing.yml"
DATA = ROUTING.parent / "data"
TABLE: Table = read_content(ROUTING, Table)


def reading(
    kind: Kind = Kind.AVIS, *slugs: Commitment, sentiment: Sentiment = Sentiment.NEUTRE, urgent: bool = False, sure: float = 0.9
) -> Reading:
    return Reading(kind, sure, tuple(Label(slug, 0.8, ()) for slug in slugs), sentiment, 0.9, urgent, 0.9, "m")


def test_every_combination_has_a_queue() -> None:
    for kind, slug, sentiment, urgent in product(Kind, [None, *Commitment], Sentiment, [True, False]):
        found = route(reading(kind, *([slug] if slug else []), sentiment=sentiment, urgent=urgent), Channel.MAIL, TABLE)
        assert found.queue
        assert found.folder.isascii()


def test_the_first_row_that_holds_decides() -> None:
    assert route(reading(urgent=True), Channel.MAIL, TABLE).queue == "Urgent"
    assert route(reading(sure=0.3), Channel.MAIL, TABLE).queue == "À qualifier"
    assert route(reading(Kind.AVIS, Commitment.DELAIS, sentiment=Sentiment.NEGATIF), Channel.MAIL, TABLE).priority == 1
    assert route(reading(Kind.DEMANDE, Commitment.DELAIS), Channel.MAIL, TABLE).queue == "Demandes"


def test_a_table_that_could_let_a_message_fall_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "routing.yml"
    path.write_text(ROUTING.read_text().replace("when: {}", "when: {urgent: false}"))
    with pytest.raises(ContentError, match="la dernière ligne doit être sans condition"):
        read_content(path, Table)


def test_deadlines_skip_weekends_and_holidays() -> None:
    christmas = {date(2026, 12, 25)}
    assert due_on(date(2026, 12, 24), 1, christmas.__contains__) == date(2026, 12, 28)
    assert due_on(date(2026, 11, 24), None, christmas.__contains__) is None


def message(text: str = "", subject: str = "", folder: str = "", *recipients: str) -> Message:
    return Message(None, subject, "", "", None, text, "", (), None, recipients=recipients, folder=folder)


@pytest.mark.parametrize(
    ("when", "given", "misses"),
    [
        (When(words=("préfecture", "carte grise")), message("Ma CARTE  GRISE, svp"), ()),
        (When(words=("préfecture", "carte grise")), message("", "La Prefecture"), ()),
        (When(words=("caf",)), message("Le café, la cafétéria"), ("words",)),
        (When(words=("l'eau",)), message("Le prix de l’eau"), ()),
        (When(words=("caf",)), None, ("words",)),
        (When(service=("export@region.fr",)), message("", "", "", "Export@region.fr"), ()),
        (When(service=("export",)), message("", "", "", "export+12@region.fr"), ()),
        (When(service=("INBOX/Export",)), message("", "", "inbox/export"), ()),
        (When(service=("export",)), message("", "", "INBOX", "avis@region.fr"), ("service",)),
        (When(danger=True), message("je veux mourir"), ()),
        (When(danger=True), message("merci"), ("danger",)),
        (When(danger=False), message("merci"), ()),
    ],
)
def test_conditions_on_the_message(when: When, given: Message | None, misses: tuple[str, ...]) -> None:
    assert missed(when, reading(), Channel.MAIL, given) == misses


def test_conditions_on_confidence_and_language() -> None:
    read = reading(Kind.AVIS, Commitment.DELAIS)  # 0.8 for the commitment, 0.9 for the feeling
    holds = [When(sentiment_below=0.95), When(commitments_below=0.85), When(commitments=(Commitment.DELAIS,), commitments_below=0.85)]
    assert all(missed(when, read, Channel.MAIL) == () for when in holds)
    assert missed(When(sentiment_below=0.9, commitments_below=0.8), read, Channel.MAIL) == ("sentiment_below", "commitments_below")
    english = replace(read, language="en")
    assert missed(When(language=("autre",)), english, Channel.MAIL) == missed(When(language=("es", "en")), english, Channel.MAIL) == ()
    assert missed(When(language=("autre",)), read, Channel.MAIL) == missed(When(language=("fr",)), english, Channel.MAIL) == ("language",)


@pytest.mark.parametrize("sure", [0.2, 0.9])
@pytest.mark.parametrize("kind", list(Kind))
def test_another_language_is_never_dropped(kind: Kind, sure: float) -> None:
    found = route(replace(reading(kind, sure=sure), language="de"), Channel.MAIL, TABLE)
    assert (found.queue, found.answer_days) == ("À qualifier", 5)
    assert found.acknowledgement == ("autre-langue" if kind in (Kind.AVIS, Kind.DEMANDE) else None)


def test_who_may_be_in_danger_comes_first_and_gets_the_numbers_to_call() -> None:
    found = route(reading(Kind.HORS_PERIMETRE, sure=0.2), Channel.MAIL, TABLE, message("je veux mourir"))
    assert (found.queue, found.priority, found.acknowledgement) == ("Urgent", 0, "danger")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("kind: [demande]", "kind: [question]", "« rows.1.when.kind.0 » ne peut pas valoir « question » ; valeurs possibles : 'avis'"),
        ("queue: Urgent", "file: Urgent", "« rows.0.file » n'est pas un champ connu : corrigez son nom"),
        ("below: 0.5", "below: 50", "écrivez un nombre entre 0 et 1"),
        ("language: [autre]", "language: [anglais]", "écrivez un code à deux lettres"),
        ("name: demande urgente", "name: urgence", "deux lignes s'appellent « urgence »"),
        ("danger: true", "danger: [", "écriture YAML incorrecte"),
    ],
)
def test_a_slip_in_the_table_is_told_at_line_and_column_with_what_to_do(tmp_path: Path, before: str, after: str, told: str) -> None:
    text = ROUTING.read_text()
    path = tmp_path / "routing.yml"
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(ContentError) as error:
        read_content(path, Table)
    problems = [problem for problem in error.value.problems if told.replace("'", "") in problem.message.replace("'", "")]
    assert problems, error.value
    line = text[: text.index(before)].count("\n") + 1
    if "deux lignes" not in told and "YAML" not in told:
        assert problems[0].line == line
    assert problems[0].column > 0
    assert f", colonne {problems[0].column} : " in str(problems[0])


def test_the_reasons_of_a_route_are_told_row_by_row() -> None:
    found = reading(Kind.AVIS, Commitment.DELAIS)
    told = list(explain(TABLE, found, Channel.MAIL, message("merci")))
    assert len(told) == len(TABLE.rows)
    (decided,) = [line for line in told if line.startswith("OUI")]
    assert decided == "OUI   délais : type avis, engagements delais"
    assert "non   avis négatif sur les délais : ressenti : neutre, attendu negatif" in told
    assert told[-1].startswith("(oui) tout le reste")


FRENCH = "Je n'ai toujours pas de réponse à ma demande d'aide, merci de me dire où elle en est."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (FRENCH, "fr"),
        ("I applied for the export aid three months ago and still have no answer.", "en"),
        ("Buenos días, quisiera saber cuándo me van a pagar la ayuda.", "es"),
        ("Guten Tag, ich habe meinen Antrag vor drei Monaten gestellt.", "de"),
        ("مرحبا، أود أن أعرف متى سأحصل على رد على طلبي.", "ar"),
        ("ok thanks", "fr"),
        ("https://www.example.com/the/page/that/does/not/work", "fr"),
        ("", "fr"),
    ],
)
def test_the_language_of_a_message(text: str, code: str) -> None:
    assert language_of("", text) == code


def test_messages_in_french_count_as_french() -> None:
    rows = [json.loads(line) for path in sorted(DATA.glob("v*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    taken = [row["id"] for row in rows if language_of(row["subject"], row["body"]) != "fr"]
    assert len(taken) <= len(rows) // 200


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_text_has_a_language(subject: str, text: str) -> None:
    assert 2 <= len(language_of(subject, text)) <= 8
