"""A visitor and an agent, each in a browser, with the real assistant between them."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.conftest import Picture
from tests.acceptance.test_accessibility import violations
from tests.servers.system import System, answers


@contextmanager
def agent(running: System, browser: Browser, login: str) -> Iterator[Page]:
    """An agent who takes conversations, in a browser of the agent's own."""
    password = running.run("add-agent", login, "Agnès Essai").split()[-1]
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{running.site}/console/conversations")
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("button", name=re.compile("Prendre des conversations")).click()
    yield page
    page.goto(f"{running.site}/console/conversations")
    page.get_by_role("button", name="Ne plus prendre de conversations").click()
    context.close()


def ask(page: Page, text: str) -> None:
    page.get_by_label("Votre question").fill(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text(text, exact=True)).to_be_visible()
    expect(page.locator("ecoute-assistant .status")).not_to_have_text("Réponse en cours.", timeout=15000)


def test_a_visitor_is_put_through_and_comes_back_to_the_assistant(
    running: System, browser: Browser, page: Page, keep_picture: Picture
) -> None:
    with agent(running, browser, "agnes-chat") as desk:
        page.goto(running.site)
        page.get_by_role("button", name="Poser une question").click()
        ask(page, "Ma facture a été refusée et je ne comprends pas")
        ask(page, "Passez-moi un conseiller s'il vous plaît")
        expect(page.get_by_role("log")).to_contain_text("Un agent est prévenu")
        ask(page, "C'est la facture de l'imprimeur")
        expect(page.get_by_role("log")).to_contain_text("Votre message est gardé")
        # The console says so without being asked.
        expect(desk.locator("#attente")).to_contain_text("1 en attente", timeout=15000)
        desk.get_by_role("link", name="Conversations").click()
        desk.get_by_role("link", name="C'est la facture de l'imprimeur").click()
        expect(desk.get_by_role("log")).to_contain_text("Ma facture a été refusée")
        desk.get_by_role("button", name="Prendre la conversation").click()
        expect(page.get_by_role("log")).to_contain_text("Agnès Essai, agent de la Région", timeout=15000)
        desk.get_by_label("Votre réponse").press_sequentially("Bonjour, ")
        expect(page.locator("ecoute-assistant .status")).to_have_text("L'agent écrit.", timeout=15000)
        desk.get_by_label("Votre réponse").press_sequentially("quel est son montant ?")
        desk.get_by_role("button", name="Envoyer").click()
        expect(page.get_by_role("log")).to_contain_text("quel est son montant ?", timeout=15000)
        ask(page, "640 euros")
        expect(desk.get_by_role("log")).to_contain_text("640 euros", timeout=15000)
        keep_picture(desk, "console-conversation")
        keep_picture(page, "assistant-agent")
        assert violations(desk) == []
        # The visitor goes to another page of the site: the conversation goes along.
        page.goto(f"{running.site}/qualite")
        expect(page.get_by_text("640 euros")).to_be_visible()
        desk.get_by_role("button", name="Terminer l'échange").click()
        expect(page.get_by_text("L'échange avec l'agent est terminé.")).to_be_visible(timeout=15000)
        page.get_by_label("Très bien").check()
        page.get_by_role("button", name="Envoyer mes réponses").click()
        expect(page.get_by_text("Vos réponses sont comptées")).to_be_visible(timeout=15000)
        ask(page, "Quels sont vos horaires ?")
        expect(page.get_by_role("log")).to_contain_text("L'accueil et le téléphone sont ouverts")


def test_without_an_agent_a_message_is_left_and_reaches_the_queues(running: System, page: Page) -> None:
    page.goto(running.site)
    page.get_by_role("button", name="Poser une question").click()
    ask(page, "Cela fait six mois que j'attends mon solde et personne ne me répond")
    page.get_by_label("Votre question").fill("Je veux parler à un agent")
    page.keyboard.press("Enter")
    log = page.get_by_role("log")
    expect(log).to_contain_text("Aucun agent n'est disponible", timeout=15000)
    page.get_by_role("button", name="Envoyer le message").click()
    expect(log).to_contain_text("Donnez une adresse e-mail")
    page.get_by_role("textbox", name="Votre adresse e-mail").fill("solde@exemple.fr")
    page.get_by_role("button", name="Envoyer le message").click()
    expect(log).to_contain_text(re.compile(r"AV-\d{4}-\d{6}"), timeout=15000)


def test_the_network_lost_then_back_loses_no_word(running: System, page: Page) -> None:
    page.goto(running.site)
    page.get_by_role("button", name="Poser une question").click()
    ask(page, "Bonjour")
    page.context.set_offline(True)
    page.get_by_label("Votre question").fill("Quelles pièces pour le contrat export ?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("n'est pas parti")
    expect(page.get_by_label("Votre question")).to_have_value("Quelles pièces pour le contrat export ?")
    page.context.set_offline(False)
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_role("log")).to_contain_text("Extrait Kbis", timeout=15000)


def test_two_tabs_hold_two_conversations(running: System, page: Page) -> None:
    page.goto(running.site)
    page.get_by_role("button", name="Poser une question").click()
    ask(page, "Quel est le montant du contrat export ?")
    other = page.context.new_page()
    other.goto(running.site)
    other.get_by_role("button", name="Poser une question").click()
    expect(other.get_by_text("Quel est le montant du contrat export ?")).to_have_count(0)
    ask(other, "Bonjour")
    expect(page.get_by_role("log")).not_to_contain_text("Bonjour")


def test_a_conversation_erased_leaves_nothing(running: System, page: Page) -> None:
    page.goto(running.site)
    page.get_by_role("button", name="Poser une question").click()
    ask(page, "Quel est le montant du contrat export ?")
    page.get_by_role("button", name="Effacer la conversation").click()
    expect(page.get_by_role("log")).to_contain_text("Cette conversation est effacée", timeout=15000)
    expect(page.get_by_text("Quel est le montant du contrat export ?")).to_have_count(0)
    assert page.evaluate("sessionStorage.getItem('ecoute.token')") is None


def test_rasa_keeps_neither_addresses_nor_numbers(running: System) -> None:
    answers(running.site, "je suis luc.temoin@exemple.fr, 06 11 22 33 44", "dossier EXP-2026-99123", "FR76 1234 5678 9012 3456 7890 123")
    with sqlite3.connect(f"{running.env['ECOUTE_VAR']}/rasa.db") as rasa:
        kept = " ".join(str(json.loads(data)) for (data,) in rasa.execute("select data from events where type_name in ('user', 'bot')"))
    assert "[adresse]" in kept
    assert "[téléphone]" in kept
    for word in ("luc.temoin", "06 11 22 33 44", "EXP-2026-99123", "3456 7890"):
        assert word not in kept


def test_hostile_and_odd_messages_are_all_answered(running: System) -> None:
    odd = ["🙂🙂🙂", "<script>alert(1)</script>", "<b>bonjour</b>", "￾​", "?" * 1900, "/restart", "ﷺ" * 600, "' OR 1=1 --"]
    with httpx.Client(base_url=running.site, timeout=30) as client:
        token = client.post("/api/conversations").json()["token"]
        for text in odd:
            told = client.post(f"/api/conversations/{token}/messages", json={"text": text})
            assert told.status_code == 200, text
            assert told.json()["messages"], text
            assert "panne" not in str(told.json()["messages"]), text
        for text in ("", "   ", "a" * 2001):
            refused = client.post(f"/api/conversations/{token}/messages", json={"text": text})
            assert (refused.status_code, bool(refused.json()["detail"])) == (422, True)
        assert client.post(f"/api/conversations/{token}/messages", json={"text": "bonjour"}).json()["messages"]
