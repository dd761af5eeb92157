"""An agent types in what came by phone, at the counter or by post."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError
from test_web_site import Site

from desk import words
from desk.entry import CHANNELS, Entry
from triage.model import Channel, Letter, Origin

HERE = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 10, tzinfo=HERE)
FORM = {"canal": "guichet", "recu_le": "2026-11-20", "texte": "Trois passages,\nle guichet fermé.", "objet": "Guichet fermé"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        site.sign_in()
        yield site


def key_of(page: str) -> str:
    return re.search(r'name="saisie" value="([^"]+)"', page)[1]  # type: ignore[index]


def test_only_agents_type_messages_in(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        assert site.get("/console/saisie").status_code == 303
        assert site.post("/console/saisie", data=FORM).status_code == 303
        assert site.letters == []


def test_the_console_leads_to_the_page(site: Site) -> None:
    assert 'href="/console/saisie"' in site.get("/console").text
    page = site.get("/console/saisie").text
    assert all(words.CHANNELS[channel] in page for channel in CHANNELS)
    assert 'value="2026-11-24"' in page


def test_what_is_typed_in_is_kept_with_who_did_it(site: Site) -> None:
    key = key_of(site.get("/console/saisie").text)
    person = {"nom": "Léa\nPetit", "courriel": "lea@exemple.fr", "telephone": "02 43 00 00 00", "adresse": "1 rue du Pont\n53000 Laval"}
    sent = site.post("/console/saisie", data=FORM | person | {"saisie": key, "service": "Export"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/console/saisie/recu/AV-2026-000001")
    received = datetime(2026, 11, 20, 12, tzinfo=HERE)
    origin = Origin("02 43 00 00 00", "1 rue du Pont\n53000 Laval", "Export", "Agnès Martin", site.clock.now, f"saisie:{key}")
    text = "Trois passages,\nle guichet fermé."
    assert site.letters == [Letter("Léa Petit", "lea@exemple.fr", "Guichet fermé", text, "", Channel.COUNTER, (), received, origin, False)]


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"canal": ""}, "par où le message est arrivé"),
        ({"canal": "mail"}, "par où le message est arrivé"),
        ({"recu_le": "2026-11-25"}, "dans l&#39;avenir"),
        ({"recu_le": "hier"}, "jour de réception"),
        ({"recu_le": "0026-11-20"}, "année"),
        ({"texte": " "}, "les mots de la personne"),
        ({"texte": "é" * 20_001}, "Raccourcissez le message"),
        ({"courriel": "lea"}, "adresse e-mail"),
        ({"telephone": "appeler le soir"}, "numéro de téléphone"),
        ({"adresse": "a" * 501}, "adresse postale"),
    ],
)
def test_a_draft_is_shown_again_with_what_to_mend(site: Site, form: dict[str, str], word: str) -> None:
    answer = site.post("/console/saisie", data={"nom": "Léa Petit", "saisie": "cle-de-la-page"} | FORM | form)
    assert answer.status_code == 422
    assert word in answer.text
    assert "Léa Petit" in answer.text
    assert key_of(answer.text) == "cle-de-la-page"
    assert site.letters == []


def test_a_database_away_loses_no_draft(tmp_path: Path) -> None:
    def away(_letter: Letter) -> None:
        raise OperationalError("", None, Exception())

    with Site(tmp_path, receive=away) as site:
        site.sign_in()
        answer = site.post("/console/saisie", data=FORM)
    assert answer.status_code == 503
    assert "le guichet fermé" in answer.text


def test_the_next_one_keeps_the_channel_and_the_day(site: Site) -> None:
    reference = site.add_opinion()
    page = site.get(f"/console/saisie/recu/{reference}").text
    assert f'href="/console/messages/{reference}"' in page
    assert "/console/saisie?canal=mail&amp;recu_le=2026-11-24" in page
    page = site.get("/console/saisie?canal=guichet&recu_le=2026-11-20").text
    assert re.search(r'value="guichet" required checked', page)
    assert 'value="2026-11-20"' in page
    assert site.get("/console/saisie/recu/AV-0").status_code == 404


def test_a_message_of_today_is_dated_now_and_another_at_its_noon() -> None:
    entry = Entry("cle-unique", "telephone", "2026-11-24", text="Allô")
    assert entry.letter("Agnès", NOW).received_at == NOW
    earlier = Entry("cle-unique", "telephone", "23/11/2026", text="Allô")
    assert earlier.errors(date(2026, 11, 24)) == {}
    assert earlier.letter("Agnès", NOW).received_at == NOW.replace(day=23, hour=12)
    assert earlier.letter("Agnès", NOW.astimezone(UTC) + timedelta(0)).origin == earlier.letter("Agnès", NOW).origin


def test_every_channel_has_its_words() -> None:
    assert set(words.CHANNELS) == set(Channel)
