"""Every page, at three widths and in both themes: no violation that axe knows, no sideways scrolling, the keyboard is enough."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.system import System

AXE = Path(__file__).parents[1] / "browser" / "node_modules" / "axe-core" / "axe.min.js"
PUBLIC = ["/", "/avis", "/assistant", "/qualite", "/connexion", "/page-qui-n-existe-pas"]


def violations(page: Page) -> list[str]:
    """Rules that the page breaks, as axe sees it, shadow trees included."""
    # The page's own policy forbids injected scripts: axe is run as the browser's, not as the page's.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run(document)).violations")
    return [f"{each['id']} : {each['help']} ({len(each['nodes'])}) {each['nodes'][0]['html'][:120]}" for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_public_pages_break_no_rule(running: System, browser: Browser, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, locale="fr-FR")  # type: ignore[arg-type]
    page = context.new_page()
    for path in PUBLIC:
        page.goto(running.site + path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    page.goto(running.site)
    page.get_by_role("button", name="Poser une question").click()
    page.get_by_label("Votre question").fill("Quel est le montant du contrat export ?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Contrat Export", timeout=15000)
    assert violations(page) == []
    page.get_by_label("Votre question").fill("je veux laisser un message à un agent, personne ne me répond")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").locator(".message").nth(4)).to_be_visible(timeout=15000)
    assert violations(page) == []
    assert context.cookies() == []
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_the_console_breaks_no_rule(running: System, browser: Browser, width: int) -> None:
    password = running.run("add-agent", f"axe{width}", "Agent d'essai").split()[-1]
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{running.site}/console")
    page.get_by_label("Identifiant").fill(f"axe{width}")
    page.get_by_label("Mot de passe").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for path in ("/console", "/console/conversations"):
        page.goto(running.site + path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    context.close()


def test_a_conversation_by_keyboard_alone(running: System, page: Page) -> None:
    page.goto(running.site)
    launcher = page.get_by_role("button", name="Poser une question")
    for _ in range(30):
        page.keyboard.press("Tab")
        if launcher.evaluate("button => button.getRootNode().activeElement === button"):
            break
    page.keyboard.press("Enter")
    page.keyboard.type("bonjour")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Assistant automatique", timeout=15000)
    page.keyboard.press("Escape")
    expect(page.get_by_label("Votre question")).to_be_hidden()
    assert launcher.evaluate("button => button.getRootNode().activeElement === button")
