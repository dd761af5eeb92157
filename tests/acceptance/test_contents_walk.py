"""An editor who knows no YAML, in a real browser: what is saved is said at once by the assistant, and taken back as fast."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.conftest import Picture
from tests.acceptance.test_accessibility import violations
from tests.servers.system import System, answers

SHEET = "/console/contenus/aides/envoleo"
SAVE = "Enregistrer et mettre en service"


@pytest.fixture(scope="module")
def password(running: System) -> str:
    """Of a referent, who edits all but the routing."""
    return running.run("add-agent", "editrice", "Élise Essai", "--role", "referent").split()[-1]


@pytest.fixture
def enter(running: System, password: str) -> "Enter":
    return Enter(running.site, password)


class Enter:
    """Signs in, and opens a page of the contents."""

    def __init__(self, site: str, password: str) -> None:
        self._site, self._password = site, password

    def __call__(self, page: Page, path: str) -> None:
        page.goto(f"{self._site}/console")
        page.get_by_label("Identifiant").fill("editrice")
        page.get_by_label("Mot de passe").fill(self._password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{self._site}/console")
        page.goto(self._site + path)


@pytest.fixture
def narrow(browser: Browser) -> Iterator[Page]:
    """A page of 320 px, without script."""
    context = browser.new_context(viewport={"width": 320, "height": 800}, java_script_enabled=False, locale="fr-FR")
    yield context.new_page()
    context.close()


def check(page: Page, *widths: int) -> None:
    """No rule of axe is broken and nothing scrolls sideways."""
    for width in widths or (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == [], width
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width


def amount_told(running: System) -> str:
    said = answers(running.site, "Quel est le montant d'Envoléo ?")
    return str(said).replace("\u202f", " ").replace("\xa0", " ")


def test_an_amount_is_said_at_once_and_two_editors_lose_nothing(
    running: System, enter: Enter, page: Page, narrow: Page, keep_picture: Picture
) -> None:
    before = (running.aids / "envoleo.yml").read_text()
    enter(page, "/console/contenus")
    check(page)
    keep_picture(page, "contenus")
    page.get_by_role("link", name="Envoléo", exact=True).click()
    check(page)
    enter(narrow, SHEET)
    page.get_by_label("Aide maximale, en euros").fill("deux mille cinq cents")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("écrivez un nombre, en chiffres")
    check(page)
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Aide maximale, en euros")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2 500")
    page.get_by_label("Montant en mots").fill("1 500 €. 1 000 € de plus pour les boursiers d'échelon 4 à 6.")
    page.get_by_label("Pourquoi ce changement").fill("Délibération de novembre")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("C'est en service")
    check(page)
    assert "1 500 €" in amount_told(running)

    # The other editor opened the sheet before: both changes stand, once they are read through.
    narrow.get_by_label("Titre court").fill("Bourse pour partir")
    narrow.get_by_role("button", name=SAVE).last.click()
    expect(narrow.get_by_role("alert")).to_contain_text("Une autre personne a enregistré un changement")
    expect(narrow.get_by_label("Aide maximale, en euros")).to_have_value("2500")
    narrow.get_by_role("button", name=SAVE).last.click()
    expect(narrow.locator(".notice")).to_contain_text("C'est en service")
    narrow.get_by_role("button", name="Annuler ce changement").click()
    narrow.get_by_role("link", name="Version").last.click()
    expect(narrow.get_by_role("region", name="Ce qui a changé depuis")).to_contain_text("2500")
    narrow.get_by_role("button", name="Rétablir cette version").click()
    assert (running.aids / "envoleo.yml").read_text() == before
    assert "1 500 €" not in amount_told(running)


def test_an_answer_is_seen_while_it_is_written_and_hours_are_put_right(enter: Enter, page: Page, keep_picture: Picture) -> None:
    enter(page, "/console/contenus/reponses/quality?entree=donner_avis")
    page.get_by_role("textbox", name="Réponse", exact=True).fill("Donnez votre avis au {phone}.\nUne personne le lit.")
    expect(page.locator("#apercu .words").first).to_have_text("Donnez votre avis au 01 99 00 12 34.\nUne personne le lit.")
    check(page)
    keep_picture(page, "contenus-reponse")
    page.get_by_role("textbox", name="Réponse", exact=True).fill("Donnez votre avis au {telephone}.")
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_role("alert")).to_contain_text("repère inconnu")
    check(page, 320)
    page.goto(page.url.split("/reponses")[0] + "/service/service")
    page.get_by_label("de samedi, plage 1").first.fill("12:00")
    page.get_by_label("à samedi, plage 1").first.fill("09:00")
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_role("alert")).to_contain_text("samedi : « 12:00-09:00 » n'est pas une plage")
    check(page)
    page.get_by_label("de samedi, plage 1").first.fill("08:30")
    page.get_by_role("button", name=SAVE).click()
    page.get_by_role("button", name="Annuler ce changement").click()
    expect(page.locator(".notice")).to_contain_text("C'est en service")
