"""Agents sign in, and see what was read in a message."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from test_web_site import PASSWORD, START, Site

from desk.model import inside_console
from desk.words import Passage, deadline, opening, passages, sureness
from triage.model import Origin
from web.accounts.store import replace_password


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        yield site


def test_the_console_asks_who_comes(site: Site) -> None:
    answer = site.get("/console?file=D%C3%A9lais")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion?suite=%2Fconsole%3Ffile")


def test_an_agent_signs_in_and_out(site: Site) -> None:
    answer = site.sign_in()
    assert answer.headers["location"] == "/console"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "samesite=lax" in answer.headers["set-cookie"].lower()
    assert "Agnès Martin" in site.get("/console").text
    kept = site.cookies["ecoute_session"]
    site.post("/deconnexion")
    site.cookies.set("ecoute_session", kept)
    assert site.get("/console").status_code == 303


def test_a_new_password_ends_the_sessions_of_the_old_one(site: Site) -> None:
    site.sign_in()
    with site.sessions.begin() as session:
        assert not replace_password(session, "inconnu", "x" * 12)
        assert replace_password(session, "AGNES", "un autre mot de passe")
    assert site.get("/console").status_code == 303
    assert site.sign_in().status_code == 401
    assert site.sign_in("un autre mot de passe").headers["location"] == "/console"


def test_a_session_ends(site: Site) -> None:
    site.sign_in()
    site.clock.now += timedelta(hours=10)
    assert site.get("/console").status_code == 303


def test_a_login_leads_to_the_console_only(site: Site) -> None:
    site.sign_in()
    form = {"identifiant": "agnes", "mot_de_passe": PASSWORD, "suite": "//ailleurs.example"}
    assert site.post("/connexion", data=form).headers["location"] == "/console"


def test_a_message_is_shown_with_its_reading(site: Site) -> None:
    reference = site.add_opinion()
    site.sign_in()
    page = site.get("/console").text
    assert all(words in page for words in ("Dossier en retard", "▼", "négatif", "en retard de 2", "Délais", "Urgent"))
    page = site.get(f"/console/messages/{reference}").text
    assert "<mark>Le délai annoncé est dépassé.</mark>" in page
    assert "&lt;b&gt;Merci" in page
    assert all(
        words in page for words in ("probable", "à vérifier", "sûr", "rib.pdf", "12\u00a0ko", "avis négatif sur les délais", "<details>")
    )
    assert site.get("/console/messages/AV-0").status_code == 404


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("/console?file=D%C3%A9lais", True),
        ("//x.example", False),
        ("https://x.example", False),
        ("/console/\\x", False),
        ("/consoles", False),
        ("/console\n", False),
    ],
)
def test_only_paths_of_the_console_are_followed(path: str, leads: bool) -> None:
    assert inside_console(path) == (path if leads else "/console")


def test_evidence_is_cut_out_of_the_text_even_when_it_overlaps() -> None:
    assert passages("un deux trois", [("delais", ["un deux", "absent"]), ("contact", ["deux trois"])]) == [
        Passage("un ", ("delais",)),
        Passage("deux", ("delais", "contact")),
        Passage(" trois", ("contact",)),
    ]
    assert passages("rien", []) == [Passage("rien")]
    assert passages("", []) == []


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (None, "pas de réponse attendue"),
        (date(2026, 11, 23), "en retard de 1 jour"),
        (date(2026, 11, 24), "à répondre aujourd'hui"),
        (date(2026, 11, 25), "à répondre demain"),
        (date(2026, 12, 4), "à répondre d'ici 10\u00a0jours"),
    ],
)
def test_deadlines_in_words(due: date | None, words: str) -> None:
    assert deadline(due, date(2026, 11, 24)) == words


def test_confidence_and_opening_in_words() -> None:
    assert [sureness(c) for c in (0.95, 0.8, 0.79, 0.5, 0.49, None)] == ["sûr", "sûr", "probable", "probable", "à vérifier", "à vérifier"]
    assert opening("un\n\ndeux  trois", 8) == "un deux…"


def test_a_message_shows_how_it_came_and_what_its_author_declared(site: Site) -> None:
    declared = {"feeling": "positif", "criteria": {"reactivite": "negatif"}, "state": "Avec réponse", "reply": "Merci <b>à vous</b>"}
    reference = site.add_opinion(
        origin=Origin("02 43 00 00 00", "1 rue du Pont\n53000 Laval", "Export", "Agnès Martin", START, None, declared)
    )
    site.sign_in()
    page = site.get(f"/console/messages/{reference}").text
    told = (
        "tel:0243000000",
        "1 rue du Pont, 53000 Laval",
        "Export",
        "par Agnès Martin",
        "Réactivité",
        "positif",
        "Avec réponse",
        "Merci &lt;b&gt;",
    )
    assert [words for words in told if words not in page] == []
