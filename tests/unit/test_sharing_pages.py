"""The page of sharing, as superviseurs and agents use it."""

from pathlib import Path

from test_web_site import Site

from desk import sharing_store
from desk.sharing import Rule, Way
from people.rights import Role


def test_a_superviseur_sets_sharing_and_an_absence(tmp_path: Path) -> None:
    with Site(tmp_path, role=Role.SUPERVISOR) as site:
        site.sign_in()
        page = "/console/partage"
        assert "À qualifier" in site.get(page).text
        assert site.request("POST", f"{page}/file", data={"file": "À qualifier", "partage": "load"}).status_code == 303
        assert site.request("POST", f"{page}/file", data={"file": "Ailleurs", "partage": "load"}).status_code == 422
        assert site.request("POST", f"{page}/agent/1", data={"files": "À qualifier", "maximum": "7"}).status_code == 303
        assert site.request("POST", f"{page}/absences", data={"personne": "1", "du": "2026-12-01", "au": "2026-11-30"}).status_code == 422
        assert site.request("POST", "/console/absences", data={"du": "2026-11-24", "au": "2026-11-25"}).status_code == 303
        assert "Absent aujourd'hui" in site.get(page).text
        assert site.request("POST", "/console/absences/1/retirer").status_code == 303
        assert "Aucune absence à venir" in site.get("/console/absences").text
        with site.sessions() as session:
            assert sharing_store.rules(session) == {"À qualifier": Rule(Way.LOAD)}
