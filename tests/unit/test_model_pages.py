"""The page of the models: what it tells, and what it lets do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from test_web_site import START, Site

from desk import learning_store as store
from desk.learning_watch import keep, watch
from history.store import Wanted, find
from language.embed import HashEmbedder
from people.rights import Role
from triage.train import read_data, train
from triage.trained import load_trained, save_trained
from triage.versions import Versions
from triage.views import MessageFeatures

FEATURES = MessageFeatures(HashEmbedder(), HashEmbedder())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, role=Role.SUPERVISOR) as site:
        site.sign_in()
        yield site


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("modele") / "triage.npz"
    train(read_data()[:250], FEATURES, path, "essai", date(2026, 11, 24), lambda _: None)
    return path


@pytest.fixture
def versions(site: Site, model: Path) -> Versions:
    """One in force, another that could be."""
    versions = Versions(site.folder / "models")
    trained = load_trained(model)
    save_trained(versions.in_force, trained)
    save_trained(versions.path("triage-autre"), replace(trained, card=trained.card | {"version": "triage-autre"}))
    return versions


def test_a_person_decides_says_why_and_returns(site: Site, versions: Versions) -> None:
    before = versions.current()
    assert "Revenir à la version" not in site.get("/console/modeles").text
    refused = site.post("/console/modeles/version", data={"version": "triage-autre", "pourquoi": " "})
    assert refused.status_code == 422
    assert "Dites pourquoi" in refused.text
    assert versions.current() == before
    answer = site.post("/console/modeles/version", data={"version": "triage-autre", "pourquoi": "essai <b> de juin"})
    assert answer.status_code == 303
    assert versions.current() == "triage-autre"
    page = site.get(answer.headers["location"]).text
    assert "est en service" in page
    assert "essai &lt;b&gt; de juin" in page
    assert site.post("/console/modeles/retour", data={"pourquoi": "fini"}).status_code == 303
    assert versions.current() == before
    assert "n'a remplacé aucun autre" in site.post("/console/modeles/retour", data={"pourquoi": "encore"}).text.replace("&#39;", "'")
    with site.sessions() as session:
        assert [line.who for line in find(session, Wanted(about=f"modèle {before}"), 5)] == ["Agnès Martin"]


def test_an_agent_confirms_a_reading(site: Site) -> None:
    reference = site.add_opinion()
    answer = site.post(f"/console/messages/{reference}/confirmer")
    assert "est confirmé" in site.get(answer.headers["location"]).text
    with site.sessions() as session:
        assert [(one.taught, one.corrected) for one in store.taught(session).lessons] == [(True, False)]
    assert site.post("/console/messages/AV-0/confirmer").status_code == 404


@pytest.mark.parametrize("version", ["absente", "../triage", "..", "a/b"])
def test_only_versions_that_are_kept_go_live(site: Site, versions: Versions, version: str) -> None:
    before = versions.current()
    assert site.post("/console/modeles/version", data={"version": version, "pourquoi": "x"}).status_code == 422
    assert versions.current() == before


def test_a_training_begins_once_and_its_progress_is_shown(site: Site, versions: Versions) -> None:
    assert site.post("/console/modeles/entrainer").status_code == 303
    with site.sessions.begin() as session:
        row = store.last_training(session)
        assert row
        store.tell_training(session, row.id, 64, 2600, START)
    assert "64 messages lus sur 2600" in site.get("/console/modeles").text
    again = site.post("/console/modeles/entrainer")
    assert again.status_code == 409
    assert "déjà en cours" in again.text
    site.clock.now += store.SILENT + timedelta(minutes=1)
    assert "arrêté sans se terminer" in site.get("/console/modeles").text.replace("&#39;", "'")


def test_what_the_watch_found_is_told(site: Site, versions: Versions) -> None:
    assert "Rien n'est encore calculé" in site.get("/console/modeles").text
    reference = site.add_opinion()
    site.post("/console/actions", data={"m": reference, "faire": "clore"})
    trained = load_trained(versions.in_force)
    with site.sessions.begin() as session:
        keep(session, watch(session, trained.curves, 0.03, lambda messages: FEATURES.parts(messages).meanings[0], site.clock()))
    page = site.get("/console/modeles").text
    assert "1\u00a0sur\u00a01" in page
    assert "des 1 messages des 90 derniers jours" in page
    assert "trop peu de messages pour comparer" in page
    assert "Aucun sujet nouveau" in page
