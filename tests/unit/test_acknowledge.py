"""Who is acknowledged, and in what words."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answers.book import AnswerBook
from answers.mails import OF_THE_MOMENT, MailTexts
from outbox.compose import is_address
from store.content import read_content
from triage.acknowledge import OLDEST, Facts, deadline, is_nobody, two_months_after, why_not
from triage.model import Message
from triage.route import Table

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "answers" / "content" / "acknowledgements"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TEXTS = MailTexts(FOLDER, AnswerBook().service)
FACTS = Facts("AV-2026-000123", NOW, date(2026, 12, 8), 10, NOW).in_words()


def why(address: str = "j@exemple.fr", name: str | None = "avis", automatic: str | None = None, at: datetime = NOW) -> str | None:
    message = Message(None, "", "", address, None, "", "", (), automatic)
    return why_not(name, message, at, NOW, lambda each: each.startswith("avis@"), is_address)


def test_a_person_is_acknowledged_and_nobody_else_is() -> None:
    assert why() is None
    assert "table" in (why(name=None) or "")
    assert "automatique (list)" in (why(automatic="list") or "")
    assert "adresse" in (why("") or "")
    assert "adresse" in (why("pas une adresse") or "")
    assert "notre propre" in (why("avis@exemple.fr") or "")
    assert "15 jours" in (why(at=NOW - OLDEST - timedelta(seconds=1)) or "")


@pytest.mark.parametrize(
    "user",
    "no-reply noreply no_reply NoReply donotreply do-not-reply ne-pas-repondre nepasrepondre ne_pas_repondre mailer-daemon postmaster "
    "bounces owner-liste liste-request liste-bounces bounces+12=a.fr notifications factures-noreply noreply-compte".split(),
)
def test_addresses_that_nobody_reads(user: str) -> None:
    assert is_nobody(f"{user}@exemple.fr")


@pytest.mark.parametrize("user", "jeanne.noreplay contact nora.reply marie.owners repondre lenoir accueil no.request".split())
def test_addresses_of_people(user: str) -> None:
    assert not is_nobody(f"{user}@exemple.fr")


def test_every_text_of_the_table_is_written_and_says_what_the_law_wants() -> None:
    table: Table = read_content(ROOT / "triage" / "routing.yml", Table)
    assert TEXTS.problems() == ()
    assert {row.acknowledgement for row in table.rows} - {None} == TEXTS.names()
    service = AnswerBook().service()
    for name in TEXTS.names():
        subject, text = TEXTS.get(name, **FACTS) or ("", "")
        assert "AV-2026-000123" in subject
        # L112-11, R112-11-1: date received, service, address, e-mail, phone.
        told = (FACTS["received_on"], FACTS["answer_by"], service.facts["service"], service.address, service.email, service.phone)
        assert all(each in text for each in told), name
        assert "{" not in text
        assert "!" not in text
        assert not re.search(r" [:;?](\s|$)", text), "no-break spaces"
    assert FACTS["implicit_on"] in (TEXTS.get("demande", **FACTS) or ("", ""))[1]
    assert TEXTS.get("absent", **FACTS) is None
    assert set(FACTS) == set(OF_THE_MOMENT)


def test_a_slip_of_an_editor_is_told_and_keeps_the_last_text(tmp_path: Path) -> None:
    path = tmp_path / "avis.yml"
    path.write_text("dated: 2026-11-26\nsubject: Reçu {reference}\ntext: Merci\n")
    texts = MailTexts(tmp_path, AnswerBook().service)
    assert texts.get("avis", **FACTS) == ("Reçu AV-2026-000123", "Merci\n")
    path.write_text("dated: 2026-11-26\nsubject: Reçu {reference}\ntext: Bonjour {nom}\n")
    assert texts.get("avis", **FACTS) == ("Reçu AV-2026-000123", "Merci\n")
    assert "repère inconnu 'nom'" in texts.problems()[0].message
    path.write_text("dated: 2026-11-26\nsubject: Reçu\ntext: Bonjour\n")
    assert "référence" in texts.problems()[0].message


def test_facts_in_words() -> None:
    assert FACTS["received_on"] == "mardi\u00a024\u00a0novembre\u00a02026"
    assert FACTS["answer_by"] == "au plus tard le mardi\u00a08\u00a0décembre\u00a02026 (10\u00a0jours ouvrés)"
    assert deadline(date(2026, 11, 25), 1, NOW.date()).endswith("(1\u00a0jour ouvré)")
    assert deadline(None, None, NOW.date()) == deadline(date(2026, 11, 23), 5, NOW.date()) == "dès que possible"
    # A mail of one in the morning in Paris is of that day there.
    late = Facts("AV-2026-000123", datetime(2026, 11, 24, 23, 30, tzinfo=UTC), None, None, NOW).in_words()
    assert "25" in late["received_on"]


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_two_months_later(day: date) -> None:
    later = two_months_after(day)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == 2
    assert later.day == day.day or (later + timedelta(days=1)).day == 1
