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
    password = running.run("add-agent", f"axe{width}", "Agent d'essai", "--role", "referent").split()[-1]
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{running.site}/console")
    page.get_by_label("Identifiant").fill(f"axe{width}")
    page.get_by_label("Mot de passe").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for path in ("/console", "/console/conversations", "/console/quarantaine", "/console/saisie", "/console/pilotage"):
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


@pytest.mark.parametrize("by", ["page zoom", "larger letters"])
def test_at_200_percent_nothing_is_lost(running: System, browser: Browser, by: str) -> None:
    """A page zoomed twice has half the pixels; larger letters alone keep them."""
    size = {"width": 640, "height": 450} if by == "page zoom" else {"width": 1280, "height": 900}
    context = browser.new_context(viewport=size, device_scale_factor=2, locale="fr-FR")  # type: ignore[arg-type]
    page = context.new_page()
    for path in PUBLIC:
        page.goto(running.site + path)
        if by == "larger letters":
            page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    page.goto(running.site)
    if by == "larger letters":
        page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.get_by_role("button", name="Poser une question").click()
    field = page.get_by_label("Votre question")
    field.fill("Quel est le montant du contrat export ?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("40 000", timeout=15000)
    for part in (field, page.get_by_role("button", name="Envoyer"), page.get_by_role("button", name="Fermer")):
        box = part.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= size["width"]
        assert 0 <= box["y"] <= box["y"] + box["height"] <= size["height"]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()


def test_each_message_is_announced_once_and_the_history_is_not(running: System, page: Page) -> None:
    page.goto(running.site)
    page.get_by_role("button", name="Poser une question").click()
    log = page.get_by_role("log")
    log.evaluate(
        """log => {
            window.heard = [];
            const hear = node => { if (node.textContent.trim()) window.heard.push(node.textContent.trim()); };
            new MutationObserver(changes => changes.forEach(change => {
                change.addedNodes.forEach(hear);
                if (change.type === 'characterData') hear(change.target);
            })).observe(log, { childList: true, characterData: true, subtree: true });
        }"""
    )
    for question, told in (("bonjour", "Assistant automatique"), ("Quel est le montant du contrat export ?", "40 000")):
        page.get_by_label("Votre question").fill(question)
        page.keyboard.press("Enter")
        expect(log).to_contain_text(told, timeout=15000)
    heard = page.evaluate("window.heard")
    assert len([words for words in heard if "40 000" in words.replace("\u202f", " ").replace("\u00a0", " ")]) == 1
    assert len(heard) == len(set(heard))
    page.reload()
    expect(page.get_by_role("region", name="Conversation")).to_contain_text("Quel est le montant du contrat export ?")
    assert log.inner_text().strip() == ""
