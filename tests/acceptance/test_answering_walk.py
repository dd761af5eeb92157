"""A morning's work at the desk, in a real browser, with a real mailbox: answered by template, undone, sent, answered back, closed."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.acceptance.conftest import Picture
from tests.acceptance.test_accessibility import violations
from tests.servers.dovecot import USER, MailServer, dovecot
from tests.servers.process import free_port, listens, start, stop, wait_until

COMMAND = Path(sys.executable).parent
PERSON = "jeanne@exemple.fr"


@dataclass(frozen=True)
class Desk:
    """The site alone, with a mailbox. `read_mail` takes what came; `send_mail` sends what is due."""

    url: str
    password: str
    env: dict[str, str]
    mails: MailServer

    def run(self, *arguments: str) -> str:
        return subprocess.run([COMMAND / "ecoute", *arguments], env=self.env, capture_output=True, text=True, check=True).stdout

    def enter(self, page: Page) -> None:
        page.goto(self.url + "/console")
        page.get_by_label("Identifiant").fill("agnes")
        page.get_by_label("Mot de passe").fill(self.password)
        page.keyboard.press("Enter")
        page.wait_for_url(self.url + "/console")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A mail urgent by its danger, and one beside it."""
    folder, port = tmp_path_factory.mktemp("reponse"), free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ECOUTE_")}
    with dovecot() as mails:
        settings = {"VAR": str(folder), "WEB_PORT": str(port), "IMAP_URL": mails.url(), "SMTP_URL": mails.smtp_url}
        env = kept | {f"ECOUTE_{name}": value for name, value in settings.items()}
        subprocess.run([COMMAND / "ecoute", "prepare"], env=env, capture_output=True, text=True, check=True)
        made = subprocess.run(
            [COMMAND / "ecoute", "add-agent", "agnes", "Agnès Essai"], env=env, capture_output=True, text=True, check=True
        )
        found = Desk(f"http://127.0.0.1:{port}", made.stdout.split()[-1], env, mails)
        sent = format_datetime(datetime.now(UTC) - timedelta(days=3))
        late = "Mon dossier attend depuis cinq mois, le délai annoncé est dépassé et personne ne répond. Je n'ai plus rien à manger, c'est urgent."
        mails.deliver(
            f"From: Jeanne <{PERSON}>\nTo: {USER}\nDate: {sent}\nSubject: Dossier en retard\nMessage-ID: <1@exemple.fr>\n\n{late}".encode()
        )
        mails.deliver(
            f"From: Luc <luc@exemple.fr>\nTo: {USER}\nSubject: Merci\nMessage-ID: <2@exemple.fr>\n\nMerci, accueil parfait.".encode()
        )
        for name, subject, text in (
            ("lea", "Mon RSA", "Mon RSA n'est pas arrivé ce mois-ci. Pouvez-vous regarder ?"),
            ("max", "Horaires", "Quels sont vos horaires le lundi ?"),
        ):
            mails.deliver(
                f"From: {name.title()} <{name}@exemple.fr>\nTo: {USER}\nSubject: {subject}\nMessage-ID: <{name}@exemple.fr>\n\n{text}".encode()
            )
        found.run("triage", "run", "--once")
        command = [str(COMMAND / "uvicorn"), "--factory", "ecoute.serve:build_app", "--port", str(port), "--timeout-graceful-shutdown", "2"]
        process = start(command, folder / "site.log", env=env)
        try:
            wait_until(lambda: listens(port), 60, "le site répond")
            yield found
        finally:
            stop(process)


def test_a_morning_s_work(desk: Desk, page: Page, keep_picture: Picture) -> None:
    desk.enter(page)
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/console/messages/**")
    expect(page.locator("#objet")).to_have_text("Dossier en retard")
    pressed = page.locator("#b-engagement-delais").get_attribute("aria-pressed")
    page.keyboard.press("8")
    expect(page.locator("#b-engagement-environnement")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("8")
    expect(page.locator("#b-engagement-environnement")).to_have_attribute("aria-pressed", "false")
    if pressed != "true":
        page.keyboard.press("4")
        expect(page.locator("#b-engagement-delais")).to_have_attribute("aria-pressed", "true")
    # What is typed is kept without being asked.
    page.keyboard.press("r")
    expect(page.locator("#texte")).to_be_focused()
    page.keyboard.type("Madame,")
    expect(page.locator("#garde")).to_contain_text("Brouillon gardé", timeout=15000)
    page.reload()
    expect(page.locator("#texte")).to_have_value("Madame,")
    page.locator("#texte").fill("")
    page.locator("#texte").blur()
    page.keyboard.press("t")
    expect(page.locator("#texte")).to_have_value(re.compile("Bonjour Jeanne,"))
    assert violations(page) == []
    page.set_viewport_size({"width": 1000, "height": 640})
    page.evaluate("document.getElementById('reponse-titre').scrollIntoView()")
    keep_picture(page, "desk-answer")
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.locator(".exchanges")).to_contain_text("Envoi dans quelques secondes.")
    page.get_by_role("button", name="Annuler l'envoi").click()
    expect(page.locator("#texte")).to_have_value(re.compile("Bonjour Jeanne,"))
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.locator("article .facts").first).to_contain_text("Issue : répondu")
    assert violations(page) == []

    def sent() -> bool:
        desk.run("outbox", "run", "--once")
        return any(b"Bonjour Jeanne" in raw for raw in desk.mails.folders(PERSON).get("INBOX", []))

    wait_until(sent, 30, "la réponse part")
    answers = [raw for raw in desk.mails.folders(PERSON)["INBOX"] if b"Bonjour Jeanne" in raw]
    received = message_from_bytes(answers[0], policy=SMTP)
    assert len(answers) == 1
    reply = EmailMessage(policy=SMTP)
    reply["From"], reply["To"], reply["Subject"], reply["Message-ID"] = (
        PERSON,
        received["Reply-To"],
        "Re: Dossier en retard",
        "<3@exemple.fr>",
    )
    reply.set_content("Merci, mais à quelle date exactement ?")
    desk.mails.deliver(reply.as_bytes(), received["Reply-To"].addresses[0].addr_spec)
    desk.run("triage", "run", "--once")
    page.reload()
    expect(page.locator("article .facts").first).to_contain_text("À traiter")
    expect(page.get_by_text("La personne a répondu.")).to_be_visible()
    page.evaluate("document.getElementById('echanges').scrollIntoView()")
    keep_picture(page, "desk-thread")
    # What is typed stays when something else is done to the message, saved or not.
    page.get_by_label("Votre réponse").fill("Le 15 janvier")
    page.get_by_label("Nouvelle note").fill("@agnes et @personne : qui sait ?")
    page.get_by_role("button", name="Sans suite").click()
    expect(page.locator("article .facts").first).to_contain_text("Issue : sans suite")
    expect(page.get_by_label("Votre réponse")).to_have_value("Le 15 janvier")
    page.get_by_role("button", name="Ajouter la note").click()
    expect(page.locator("aside")).to_contain_text("Personne n'a cet identifiant : @personne.")
    expect(page.get_by_label("Votre réponse")).to_have_value("Le 15 janvier")
    expect(page.get_by_label("Nouvelle note")).to_have_value("")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Répondre au message")


def test_a_draft_on_its_way_does_not_come_back_after_the_answer(desk: Desk, browser: Browser) -> None:
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    desk.enter(page)
    page.get_by_role("link", name="Horaires").click()
    held: list[Route] = []
    page.route("**/console/reponse/brouillon", lambda route: held.append(route))
    page.get_by_label("Votre réponse").press_sequentially("Ouvert le lundi.")
    while not held:
        page.wait_for_timeout(100)
    page.get_by_role("button", name="Envoyer", exact=True).click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert "Ouvert le lundi" not in (page.locator(".exchanges").text_content() if page.locator(".exchanges").count() else "")
    held[0].continue_()
    expect(page.locator(".exchanges")).to_contain_text("Ouvert le lundi.")
    expect(page.get_by_label("Votre réponse")).to_have_value("")
    page.reload()
    expect(page.get_by_label("Votre réponse")).to_have_value("")
    context.close()


def test_a_message_is_passed_on(desk: Desk, page: Page, keep_picture: Picture) -> None:
    desk.enter(page)
    page.get_by_role("link", name="Mon RSA").click()
    page.get_by_role("link", name="Transmettre à une autre administration").click()
    expect(page.get_by_label("Administration", exact=True)).to_have_value("caf")
    page.get_by_label("Pourquoi cette administration").fill("La CAF verse le RSA.")
    page.get_by_role("button", name="Voir ce qui partira").click()
    expect(page.locator("#faute-adresse")).to_contain_text("Écrivez-la.")
    assert violations(page) == []
    page.get_by_label("Son adresse de courriel").fill("caf@exemple.fr")
    page.get_by_role("button", name="Voir ce qui partira").click()
    expect(page.get_by_label("Ce que la personne lira")).to_have_value(re.compile("La CAF verse le RSA."))
    assert violations(page) == []
    page.set_viewport_size({"width": 1000, "height": 640})
    page.evaluate("document.getElementById('contenu').scrollIntoView()")
    keep_picture(page, "desk-passed-on")
    page.get_by_label("J'ai vérifié").check()
    page.get_by_role("button", name="Transmettre").click()
    expect(page.locator("article .facts").first).to_contain_text("Issue : transmis")
    expect(page.get_by_role("button", name="Annuler l'envoi")).to_have_count(1)

    def arrived() -> bool:
        desk.run("outbox", "run", "--once")
        return all(desk.mails.folders(one).get("INBOX") for one in ("caf@exemple.fr", "lea@exemple.fr"))

    wait_until(arrived, 30, "le message est transmis")


def test_answering_without_script(desk: Desk, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    desk.enter(page)
    page.get_by_role("link", name="Merci").click()
    page.get_by_label("Votre réponse").fill("Merci à vous.")
    page.get_by_role("button", name="Garder le brouillon").click()
    expect(page.get_by_label("Votre réponse")).to_have_value("Merci à vous.")
    page.get_by_label("Nouvelle note").fill("@agnes à relire")
    page.get_by_role("button", name="Ajouter la note").click()
    expect(page.locator("aside")).to_contain_text("@agnes à relire")
    expect(page.get_by_label("Votre réponse")).to_have_value("Merci à vous.")
    page.get_by_role("button", name="Demander une validation").click()
    expect(page.get_by_text("À valider", exact=True)).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_pages_of_answering_break_no_rule(desk: Desk, browser: Browser, width: int, keep_picture: Picture) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR")
    page = context.new_page()
    desk.enter(page)
    page.goto(f"{desk.url}/console?etat=tous")
    paths = [link.get_attribute("href") or "" for link in page.locator(".mails h2 a").all()]
    for number, path in enumerate(["/console/citations", *paths, *(f"{path.partition('?')[0]}/transmettre" for path in paths[:1])]):
        page.goto(desk.url + path)
        for fold in page.locator("details").all():
            fold.evaluate("one => one.open = true")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        page.evaluate("document.getElementById('reponse-titre')?.scrollIntoView()")
        keep_picture(page, f"answer-{number}-{width}")
    context.close()
