"""The desk's pages: what they show, what they do, what they refuse."""

import asyncio
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from test_web_site import START, Site

from desk.live_pages import told
from desk.pages import Live
from history.model import What
from history.store import Wanted, find
from outbox.address import AnswerAddress
from outbox.model import State
from outbox.tables import OutboxRow
from triage import store
from triage.attachments import keep_file, listed
from triage.correspondence import Correspondence, link
from triage.model import Autonomy, Channel, File, Kind, Message, Reading, Route, Sentiment
from web.accounts.store import create_account


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        site.sign_in()
        yield site


def act(site: Site, reference: str, do: str, **more: str) -> str:
    """Where the action leads."""
    answer = site.post("/console/actions", data={"m": reference, "faire": do, "retour": f"/console/messages/{reference}"} | more)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_an_action_is_told_and_undone(site: Site) -> None:
    reference = site.add_opinion()
    page = site.get(act(site, reference, "clore")).text
    assert "Message clos." in page
    assert "Clos</strong>" in page
    batch = page.split("/console/actions/")[1].split("/")[0]
    back = site.post(f"/console/actions/{batch}/annuler", data={"retour": f"/console/messages/{reference}"})
    page = site.get(back.headers["location"]).text
    assert "Message à traiter de nouveau." in page
    assert "État : clos → à traiter" in page
    assert "annulé" in page


def test_a_person_in_danger_is_told_at_the_head_and_the_history_is_in_french(site: Site) -> None:
    reference = site.add_opinion(text="Je n'en peux plus, j'ai envie d'en finir.")
    assert "peut-être en danger" in site.get(f"/console/messages/{reference}").text
    assert "peut-être en danger" not in site.get(f"/console/messages/{site.add_opinion()}").text
    act(site, reference, "clore")
    with site.sessions() as session:
        told = [row.after for row in find(session, Wanted(), 9) if row.what == What.CHANGED]
    assert told == ["État : clos"]


def test_labels_are_corrected_and_a_move_is_proposed(site: Site) -> None:
    reference = site.add_opinion()
    page = site.get(act(site, reference, "engagement:contact")).text
    assert 'aria-pressed="true" data-key="2"' in page
    assert "Engagements : Délais → Contact, Délais" in page
    # The one row of the test's table has another queue than the one it was routed to.
    assert "Déplacer vers À qualifier" in page
    page = site.get(act(site, reference, "file", file="À qualifier")).text
    assert "Message : file, À qualifier." in page
    assert "Déplacer vers" not in page
    for slug in ("accueil", "information"):
        where = act(site, reference, f"engagement:{slug}")
    assert "refus=1" in where
    assert "3 engagements au plus" in site.get(where).text


@pytest.mark.parametrize("do", ["", "supprimer", "engagement:argent", "type:", "ressenti:furieux", "file"])
def test_an_action_that_does_not_exist_is_refused(site: Site, do: str) -> None:
    reference = site.add_opinion()
    assert site.post("/console/actions", data={"m": reference, "faire": do}).status_code == 422


def test_an_action_leads_nowhere_but_to_the_console(site: Site) -> None:
    reference = site.add_opinion()
    assert act(site, reference, "prendre", retour="https://ailleurs.example/").startswith("/console?fait=")
    assert site.post("/console/actions/0/annuler", data={"retour": "//x"}).headers["location"] == "/console"


def test_a_filter_is_kept_found_and_forgotten(site: Site) -> None:
    site.add_opinion()
    kept = site.post("/console/filtres", data={"nom": " Retards <b> ", "adresse": "retard=1"})
    assert kept.headers["location"] == "/console?retard=1"
    page = site.get("/console?retard=1&type=avis&q=%22delai%20annonce%22").text
    assert "Retards &lt;b&gt;" in page
    assert "<mark>délai annoncé</mark>" in page
    number = page.split("/console/filtres/")[1].split("/")[0]
    site.post(f"/console/filtres/{number}/retirer")
    assert "Retards" not in site.get("/console").text


@pytest.mark.parametrize(
    "address", ["q=%22%22%20-*", "apres=x", "avant=9.9", "du=2026-99-99", "au=9999-12-31", "qui=99", "file=%00", "etat=x"]
)
def test_any_address_is_a_page(site: Site, address: str) -> None:
    site.add_opinion()
    assert site.get(f"/console?{address}").status_code == 200


def test_one_agent_at_a_time_answers(site: Site) -> None:
    reference = site.add_opinion()
    with site.sessions.begin() as session:
        create_account(session, "marc", "Marc Leroux", "un autre mot de passe", START)
    path = f"/console/messages/{reference}"
    site.post(f"{path}/reponse", data={"faire": "commencer", "retour": path})
    assert "Vous répondez à ce message" in site.get(path).text
    site.post("/connexion", data={"identifiant": "marc", "mot_de_passe": "un autre mot de passe"})
    page = site.get(path).text
    assert "Agnès Martin répond à ce message en ce moment." in page
    assert "Déjà ouvert par Agnès Martin." in page
    site.post(f"{path}/reponse", data={"faire": "commencer", "retour": path})
    assert "Vous répondez" not in site.get(path).text
    assert site.post(f"{path}/reponse", data={"faire": "reprendre", "retour": path}).headers["location"] == path
    assert "Vous répondez" in site.get(path).text
    assert site.post(f"{path}/quitter").status_code == 204


def test_the_exchange_with_the_person_is_shown_and_what_became_of_our_mails(site: Site) -> None:
    first, other = site.add_opinion(), site.add_opinion()
    letters = Correspondence(AnswerAddress("avis@region.fr", "secret"), "region.fr", lambda *_: None, lambda *_: None)
    with site.sessions.begin() as session:
        item, second = (store.get_item(session, reference) for reference in (first, other))
        assert item
        assert second
        letters.send(session, item, letters.answer(item, (), "Votre avis est reçu", "Référence ci-dessus."), "acknowledgement", "", START)
        mail = session.get_one(OutboxRow, 1)
        mail.state, mail.reason = State.FAILED.value, "L'adresse n'existe pas."
        answer = Message("<2@exemple.fr>", "Re", "Luc", item.sender_email, START, "Toujours rien reçu.", "> cité", (), None)
        letters.join(session, item, answer, None, START)
        link(second, item)
        second.not_acknowledged = "adresse qui ne lit pas les réponses"
    page = site.get(f"/console/messages/{first}").text
    assert all(words in page for words in ("Toujours rien reçu.", "&gt; cité", "Votre avis est reçu", "Non remis.", "existe pas."))
    page = site.get(f"/console/messages/{other}").text
    assert "d&#39;une autre adresse" in page
    assert f"/console/messages/{first}" in page
    assert "Pas d'accusé de réception : adresse qui ne lit pas les réponses." in page


def test_files_of_a_form_are_given_too(site: Site) -> None:
    packed = store.pack(b"photo")
    with site.sessions.begin() as session:
        keep_file(session, packed)
        message = Message(None, "Avis", "", "", START, "texte", "", (listed(File("vu.jpg", "image/jpeg", b"photo"), packed),), None)
        reading = Reading(Kind.AVIS, 0.9, (), Sentiment.NEUTRE, 0.9, False, 0.9, "v1")
        route = Route("Avis", "Avis", 1, 5, Autonomy.SUGGEST, "avis")
        reference = store.add_item(session, message, reading, route, None, Channel.FORM, None, START).reference
    assert f'href="/console/messages/{reference}/pieces/1"' in site.get(f"/console/messages/{reference}").text
    assert site.get(f"/console/messages/{reference}/pieces/1").content == b"photo"


def test_what_came_with_a_mail_is_given_and_never_shown_here(site: Site) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Pièce"
    mail.set_content("texte")
    mail.add_alternative("<p onclick='x()'>page <img src='http://x/a.gif' alt='logo'></p><script>1</script>", subtype="html")
    mail.add_attachment(b"<script>alert(1)</script>", maintype="text", subtype="html", filename='é"\r\n.html')
    raw = mail.as_bytes()
    with site.sessions.begin() as session:
        kept = store.keep_raw(session, store.pack(raw))
        message = Message(None, "Pièce", "", "", START, "texte", "", (), None)
        reading = Reading(Kind.AVIS, 0.9, (), Sentiment.NEUTRE, 0.9, False, 0.9, "v1")
        route = Route("Avis", "Avis", 1, 5, Autonomy.SUGGEST, "avis")
        reference = store.add_item(session, message, reading, route, None, Channel.MAIL, kept, START).reference
    path = f"/console/messages/{reference}"
    page = site.get(f"{path}/page")
    assert "[Image non affichée : logo]" in page.text
    assert "script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "sandbox" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    file = site.get(f"{path}/pieces/1")
    assert file.content.strip() == b"<script>alert(1)</script>"
    assert file.headers["content-disposition"].startswith("attachment;")
    assert (file.headers["content-type"], file.headers["x-content-type-options"]) == ("application/octet-stream", "nosniff")
    assert site.get(f"{path}/source").content == raw
    assert site.get(f"{path}/pieces/2").status_code == 404
    assert "sandbox" in site.get(path).text
    other = site.add_opinion()
    assert site.get(f"/console/messages/{other}/source").status_code == 404
    site.cookies.clear()
    assert [site.get(f"{path}/{part}").status_code for part in ("page", "pieces/1", "source", "evenements")] == [303] * 4


def test_news_are_told_when_they_change() -> None:
    answers = iter([{"a": 1}, {"a": 1}, {"a": 2}])

    async def all_of_it() -> list[str]:
        return [part async for part in told(lambda: next(answers), Live(0, 3))]  # type: ignore[arg-type, return-value]

    assert asyncio.run(all_of_it()) == [
        "retry: 2000\n\n",
        'event: etat\ndata: {"a": 1}\n\n',
        ": vivant\n\n",
        'event: etat\ndata: {"a": 2}\n\n',
    ]
