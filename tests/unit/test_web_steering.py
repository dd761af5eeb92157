"""The steering page: who sees it, what it shows, and its files."""

import csv
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select
from test_web_site import START, Site

import ecoute.tables  # noqa: F401 - tables of the site point at each other
from desk.steering_store import STALE
from people.rights import Role
from web.accounts.tables import AgentAccountRow

HOME = "/console/pilotage"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, role=Role.REFERENT) as site:
        site.sign_in()
        yield site


def test_figures_are_told_with_their_table(site: Site) -> None:
    site.add_opinion()
    page = unescape(site.get(HOME).text)
    assert "1\u00a0message reçu du 1er" in page
    assert "0\u00a0% des messages ont reçu une réponse dans le délai annoncé, sur 1 " in page
    assert "1\u00a0message est en cours aujourd'hui, dont 1 en retard." in page
    assert page.count("<details>") == page.count("<summary>Tableau") == page.count('<section class="measure">') == 10
    assert " style=" not in page
    assert "Aucun message reçu" in unescape(site.get(f"{HOME}?canal=telephone").text)
    assert "trop longue" in site.get(f"{HOME}?pas=jour&du=2020-01-01").text


def test_files_are_those_of_the_page(site: Site) -> None:
    site.add_opinion()
    answer = site.get(f"{HOME}/volumes.csv?du=2026-11-01&canal=mail")
    assert answer.headers["content-disposition"] == 'attachment; filename="pilotage-volumes-2026-11-01-2026-11-24.csv"'
    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert rows == [["Mois", "E-mail", "Total"], ["novembre\u00a02026", "1", "1"]]
    assert site.get(f"{HOME}/inconnu.csv").status_code == 404
    whole = site.get(f"{HOME}/tout.csv").content.decode("utf-8-sig").splitlines()
    assert whole[0] == "tableau;ligne;mesure;unité;valeur"


def test_figures_of_another_day_are_never_shown(site: Site) -> None:
    assert "Aucun message reçu" in unescape(site.get(HOME).text)
    site.add_opinion()
    site.clock.now = START + STALE
    site.sign_in()
    assert "1\u00a0message reçu" in unescape(site.get(HOME).text)


def test_an_agent_does_not_see_it(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        site.sign_in()
        assert site.get(HOME).status_code == 403


def test_a_referent_counts_what_they_answer_for(site: Site) -> None:
    site.add_opinion()
    with site.sessions.begin() as session:
        account = session.scalars(select(AgentAccountRow)).one()
        account.scopes = ["accueil", "DAI"]
    page = unescape(site.get(HOME).text)
    assert "Aucun message reçu" in page
    assert "Seuls sont comptés les messages dont vous êtes référent" in page
    assert ";1" not in site.get(f"{HOME}/volumes.csv").text
