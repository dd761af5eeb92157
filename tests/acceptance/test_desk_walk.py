"""An agent's day at the desk, in a real browser: by keyboard, with a search, in bulk, and without script."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.conftest import Picture
from tests.acceptance.test_accessibility import violations
from tests.servers.process import free_port, listens, start, stop, wait_until

COMMAND = Path(sys.executable).parent


@dataclass(frozen=True)
class Site:
    """The site alone, on a demonstration desk."""

    url: str
    password: str

    def enter(self, page: Page, path: str = "/console") -> None:
        """Signs in and opens a page."""
        page.goto(self.url + "/console")
        page.get_by_label("Identifiant").fill("agnes")
        page.get_by_label("Mot de passe").fill(self.password)
        page.keyboard.press("Enter")
        page.wait_for_url(self.url + "/console")
        if path != "/console":
            page.goto(self.url + path)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Filled by `ecoute demo`."""
    folder, port = tmp_path_factory.mktemp("bureau"), free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ECOUTE_")}
    env = kept | {"ECOUTE_VAR": str(folder), "ECOUTE_WEB_PORT": str(port)}

    def run(*arguments: str) -> str:
        return subprocess.run([COMMAND / "ecoute", *arguments], env=env, capture_output=True, text=True, check=True).stdout

    run("demo", "--items", "3000")
    password = run("add-agent", "agnes", "Agnès Essai").split()[-1]
    command = [str(COMMAND / "uvicorn"), "--factory", "ecoute.serve:build_app", "--port", str(port), "--timeout-graceful-shutdown", "2"]
    process = start(command, folder / "site.log", env=env)
    try:
        wait_until(lambda: listens(port), 60, "le site répond")
        yield Site(f"http://127.0.0.1:{port}", password)
    finally:
        stop(process)


def test_a_day_by_keyboard_alone(site: Site, page: Page, keep_picture: Picture) -> None:
    site.enter(page)
    count = page.locator("[data-count='vue:tous']")
    before = int(count.inner_text())
    titles = page.locator(".mails h2 a")
    second = titles.nth(1).get_attribute("href")
    page.keyboard.press("j")
    expect(titles.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(titles.nth(0)).to_be_focused()
    page.keyboard.press("o")
    page.wait_for_url("**/console/messages/**")
    was_urgent = page.locator("#b-urgent").get_attribute("aria-pressed")
    page.keyboard.press("x")
    expect(page.locator("#b-urgent")).to_have_attribute("aria-pressed", "false" if was_urgent == "true" else "true")
    page.keyboard.press("z")
    expect(page.locator("#b-urgent")).to_have_attribute("aria-pressed", was_urgent or "")
    page.keyboard.press("p")
    expect(page.locator("#b-ressenti-positif")).to_have_attribute("aria-pressed", "true")
    pressed = page.locator("#b-engagement-environnement").get_attribute("aria-pressed")
    page.keyboard.press("8")
    expect(page.locator("#b-engagement-environnement, #fait .alert").first).to_be_visible()
    assert pressed is not None
    page.keyboard.press("a")
    expect(page.locator("article .facts").first).to_contain_text("à vous")
    keep_picture(page, "desk-message")
    page.keyboard.press("e")
    page.wait_for_url(f"**{second}**")
    expect(page.locator("#fait")).to_contain_text("Message clos.")
    page.keyboard.press("b")
    page.wait_for_url(site.url + "/console")
    expect(count).to_have_text(str(before - 1))
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("jk?")
    expect(page.locator("#q")).to_have_value("jk?")
    page.locator("#q").blur()
    page.keyboard.press("g")
    page.keyboard.press("f")
    expect(page.locator("#files [aria-current]")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_label("Utiliser les raccourcis").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()


def test_a_search_shows_where_the_words_stand(site: Site, page: Page, keep_picture: Picture) -> None:
    site.enter(page)
    page.get_by_role("searchbox").fill("delai paiement")
    page.keyboard.press("Enter")
    expect(page.locator(".mails mark").first).to_be_visible()
    keep_picture(page, "desk-search")
    reference = page.locator("[data-reference]").first.get_attribute("data-reference")
    page.get_by_role("searchbox").fill(reference or "")
    page.keyboard.press("Enter")
    expect(page.locator("[data-reference]")).to_have_count(1)


@pytest.mark.parametrize("script", [True, False])
def test_many_at_once_and_back(site: Site, browser: Browser, script: bool, keep_picture: Picture) -> None:
    context = browser.new_context(java_script_enabled=script, locale="fr-FR")
    page = context.new_page()
    site.enter(page, "/console?qui=personne")
    first = [page.locator("[data-reference]").nth(i).get_attribute("data-reference") for i in range(3)]
    for reference in first:
        page.locator(f"input[value='{reference}']").check()
    page.get_by_role("button", name="Clore").click()
    expect(page.locator("#fait")).to_contain_text("3\u00a0messages clos.")
    expect(page.locator(f"[data-reference='{first[0]}']")).to_have_count(0)
    keep_picture(page, "desk-list")
    page.get_by_role("button", name="Annuler").click()
    expect(page.locator(f"[data-reference='{first[0]}']")).to_have_count(1)
    context.close()


def test_reading_and_labelling_without_script(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    site.enter(page, "/console?ressenti=negatif&type=avis")
    page.locator(".mails h2 a").nth(5).click()
    page.get_by_role("button", name="▲ positif").click()
    expect(page.locator("#b-ressenti-positif")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("aside")).to_contain_text("Ressenti : négatif → positif Agnès Essai")
    page.get_by_role("button", name="Annuler").click()
    expect(page.locator("#b-ressenti-negatif")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Signaler que je réponds").click()
    expect(page.locator("#verrou")).to_contain_text("Vous répondez à ce message")
    page.get_by_role("button", name="Ne plus répondre").click()
    page.get_by_role("button", name="Clore").click()
    expect(page.locator("#fait")).to_contain_text("Message clos.")
    context.close()


def test_news_are_told_and_nothing_moves(site: Site, browser: Browser, page: Page) -> None:
    site.enter(page)
    reference = page.locator("[data-reference]").first.get_attribute("data-reference")
    rows = page.locator("[data-reference]").count()
    subprocess_env = page.context.storage_state()
    other = browser.new_context(locale="fr-FR", storage_state=subprocess_env).new_page()
    other.goto(f"{site.url}/avis")
    other.get_by_label("Votre avis").fill("Mon dossier attend depuis cinq mois.")
    other.get_by_role("button", name="Envoyer").click()
    other.wait_for_url("**/avis/recu/**", timeout=60000)
    expect(page.locator("#nouveaux")).to_contain_text("1 nouveau message, afficher", timeout=20000)
    assert page.locator("[data-reference]").count() == rows
    assert page.locator("[data-reference]").first.get_attribute("data-reference") == reference
    other.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_desk_breaks_no_rule(site: Site, browser: Browser, width: int, scheme: str, keep_picture: Picture) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="fr-FR")  # type: ignore[arg-type]
    page = context.new_page()
    site.enter(page)
    reference = page.locator("[data-reference]").nth(1).get_attribute("data-reference")
    for name, path in {
        "list": "/console?file=D%C3%A9lais",
        "search": "/console?q=dossier+refus%C3%A9",
        "all": "/console",
        "message": f"/console/messages/{reference}",
    }.items():
        page.goto(site.url + path)
        for fold in page.locator("details").all():
            fold.evaluate("one => one.open = true")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        keep_picture(page, f"desk-{name}-{width}-{scheme}")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    context.close()
