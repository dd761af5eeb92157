"""What people do with the running system, in a real browser."""

import os
import re
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.acceptance.conftest import Picture, RegionSite
from tests.servers.demarche_numerique import Lodged, Platform, Trouble
from tests.servers.dovecot import MailServer
from tests.servers.process import wait_until
from tests.servers.system import System, answers

LATE = (
    "Bonjour,\n\nCela fait cinq mois que j'attends une réponse pour mon dossier. Vous aviez annoncé deux mois. "
    "Aucune nouvelle, aucun courrier, je suis très mécontente de ces délais.\n\nLa couturière de Laval\n"
)


def mail(subject: str, text: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Couturière <couture@exemple.fr>", "avis@region.exemple.fr", subject
    message["Message-ID"] = f"<{time.time_ns()}@exemple.fr>"
    message.set_content(text)
    return message.as_bytes(policy=policy.SMTP)


def words(messages: list[dict[str, object]]) -> str:
    """What is said, without the moments at which it was."""
    return str([{key: value for key, value in message.items() if key not in ("id", "at")} for message in messages])


def codes(mails: MailServer, owner: str) -> list[str]:
    """Codes that a person has received."""
    texts = [str(message_from_bytes(raw, policy=policy.default).get_body()) for raw in mails.folders(owner).get("INBOX", [])]  # type: ignore[arg-type]
    return [code for text in texts for code in re.findall(r"\b\d{6}\b", text)]


def ask(page: Page, text: str) -> None:
    """Types a question in the open widget and waits for the answer."""
    log = page.get_by_role("log")
    before = log.locator(":scope > *").count()
    page.get_by_label("Votre question").fill(text)
    page.keyboard.press("Enter")
    expect(log.locator(":scope > *").nth(before + 1)).to_be_visible(timeout=15000)
    expect(page.get_by_role("button", name="Envoyer")).to_be_enabled(timeout=15000)


def test_a_mail_sent_to_the_region_is_seen_by_an_agent_in_its_queue(
    running: System, mails: MailServer, page: Page, keep_picture: Picture
) -> None:
    mails.deliver(mail("Cinq mois d'attente", LATE))
    wait_until(lambda: bool(mails.folders().get("Engagements.Delais")), 30, "le message est rangé")
    login, password = re.fullmatch(r"Identifiant (\S+), mot de passe (\S+)\n", running.run("add-agent", "agnes", "Agnès Essai")).groups()  # type: ignore[union-attr]
    page.goto(f"{running.site}/console")
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("link", name=re.compile("Délais")).click()
    keep_picture(page, "console-queue")
    page.get_by_role("link", name="Cinq mois d'attente").click()
    expect(page.get_by_role("heading", name="Cinq mois d'attente")).to_be_visible()
    expect(page.locator("main")).to_contain_text("très mécontente de ces délais")
    expect(page.locator("main")).to_contain_text("négatif")
    keep_picture(page, "console-message")
    assert mails.folders()["INBOX"] == []


def test_a_visitor_gets_the_papers_of_the_content_file_and_an_edit_shows_at_once(
    running: System, page: Page, keep_picture: Picture
) -> None:
    page.goto(running.site)
    page.get_by_role("button", name="Poser une question").click()
    ask(page, "Quelles pièces faut-il pour le contrat export ?")
    log = page.get_by_role("log")
    expect(log).to_contain_text("Extrait Kbis, de moins de trois mois")
    expect(log).to_contain_text("Plan d'actions à l'international")
    keep_picture(page, "assistant-papers")
    sheet = running.aids / "contrat-export.yml"
    text = sheet.read_text(encoding="utf-8")
    assert "Extrait Kbis" in text
    sheet.write_text(text.replace("Extrait Kbis", "Attestation d'immatriculation"), encoding="utf-8")
    ask(page, "Quels documents faut-il joindre à la demande ?")
    expect(log).to_contain_text("Attestation d'immatriculation")


def test_the_widget_works_on_the_regions_own_site_by_one_script_tag(running: System, region_site: RegionSite, page: Page) -> None:
    (region_site.folder / "index.html").write_text(
        f'<!doctype html><html lang="fr"><title>Région</title><h1>Accueil</h1><script src="{running.site}/assistant.js"></script></html>'
    )
    page.goto(region_site.origin)
    page.get_by_role("button", name="Poser une question").click()
    ask(page, "Quel est le montant du contrat export ?")
    expect(page.get_by_role("log")).to_contain_text("40 000")
    page.reload()
    expect(page.get_by_text("Quel est le montant du contrat export ?")).to_be_visible()


def test_a_file_is_told_only_to_who_receives_the_code(running: System, mails: MailServer) -> None:
    number, owner = "EXP-2026-00123", "savonnerie-grandpre@exemple.fr"
    first = answers(running.site, "où en est mon dossier ?", number, "000000")
    assert "code" in str(first[1])
    assert "relevé d'identité" not in str(first)
    unknown = answers(running.site, "où en est mon dossier ?", "EXP-2026-99999")
    assert words(unknown[1]).replace("EXP-2026-99999", number) == words(first[1])

    wait_until(lambda: bool(codes(mails, owner)), 15, "le code est arrivé")
    import httpx

    with httpx.Client(base_url=running.site, timeout=30) as client:
        token = client.post("/api/conversations").json()["token"]

        def say(text: str) -> str:
            return str(client.post(f"/api/conversations/{token}/messages", json={"text": text}).json()["messages"])

        before = len(codes(mails, owner))
        say(f"Je voudrais savoir où en est le dossier {number}")
        wait_until(lambda: len(codes(mails, owner)) > before, 15, "le second code est arrivé")
        told = say(codes(mails, owner)[-1])
    assert "C'est à vous d'agir" in told
    assert "relevé d'identité bancaire" in told


def test_a_file_kept_elsewhere_is_told_with_its_steps(
    running: System, mails: MailServer, platform: Platform, page: Page, keep_picture: Picture
) -> None:
    number, owner = "31457803", "usager-ailleurs@exemple.fr"
    filed, asked = "2026-10-06T10:00:00+02:00", "2026-11-03T10:00:00+01:00"
    message = ("M1", "Merci de joindre un relevé d'identité bancaire.", "incomplete", None)
    platform.put(Lodged(int(number), 12345, owner, "en_construction", filed, correction_since=asked, messages=(message,)))
    page.goto(running.site)
    page.get_by_role("button", name="Poser une question").click()
    ask(page, f"Où en est mon dossier {number} ?")
    wait_until(lambda: bool(codes(mails, owner)), 15, "le code est arrivé")
    platform.trouble = Trouble(503)
    ask(page, codes(mails, owner)[-1])
    log = page.get_by_role("log")
    expect(log).to_contain_text("Votre code est le bon")
    platform.trouble = None
    page.get_by_role("button", name="Réessayer avec ce code").click()
    expect(log.locator("[aria-current=step]")).to_have_text("Vérification (en cours)", timeout=15000)
    expect(log).to_contain_text("C'est à vous d'agir, depuis le 3\u00a0novembre\u00a02026.")
    expect(log).to_contain_text("Merci de joindre un relevé d'identité bancaire.")
    expect(log.get_by_role("link", name="Ouvrir mon dossier")).to_have_attribute("href", re.compile(f"/dossiers/{number}$"))
    keep_picture(page, "file-status")


def test_an_opinion_left_by_the_form_reaches_the_desk_and_the_results(running: System, page: Page, keep_picture: Picture) -> None:
    page.goto(f"{running.site}/avis")
    page.get_by_role("textbox", name=re.compile("avis", re.I)).fill(
        "L'agente du guichet a été patiente et très aimable avec ma mère, qui entend mal. Un accueil plein de gentillesse, merci à elle."
    )
    page.wait_for_timeout(3500)  # as long as a person takes at least
    keep_picture(page, "opinion")
    page.get_by_role("button", name=re.compile("Envoyer")).click()
    expect(page.locator("main")).to_contain_text(re.compile(r"AV-\d{4}-\d{6}"))
    reference = re.findall(r"AV-\d{4}-\d{6}", page.locator("main").inner_text())[0]
    with closing(sqlite3.connect(Path(running.env["ECOUTE_VAR"]) / "ecoute.db")) as database:
        read = database.execute(
            "SELECT i.kind, l.slug FROM feedback_item i JOIN feedback_label l ON l.item_id = i.id WHERE reference = ?",
            [reference],
        ).fetchall()
        assert ("avis", "accueil") in read
        (kept,) = database.execute("SELECT count(*) FROM feedback_item WHERE kind = 'avis'").fetchone()
    # Small counts are not told, nor what would give them away.
    assert page.request.get(f"{running.site}/qualite/donnees.json").json()["avis"] in (None, kept)
    page.goto(f"{running.site}/qualite")
    expect(page.locator("main")).to_contain_text("Ce qui a changé grâce aux avis")
    keep_picture(page, "results")


def answers_again(running: System, text: str = "bonjour") -> bool:
    """Whether the assistant answers; asked every three seconds, since the site refuses who asks too often."""
    time.sleep(3)
    return "panne" not in str(answers(running.site, text))


def rasa_process(running: System) -> int:
    found = subprocess.run(["pgrep", "-f", f"rasa run .*{running.env['ECOUTE_RASA_PORT']}"], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[0])


def test_what_people_say_is_in_no_log(running: System) -> None:
    process = rasa_process(running)
    os.kill(process, signal.SIGSTOP)
    try:
        (late,) = answers(running.site, "phrase témoin numéro 774411")
    finally:
        os.kill(process, signal.SIGCONT)
    assert "panne" in str(late)
    wait_until(lambda: answers_again(running, "seconde phrase témoin 885522"), 30, "l'assistant répond")
    logs = list((Path(running.env["ECOUTE_VAR"]) / "log").glob("*.log"))
    assert logs
    for log in logs:
        assert not re.search("témoin|774411|885522", log.read_text(errors="replace")), log.name


def test_when_rasa_falls_people_are_told_and_it_comes_back(running: System) -> None:
    os.kill(rasa_process(running), signal.SIGKILL)
    (told,) = answers(running.site, "bonjour")
    assert "panne" in str(told)
    wait_until(lambda: answers_again(running), 90, "l'assistant est revenu")


def test_when_the_actions_fall_people_are_told_and_a_message_can_still_be_left(running: System) -> None:
    found = subprocess.run(["pgrep", "-f", "ecoute.actions"], capture_output=True, text=True, check=True).stdout.split()
    ours = [
        int(pid) for pid in found if f"ECOUTE_ACTIONS_PORT={running.env['ECOUTE_ACTIONS_PORT']}" in Path(f"/proc/{pid}/environ").read_text()
    ]
    assert len(ours) == 1
    os.kill(ours[0], signal.SIGKILL)
    told, person, left = answers(running.site, "bonjour", "Je veux parler à un agent", "luc@exemple.fr, ma facture est refusée")
    assert "panne" in str(told)
    assert "message" in str(person)
    assert re.search(r"AV-\d{4}-\d{6}", str(left))
    wait_until(lambda: answers_again(running), 60, "les actions sont revenues")
