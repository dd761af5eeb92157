"""What the bench of triage counts and says."""

from datetime import UTC, datetime, timedelta

import pytest

from bench import triage_figures as figures
from bench.triage_mails import FORMS, mail, mails
from triage.parse import parse

WRITTEN = [{"subject": "Délai trop long", "body": "Bonjour,\nmon dossier n’avance pas : déjà 3 mois."}]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_what_was_written(form: str) -> None:
    message = parse(mail(WRITTEN[0]["subject"], WRITTEN[0]["body"], 7, form))
    assert message.subject == "Délai trop long"
    assert "mon dossier n’avance pas : déjà 3 mois." in message.text
    assert "Votre demande est reçue" not in message.text
    assert [one.name for one in message.attachments] == (["pièce.pdf"] if form == "attachment" else [])


def test_the_same_seed_gives_the_same_mails_some_of_them_twice() -> None:
    first = list(mails(WRITTEN, 500, 1))
    assert first == list(mails(WRITTEN, 500, 1))
    assert 450 < len(set(first)) < 500


def test_rate_and_growth() -> None:
    start = datetime(2026, 11, 26, tzinfo=UTC)
    assert figures.per_second([start + timedelta(seconds=n / 4) for n in range(9)]) == pytest.approx(4)
    assert figures.slope([(1, 100), (2, 103), (3, 106)]) == pytest.approx(3)
    assert figures.slope([(1, 100), (1, 105)]) == 0
    with pytest.raises(ValueError, match="two"):
        figures.per_second([start])
    with pytest.raises(ValueError, match="two"):
        figures.slope([(1, 1)])


def test_a_goal_that_is_missed_is_said() -> None:
    load = {"mails": 100, "different": 98, "holds": True, "agreed": 99, "imported": 90, "automatic": 8}
    load |= {"first": 10.0, "last": 12.0, "memory": [[10, 300.0]], "growth": 1.0}
    rate = {"mails": 50, "encoder": 20.0, "encoder_cores": 2.0, "pipeline": 15.0, "cores": 1.8}
    table = figures.table({"cores": 2, "load": load, "rate": rate})
    assert "| 1 | 0 | **missed** |" in table
    assert "12.0 ms (1.20 of the first) | ≤ 1.15 of the first | **missed** |" in table
    assert "15.0 a second (75%) | ≥ 70% | met |" in table
    assert "100 → 120 ms" in table
