"""Administrators keep the accounts; those who oversee read the history."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from test_web_site import PASSWORD, START, Site

from conversations.store import live
from conversations.switchboard import ASK_AGENT
from history.model import What
from history.store import Wanted, find, note
from people.rights import Role
from web.accounts.model import Agent, Rules
from web.accounts.store import create_account, find_account

NEW = "quatre mots sans lien"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, role=Role.ADMINISTRATOR) as site:
        assert site.sign_in().headers["location"] == "/console/equipe"
        yield site


def add(site: Site, login: str = "luc", role: str = "agent", **more: str) -> int:
    page = site.post("/console/equipe", data={"identifiant": login, "nom": "Luc Petit", "role": role, **more})
    assert page.status_code == 200, page.text
    with site.sessions() as session:
        account = find_account(session, login)
        assert account
        return account.id


def link_on(page: str) -> str:
    return re.findall(r"http://region.test(/connexion/premiere/[^<]+)<", page)[0]


def test_an_account_is_opened_with_a_link(site: Site) -> None:
    page = site.post("/console/equipe", data={"identifiant": "Luc ", "nom": "Luc Petit", "role": "agent", "courriel": "Luc@Exemple.fr"})
    link = link_on(page.text)
    site.cookies.clear()
    assert site.post(link, data={"nouveau": NEW, "encore": NEW}).status_code == 303
    assert "Luc Petit" in site.get("/console").text
    with site.sessions() as session:
        opened = next(row for row in find(session, Wanted(), 9) if row.what == What.ACCOUNT_OPENED)
        assert (opened.who, opened.about, opened.after) == ("Agnès Martin", "compte luc", "Luc Petit, Agent, luc@exemple.fr")


def test_a_link_leads_to_the_public_site_whatever_the_request_says(tmp_path: Path) -> None:
    rules = Rules("un secret d'essai", second_factor=frozenset(), site="https://ecoute.exemple.fr/")
    with Site(tmp_path, role=Role.ADMINISTRATOR, rules=rules) as site:
        site.sign_in()
        page = site.post("/console/equipe", data={"identifiant": "luc", "nom": "Luc Petit", "role": "agent"})
        assert "https://ecoute.exemple.fr/connexion/premiere/" in page.text
        assert "http://region.test/connexion" not in page.text


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"identifiant": "agnes", "nom": "X", "role": "agent"}, "déjà pris"),
        ({"identifiant": " ", "nom": "X", "role": "agent"}, "vide"),
        ({"identifiant": "x", "nom": " ", "role": "agent"}, "nom est vide"),
        ({"identifiant": "x", "nom": "X", "role": "roi"}, "Choisissez un rôle"),
        ({"identifiant": "x", "nom": "X", "role": "agent", "courriel": "pas une adresse"}, "Vérifiez l'adresse"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(site: Site, form: dict[str, str], error: str) -> None:
    page = site.post("/console/equipe", data=form)
    assert page.status_code == 422
    assert error in page.text.replace("&#39;", "'")
    assert f'value="{form["identifiant"]}"' in page.text


def test_a_referent_answers_for_commitments_and_services(site: Site) -> None:
    number = add(site)
    form = {"nom": "Luc Petit", "role": "referent", "engagements": ["delais", "inconnu"], "services": " Transports \n\nLycées"}
    assert site.post(f"/console/equipe/{number}", data=form).status_code == 303
    with site.sessions() as session:
        account = find_account(session, "luc")
        assert account
        assert account.scopes == ["delais", "Transports", "Lycées"]
        changed = find(session, Wanted(about="compte luc"), 1)[0]
        assert (changed.before, changed.after) == ("Luc Petit, Agent", "Luc Petit, Référent, delais, Transports, Lycées")
    page = site.get(f"/console/equipe/{number}").text
    assert 'value="delais" checked' in page
    assert "Transports\nLycées</textarea>" in page
    site.post(f"/console/equipe/{number}", data={"nom": "Luc Petit", "role": "agent"})
    with site.sessions() as session:
        account = find_account(session, "luc")
        assert account
        assert account.scopes == []


def test_the_last_administrator_stays(site: Site) -> None:
    with site.sessions() as session:
        me = find_account(session, "agnes")
        assert me
    own = f"/console/equipe/{me.id}"
    assert "seul compte d'administrateur" in site.post(f"{own}/desactiver").text.replace("&#39;", "'")
    assert site.post(own, data={"nom": "Agnès", "role": "agent"}).status_code == 422
    add(site, role="administrateur")
    assert site.post(own, data={"nom": "Agnès", "role": "agent"}).status_code == 303
    assert site.get("/console/equipe").status_code == 403


def test_an_account_is_disabled_at_once_and_enabled_again(site: Site) -> None:
    number = add(site)
    other = {"identifiant": "luc", "mot_de_passe": NEW}
    link = link_on(site.post(f"/console/equipe/{number}/lien").text)
    mine = site.cookies["ecoute_session"]
    site.post(link, data={"nouveau": NEW, "encore": NEW})
    his = site.cookies["ecoute_session"]
    site.cookies.set("ecoute_session", mine)
    again = link_on(site.post(f"/console/equipe/{number}/lien").text)
    assert site.post(f"/console/equipe/{number}/desactiver").status_code == 303
    assert "désactivé" in site.post(f"/console/equipe/{number}/lien").text
    assert site.get(again).status_code == 404
    site.cookies.set("ecoute_session", his)
    assert site.get("/console").status_code == 303
    assert site.post("/connexion", data=other).status_code == 401
    site.cookies.set("ecoute_session", mine)
    site.post(f"/console/equipe/{number}/reactiver")
    assert site.post("/connexion", data=other).status_code == 303


def test_factor_sessions_and_provider_are_reset(site: Site) -> None:
    number = add(site)
    with site.sessions.begin() as session:
        account = find_account(session, "luc")
        assert account
        account.totp_secret, account.subject = "x", "y"
    page = site.get(f"/console/equipe/{number}").text
    assert all(words in page for words in ("Retirer le second facteur", "Délier du fournisseur"))
    for what in ("second-facteur", "sessions", "delier"):
        assert site.post(f"/console/equipe/{number}/{what}").status_code == 303
    with site.sessions() as session:
        account = find_account(session, "luc")
        assert account
        assert (account.totp_secret, account.subject) == (None, None)
        told = [row.what for row in find(session, Wanted(about="compte luc"), 3)]
        assert told == [What.ACCOUNT_CHANGED, What.SESSION_CLOSED, What.SECOND_FACTOR]
    assert site.get("/console/equipe/999").status_code == 404


@pytest.fixture
def overseen(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, role=Role.SUPERVISOR) as site:
        site.sign_in()
        yield site


def test_readings_of_messages_and_conversations_are_told(overseen: Site) -> None:
    reference = overseen.add_opinion()
    overseen.get(f"/console/messages/{reference}")
    overseen.get(f"/console/messages/{reference}")
    overseen.get("/console/messages/AV-0")
    overseen.post("/console/conversations/presence", data={"disponible": "True"})
    token = overseen.begin()
    overseen.say(token, "Mon adresse est luc@exemple.fr")
    overseen.say(token, ASK_AGENT)
    with overseen.sessions() as session:
        [one] = live(session)
    overseen.get(f"/console/conversations/{one.id}")
    with overseen.sessions() as session:
        read = [(row.who, row.about) for row in find(session, Wanted(), 9) if row.what == What.READ]
    assert read == [("Agnès Martin", f"conversation {one.id}"), ("Agnès Martin", reference)]
    page = overseen.get("/console/historique").text
    assert reference in page
    assert "luc@exemple.fr" not in page


def test_the_history_is_filtered_paged_and_exported(overseen: Site) -> None:
    with overseen.sessions.begin() as session:
        other = Agent(create_account(session, "luc", "Luc Petit", PASSWORD, START), "luc", "Luc Petit")
        for number in range(60):
            note(session, other, What.CHANGED, f"AV-{number}", "=1+1", "<b>x</b>", at=START + timedelta(days=number))
    page = overseen.get("/console/historique").text
    assert "AV-59" in page
    assert "AV-9<" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "AV-0<" in overseen.get("/console/historique?page=2").text
    page = overseen.get("/console/historique?objet=AV-7").text
    assert page.count("<tr><td") == 1
    day = (START + timedelta(days=5)).date().isoformat()
    page = overseen.get(f"/console/historique?personne={other.id}&du={day}&au={day}").text
    assert page.count("<tr><td") == 1
    assert "AV-5<" in page
    for wrong in ("hier", "9999-12-31"):
        assert overseen.get(f"/console/historique?au={wrong}").status_code == 422
    assert overseen.get("/console/historique?personne=x&page=99999").text.count("Aucune ligne") == 1
    written = overseen.get(f"/console/historique/historique.csv?personne={other.id}")
    lines = list(csv.DictReader(io.StringIO(written.text), delimiter=";"))
    assert len(lines) == 60
    assert (lines[0]["objet"], lines[0]["avant"]) == ("AV-59", "'=1+1")
    with overseen.sessions() as session:
        assert find(session, Wanted(), 1)[0].what == What.EXPORTED


def test_nothing_of_the_history_can_be_written_from_a_page(overseen: Site) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/console/historique", "/console/historique/historique.csv", "/console/historique/1"):
            assert overseen.request(method, path).status_code in (404, 405)
