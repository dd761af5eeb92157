"""Accounts and history in a browser, by keyboard, on the real site. The assistant is not needed: only the site runs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from store.engine import open_engine
from store.migrate import upgrade
from tests.acceptance.conftest import Picture
from tests.acceptance.test_accessibility import violations
from tests.servers.process import free_port, start, stop, wait_until
from tests.servers.system import COMMAND, System

WIDTHS = (320, 768, 1280)


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The site alone, on a database of its own."""
    folder = tmp_path_factory.mktemp("console")
    upgrade(open_engine(f"sqlite:///{folder / 'ecoute.db'}"))
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ECOUTE_")}
    env = kept | {"ECOUTE_VAR": str(folder), "ECOUTE_WEB_PORT": str(port)}
    log = folder / "site.log"
    uvicorn = [
        str(Path(sys.executable).parent / "uvicorn"),
        "--factory",
        "--timeout-graceful-shutdown",
        "3",
        "ecoute.serve:build_app",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    process = start(uvicorn, log, env=env)
    site = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        try:
            return httpx.get(f"{site}/sante").status_code == 200
        except httpx.TransportError:
            return process.poll() is not None

    try:
        wait_until(ready, 60, "le site répond")
        assert process.poll() is None, log.read_text()
        yield System(site, folder, env, process, log)
    finally:
        stop(process)


def type_in(page: Page, *words: str) -> None:
    """Types each word where the keyboard is, going on by Tab; Enter sends."""
    for index, word in enumerate(words):
        if index:
            page.keyboard.press("Tab")
        page.keyboard.type(word)
    page.keyboard.press("Enter")


def reach(page: Page, label: str) -> None:
    """Goes by Tab to the field of this label."""
    field = page.get_by_label(label, exact=True)
    for _ in range(40):
        page.keyboard.press("Tab")
        if field.evaluate("field => field === document.activeElement"):
            return
    raise AssertionError(f"{label} is not reached by the keyboard")


def check(page: Page, keep_picture: Picture, name: str) -> None:
    """No rule of axe is broken and nothing scrolls sideways, at three widths."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == [], (name, width)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)
        if os.environ.get("ECOUTE_SCREENSHOTS"):
            keep_picture(page, f"{name}-{width}")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_an_administrator_signs_in_with_two_factors_by_keyboard_and_keeps_the_team(
    console: System, browser: Browser, page: Page, keep_picture: Picture
) -> None:
    password = console.run("add-agent", "admin", "Alix Admin", "--role", "administrateur").split()[-1]
    page.goto(f"{console.site}/console")
    check(page, keep_picture, "connexion")
    reach(page, "Identifiant")
    type_in(page, "admin", password)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mettre en place le second facteur")
    expect(page.get_by_role("img", name="Code QR")).to_be_visible()
    check(page, keep_picture, "second-facteur")
    secret = page.locator("code.key").inner_text().replace(" ", "")
    reach(page, "Code à 6 chiffres")
    type_in(page, pyotp.TOTP(secret).now())
    expect(page.get_by_role("heading", level=1)).to_have_text("Gardez vos codes de récupération")
    check(page, keep_picture, "codes")
    recovery = page.locator(".codes code").all_inner_texts()
    assert len(recovery) == 10
    page.get_by_role("link", name="J'ai gardé mes codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Équipe")

    # Out, and in again with a code: by keyboard alone, the code's field has the focus.
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("status")).to_have_text("Vous êtes déconnecté.")
    reach(page, "Identifiant")
    type_in(page, "admin", password)
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    type_in(page, "000000")
    expect(page.get_by_role("alert")).to_contain_text("Ce code ne convient pas")
    check(page, keep_picture, "code")
    page.get_by_label("Code", exact=True).focus()
    type_in(page, recovery[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("Équipe")

    # Somebody is invited, who chooses a password in another browser.
    reach(page, "Nom affiché")
    type_in(page, "Samir Essai", "samir")
    expect(page.get_by_role("heading", level=1)).to_have_text("Samir Essai")
    link = page.locator("code.key").inner_text()
    check(page, keep_picture, "personne")
    other = browser.new_context(locale="fr-FR").new_page()
    other.goto(link)
    check(other, keep_picture, "premier-mot-de-passe")
    reach(other, "Mot de passe")
    type_in(other, "quatre mots sans lien", "quatre mots sans lien")
    expect(other.get_by_role("heading", level=1)).to_have_text("À traiter")
    other.get_by_role("link", name="Samir Essai").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Votre compte")
    check(other, keep_picture, "compte")
    assert other.goto(f"{console.site}/console/historique").status == 403  # type: ignore[union-attr]
    check(other, keep_picture, "refus")

    page.goto(f"{console.site}/console/equipe")
    check(page, keep_picture, "equipe")
    page.get_by_role("link", name="Historique").click()
    expect(page.get_by_role("table")).to_contain_text("s'est connecté")
    expect(page.get_by_role("table")).to_contain_text("code de récupération")
    check(page, keep_picture, "historique")
    page.goto(f"{console.site}/console/modeles")
    check(page, keep_picture, "modeles")
    page.go_back()
    page.get_by_label("Personne").select_option(label="Samir Essai")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_role("row")).to_have_count(3)
    other.context.close()
    assert "chaîne entière" in _doctor(console)


def _doctor(console: System) -> str:
    return subprocess.run([COMMAND, "doctor"], env=dict(console.env), capture_output=True, text=True, check=False).stdout
