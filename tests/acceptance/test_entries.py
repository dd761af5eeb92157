"""Opinions with files and messages typed in by agents, in a real browser on the running system."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session, sessionmaker

from store.engine import open_engine, session_factory
from tests.acceptance.conftest import Picture
from tests.acceptance.test_accessibility import violations
from tests.servers.system import System
from triage.attachments import read_attachment

LATE = (
    "Cela fait cinq mois que j'attends une réponse pour mon dossier. Vous aviez annoncé deux mois. Je suis très mécontente de ces délais."
)
PAGES_READ = 3500
"""Milliseconds that a person spends on a form at least."""


@pytest.fixture
def database(running: System) -> Iterator[sessionmaker[Session]]:
    """The database of the running system."""
    engine = open_engine(f"sqlite:///{running.env['ECOUTE_VAR']}/ecoute.db")
    yield session_factory(engine)
    engine.dispose()


def reference_of(page: Page) -> str:
    return re.search(r"AV-\d{4}-\d{6}", page.locator("main").inner_text())[0]  # type: ignore[index]


def sign_in(page: Page, running: System, login: str) -> None:
    password = running.run("add-agent", login, "Agnès Essai").split()[-1]
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(password)
    page.keyboard.press("Enter")


def test_an_opinion_with_files_is_kept_whole(running: System, database: sessionmaker[Session], page: Page, tmp_path: Path) -> None:
    photo, letter = tmp_path / "reçu été.png", tmp_path / "lettre.pdf"
    photo.write_bytes(b"\x89PNG" * 3000)
    letter.write_bytes(b"%PDF-1.4")
    page.goto(f"{running.site}/avis")
    page.get_by_label("Votre avis").fill(LATE)
    page.get_by_label("Votre adresse e-mail").fill("couture")
    page.get_by_label("Vos fichiers").set_input_files([photo, letter])
    page.get_by_role("button", name="Envoyer mon avis").click()
    expect(page.get_by_role("alert")).to_contain_text("Vérifiez votre adresse e-mail")
    expect(page.get_by_role("alert")).to_contain_text("Choisissez à nouveau vos fichiers")
    expect(page.get_by_label("Votre avis")).to_have_value(LATE)
    assert violations(page) == []
    page.get_by_label("Votre adresse e-mail").fill("couture@exemple.fr")
    page.get_by_label("Vos fichiers").set_input_files([photo, letter])
    page.wait_for_timeout(PAGES_READ)
    page.get_by_role("button", name="Envoyer mon avis").click()
    expect(page.get_by_role("heading", name="Votre avis est reçu")).to_be_visible()
    with database() as session:
        kept = [read_attachment(session, reference_of(page), number) for number in (1, 2)]
    assert [(file.name, file.media_type, file.content) for file in kept] == [
        ("reçu été.png", "image/png", photo.read_bytes()),
        ("lettre.pdf", "application/pdf", letter.read_bytes()),
    ]


def test_files_too_heavy_lose_nothing(running: System, page: Page, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"0" * 30_000_000)
    page.goto(f"{running.site}/avis")
    page.get_by_label("Votre avis").fill(LATE)
    page.get_by_label("Vos fichiers").set_input_files(film)
    page.get_by_role("button", name="Envoyer mon avis").click()
    expect(page.get_by_role("alert")).to_contain_text("Vos fichiers sont trop lourds", timeout=20_000)
    expect(page.get_by_label("Votre avis")).to_have_value(LATE)


@pytest.mark.parametrize("script", [True, False])
def test_the_form_is_filled_by_keyboard_alone_and_the_trap_never_met(running: System, browser: Browser, script: bool) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 700}, java_script_enabled=script, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{running.site}/avis")
    page.get_by_label("Votre avis").focus()
    met = []
    page.keyboard.type("Très bon accueil au guichet")
    for _ in range(4):
        page.keyboard.press("Tab")
        met.append(page.locator(":focus").get_attribute("id"))
    assert met == ["nom", "courriel", "fichiers", "envoyer"]
    expect(page.get_by_role("textbox", name="Site web")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Votre avis est reçu")).to_be_visible()
    context.close()


def test_a_robot_that_fills_everything_is_stopped(running: System, page: Page) -> None:
    page.goto(f"{running.site}/avis")
    page.evaluate(
        "document.querySelectorAll('form input:not([type=file]):not([type=hidden]), form textarea').forEach(field => field.value = 'http://x.example')"
    )
    page.get_by_label("Votre adresse e-mail").fill("x@exemple.fr")
    page.wait_for_timeout(PAGES_READ)
    page.get_by_role("button", name="Envoyer mon avis").click()
    expect(page.get_by_role("alert")).to_contain_text("réservé à la détection des robots")
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_an_agent_types_in_what_came_by_post(running: System, browser: Browser, width: int, keep_picture: Picture) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{running.site}/console/saisie")
    sign_in(page, running, f"saisie{width}")
    expect(page.get_by_role("heading", name="Saisir un message")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Nom").fill("Léa Petit")
    page.get_by_role("button", name="Enregistrer le message").click()
    expect(page.get_by_role("alert")).to_contain_text("par où le message est arrivé")
    expect(page.get_by_label("Nom")).to_have_value("Léa Petit")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_label("Courrier postal").check()
    page.get_by_label("Mots de la personne").fill(LATE)
    page.get_by_label("Adresse postale").fill("1 rue du Pont\n53000 Laval")
    keep_picture(page, f"saisie-{width}")
    page.get_by_role("button", name="Enregistrer le message").click()
    expect(page.get_by_role("heading", name="Message enregistré")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Délais")
    assert violations(page) == []
    page.get_by_role("link", name="Ouvrir le message").click()
    expect(page.locator("main")).to_contain_text("Agnès Essai")
    expect(page.locator("main")).to_contain_text("1 rue du Pont, 53000 Laval")
    page.go_back()
    page.get_by_role("link", name="Saisir un autre message").click()
    expect(page.get_by_label("Courrier postal")).to_be_checked()
    context.close()


def test_a_session_that_ends_loses_no_draft(running: System, page: Page) -> None:
    page.goto(f"{running.site}/console/saisie")
    sign_in(page, running, "brouillon")
    expect(page.get_by_role("heading", name="Saisir un message")).to_be_visible()
    page.get_by_label("Téléphone", exact=True).first.check()
    page.get_by_label("Mots de la personne").fill("Le guichet était fermé.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Enregistrer le message").click()
    expect(page.get_by_label("Identifiant")).to_be_visible()
    sign_in(page, running, "brouillon2")
    expect(page.get_by_role("heading", name="Saisir un message")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="retrouvée")).to_be_visible()
    expect(page.get_by_label("Mots de la personne")).to_have_value("Le guichet était fermé.")
    page.get_by_role("button", name="Enregistrer le message").click()
    expect(page.get_by_role("heading", name="Message enregistré")).to_be_visible()
    page.wait_for_load_state("load")  # the draft is forgotten by the page's last script
    page.goto(f"{running.site}/console/saisie")
    expect(page.get_by_label("Mots de la personne")).to_have_value("")
