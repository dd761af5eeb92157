"""What a browser meets on the public pages."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from test_web_site import Site

from store.engine import open_engine
from triage.model import Kind


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        yield site


def test_results_say_when_nothing_is_known(site: Site) -> None:
    assert "pas encore reçu d'avis" in unescape(site.get("/qualite").text)


def test_results_count_opinions(site: Site) -> None:
    site.add_opinion()
    site.add_opinion()
    site.add_opinion(Kind.DEMANDE)
    assert "Moins de 5 avis reçus : c'est trop peu pour en tirer un pourcentage." in unescape(site.get("/qualite").text)
    for _ in range(8):
        site.add_opinion()
    assert "0\u00a0% d'avis positifs, sur 10 avis reçus." in unescape(site.get("/qualite").text)
    told = site.get("/qualite/donnees.json").json()
    assert (told["avis"], told["ressentis"]["negatif"]) == (10, 10)
    assert {line["slug"]: line["negatif"] for line in told["engagements"]}["delais"] == 10
    lines = site.get("/qualite/donnees.csv").text.splitlines()
    assert lines[0] == "engagement;nom;ressenti;avis"
    assert "delais;Votre demande est traitée dans les délais annoncés;negatif;10" in lines


@pytest.mark.parametrize("path", ["/", "/avis", "/qualite", "/connexion", "/inconnue"])
def test_pages_run_no_code_but_ours(site: Site, path: str) -> None:
    answer = site.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert " style=" not in answer.text
    assert "<style" not in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert "onclick" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://ailleurs.example"}, {"origin": "null"}],
)
def test_another_site_cannot_send(site: Site, headers: dict[str, str]) -> None:
    assert site.post("/avis", data={"texte": "a"}, headers=headers).status_code == 403
    assert site.letters == []


def test_a_huge_body_is_refused(site: Site) -> None:
    assert site.say(site.begin(), "a" * 70_000).status_code == 413


def test_health_and_script(site: Site) -> None:
    assert site.get("/sante").json() == {"status": "ok"}
    script = site.get("/assistant.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(script.content) < 30_000
    assert "innerHTML" not in script.text
    assert site.get("/assistant.js", headers={"if-none-match": script.headers["etag"]}).status_code == 304


def test_health_tells_a_lost_database(site: Site) -> None:
    site.sessions.configure(bind=open_engine(f"sqlite:///{site.folder}"))  # a folder is no database
    assert site.get("/sante").status_code == 503


def test_a_failure_is_told_in_words(site: Site) -> None:
    site.sessions.configure(bind=open_engine(f"sqlite:///{site.folder}"))
    answer = site.get("/qualite")
    assert answer.status_code == 500
    assert "Réessayez plus tard" in answer.text


def test_a_page_of_the_regions_site_may_carry_the_widget_and_do_nothing_else(tmp_path: Path) -> None:
    theirs = {"origin": "https://www.region.test", "sec-fetch-site": "cross-site"}
    with Site(tmp_path, widget_sites=("https://www.region.test",)) as site:
        begun = site.post("/api/conversations", headers=theirs)
        assert (begun.status_code, begun.headers["access-control-allow-origin"]) == (201, "https://www.region.test")
        assert site.post("/avis", data={"texte": "Bien"}, headers=theirs).status_code == 403
        assert site.post("/api/conversations", headers=theirs | {"origin": "https://autre.test"}).status_code == 403
