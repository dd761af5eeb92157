"""What a browser meets on the form for opinions."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from test_web_site import START, Site

from triage.attachments import plain_name, told_by_name
from triage.links import many_links
from triage.model import File, Letter
from web.stamp import age, seal

PDF = b"%PDF-1.4 essai"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        yield site


def stamp_of(page: str) -> str:
    return re.search(r'name="page" value="([^"]+)"', page)[1]  # type: ignore[index]


def opened(site: Site, seconds: float = 20) -> str:
    """The stamp of a page on which a person has spent some time."""
    stamp = stamp_of(site.get("/avis").text)
    site.clock.now += timedelta(seconds=seconds)
    return stamp


def test_an_opinion_is_received_and_its_reference_shown(site: Site) -> None:
    sent = site.post("/avis", data={"nom": "Luc\nBcc: x", "courriel": "luc@exemple.fr", "texte": "Merci", "page": opened(site)})
    assert (sent.status_code, sent.headers["location"]) == (303, "/avis/recu/AV-2026-000001")
    assert "AV-2026-000001" in site.get(sent.headers["location"]).text
    letter = site.letters[0]
    assert letter == Letter("Luc Bcc: x", "luc@exemple.fr", "Avis déposé sur le site", "Merci", origin=letter.origin)
    assert letter.answered_elsewhere is False


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"texte": " "}, "vide"),
        ({"texte": "a", "courriel": "luc"}, "adresse"),
        ({"texte": "a" * 5001}, "Raccourcissez"),
        ({"texte": "é" * 90_000}, "Raccourcissez"),
        ({"texte": "a", "site_web": "x"}, "Videz"),
    ],
)
def test_a_wrong_opinion_is_shown_again_with_what_to_mend(site: Site, form: dict[str, str], word: str) -> None:
    answer = site.post("/avis", data=form | {"page": opened(site)})
    assert answer.status_code == 422
    assert word in answer.text
    assert form["texte"].strip() in answer.text
    assert site.letters == []


def test_files_come_along_listed_by_name_and_never_opened(site: Site) -> None:
    files = [("fichiers", (r"C:\photos\été.jpg", b"\xff\xd8", "text/html")), ("fichiers", ("lettre.pdf", PDF, "text/html"))]
    sent = site.post("/avis", data={"texte": "Voyez", "page": opened(site)}, files=files)
    assert sent.status_code == 303
    assert site.letters[0].files == (File("été.jpg", "image/jpeg", b"\xff\xd8"), File("lettre.pdf", "application/pdf", PDF))


def test_a_form_without_files_sends_an_empty_choice(site: Site) -> None:
    sent = site.post("/avis", data={"texte": "Rien", "page": opened(site)}, files=[("fichiers", ("", b"", "application/octet-stream"))])
    assert sent.status_code == 303
    assert site.letters[0].files == ()


@pytest.mark.parametrize("weight", [10_000_001, 10_300_000, 120_000_000])
def test_files_too_heavy_lose_nothing_of_what_was_typed(site: Site, weight: int) -> None:
    form = {"texte": "Mon long récit", "nom": "Léa", "page": opened(site)}
    answer = site.post("/avis", data=form, files=[("fichiers", ("film.mp4", b"0" * weight, "video/mp4"))])
    assert answer.status_code == 422
    assert "trop lourds\u00a0: 10\u00a0Mo au plus" in answer.text
    assert "Mon long récit" in answer.text
    assert "Léa" in answer.text
    assert site.letters == []


def test_too_many_files_are_refused_and_named(site: Site) -> None:
    files = [("fichiers", (f"photo{n}.png", b"x", "image/png")) for n in range(11)]
    answer = site.post("/avis", data={"texte": "Tout", "page": opened(site)}, files=files)
    assert "Vous avez choisi 11 fichiers. Choisissez-en 10 au plus." in answer.text
    assert "photo10.png" in answer.text


def test_an_error_says_that_files_have_to_be_chosen_again(site: Site) -> None:
    answer = site.post("/avis", data={"texte": "", "page": opened(site)}, files=[("fichiers", ("lettre.pdf", PDF, "application/pdf"))])
    assert "Choisissez à nouveau vos fichiers, qui ne sont pas conservés&nbsp;: lettre.pdf." in answer.text


@pytest.mark.parametrize(
    ("stamp", "doubt"),
    [
        ("", "sans la page"),
        ("1-2-3", "sans la page"),
        ("é", "sans la page"),
        ("9999999999-abc-0123", "sans la page"),
        ("1 s", "trois secondes"),
    ],
)
def test_what_a_robot_may_have_sent_is_kept_and_said_to_be_doubtful(site: Site, stamp: str, doubt: str) -> None:
    page = opened(site, 1) if stamp == "1 s" else stamp
    assert site.post("/avis", data={"texte": "Vite", "page": page}).status_code == 303
    assert doubt in site.letters[-1].doubt


def test_a_page_left_open_for_days_is_as_good(site: Site) -> None:
    page = opened(site, 3 * 24 * 3600)
    assert site.post("/avis", data={"texte": "Patience", "page": page}).status_code == 303
    assert site.letters[-1].doubt == ""


def test_sent_twice_from_one_page_it_is_one_opinion(site: Site) -> None:
    stamp = opened(site)
    for text in ("Un", "Un", "Deux"):
        site.post("/avis", data={"texte": text, "page": stamp})
    sources = [letter.origin.source_id for letter in site.letters if letter.origin]
    assert sources[0] == sources[1] != sources[2]


def test_who_sends_too_many_keeps_the_text(site: Site) -> None:
    stamp = opened(site)
    answers = [site.post("/avis", data={"texte": f"Avis {n}", "page": stamp}) for n in range(21)]
    assert [answer.status_code for answer in answers] == [303] * 20 + [429]
    assert "Avis 20" in answers[-1].text


def test_a_database_away_loses_nothing_of_what_was_typed(tmp_path: Path) -> None:
    def away(_letter: Letter) -> None:
        raise OperationalError("", None, Exception())

    with Site(tmp_path, receive=away) as site:
        answer = site.post("/avis", data={"texte": "À garder", "page": opened(site)})
    assert answer.status_code == 503
    assert "À garder" in answer.text
    assert "Une panne nous empêche" in unescape(answer.text)


def test_the_trap_is_out_of_reach_of_people_and_screen_readers(site: Site) -> None:
    page = site.get("/avis").text
    assert re.search(r'<p class="trap" aria-hidden="true" inert>.*?tabindex="-1"', page, re.DOTALL)


@given(st.text())
def test_a_stamp_that_is_not_ours_tells_nothing(text: str) -> None:
    assert age("secret", text, START) is None


def test_a_stamp_tells_its_age_to_who_has_the_secret() -> None:
    stamp = seal("secret", START)
    assert age("secret", stamp, START + timedelta(minutes=2)) == timedelta(minutes=2)
    assert age("autre", stamp, START) is None
    assert seal("secret", START) != stamp


@given(st.text())
def test_a_file_name_is_one_short_line_without_folders(name: str) -> None:
    plain = plain_name(name)
    assert len(plain) <= 200
    assert not set("/\\\n\r\x00") & set(plain)
    told_by_name(plain)


def test_a_long_file_name_keeps_its_extension() -> None:
    assert plain_name("a" * 300 + ".pdf") == "a" * 196 + ".pdf"
    assert plain_name("../../etc/passwd") == "passwd"


@pytest.mark.parametrize(
    ("text", "many"),
    [
        ("Voyez https://www.region.fr/aides et https://exemple.fr", False),
        ("www.a.fr www.b.fr http://c.fr", False),
        ("www.a.fr www.b.fr http://c.fr https://d.fr", True),
        ("[url=x] " * 5, True),
    ],
)
def test_many_links_are_seen(text: str, many: bool) -> None:
    assert many_links(text) is many
