"""The pages of the contents: what is saved, refused, told, put back; and what an attacker gets: nothing."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_web_site import Site

from aids.catalogue import CONTENT as AIDS
from aids.catalogue import Catalogue
from answers.book import CONTENT as ANSWERS
from answers.book import AnswerBook
from desk.editing import to_review
from ecoute.contents import shelves
from ecoute.settings import Settings
from ecoute.wire import Parts
from history.store import HistoryRow
from people.rights import Role

ROUTING = Path(__file__).parents[2] / "triage" / "routing.yml"
SHEET = "/console/contenus/aides/envoleo"
QUALITY = "/console/contenus/reponses/quality"


def own_contents(folder: Path) -> Settings:
    """Settings on a copy of the contents."""
    shutil.copytree(AIDS, folder / "aides")
    shutil.copytree(ANSWERS, folder / "reponses")
    (folder / "table").mkdir()
    shutil.copy(ROUTING, folder / "table" / "routing.yml")
    return Settings(aids=folder / "aides", answers=folder / "reponses", routing=folder / "table" / "routing.yml", var=folder)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, role=Role.SUPERVISOR, contents=shelves(Parts(own_contents(tmp_path)))) as site:
        site.sign_in()
        yield site


class Inputs(HTMLParser):
    """The fields of the form that edits, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._area: str | None = None
        self._over = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if self._over:
            return
        if tag == "textarea" and name:
            self._area, self.found[name] = name, [""]
        elif tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.found.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._over = "version" in self.found
            self.found = self.found if self._over else {}
        if tag == "textarea" and self._area:
            self.found[self._area] = [self.found[self._area][0].removeprefix("\n")]
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area][0] += data


def form_of(site: Site, address: str) -> dict[str, list[str]]:
    answer = site.get(address)
    assert answer.status_code == 200, answer.text
    return Inputs(answer.text).found


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".db" not in path.name}


def test_every_form_opens_and_saved_as_it_is_changes_nothing(site: Site) -> None:
    before = snapshot(site.folder)
    listed = site.get("/console/contenus").text
    addresses = sorted(set(re.findall(r'"(/console/contenus/\w+/[\w-]+)"', listed)))
    assert len(addresses) > 25
    for address in addresses:
        page = site.get(address)
        if page.status_code == 303:
            continue
        entries = [unescape(each) for each in re.findall(rf'"({address}\?entree=[^"]+)"', page.text)] or [address]
        for entry in entries:
            saved = site.post(address, data=form_of(site, entry) | {"geste": "enregistrer"})
            assert saved.status_code == 303, (entry, saved.text)
    after = snapshot(site.folder)
    assert [path for path in before if after[path] != before[path]] == []


def test_an_amount_edited_is_in_service_at_once_with_its_version_and_its_history(site: Site) -> None:
    catalogue = Catalogue(site.folder / "aides")
    form = form_of(site, SHEET) | {"amount.ceiling": "2 500", "pourquoi": "Délibération du 12 novembre"}
    before = (site.folder / "aides" / "envoleo.yml").read_text()
    assert site.post(SHEET, data=form).status_code == 303
    aid = catalogue.get("envoleo")
    assert aid
    assert aid.amount.ceiling == 2500
    assert (site.folder / "aides" / "envoleo.yml").read_text() == before.replace("ceiling: 2000", "ceiling: 2500")
    page = site.get(f"{SHEET}/versions").text
    assert "Agnès Martin" in page
    assert "Délibération du 12 novembre" in page
    assert "fichier" in page
    with site.sessions() as session:
        told = session.query(HistoryRow).filter(HistoryRow.about == "contenu aides/envoleo").one()
        assert told.who == "Agnès Martin"


def test_an_invalid_form_changes_nothing_and_keeps_what_was_typed(site: Site) -> None:
    before = snapshot(site.folder)
    form = form_of(site, SHEET) | {"amount.ceiling": "beaucoup", "purpose": "Partir <b>loin</b>"}
    answer = site.post(SHEET, data=form)
    assert answer.status_code == 422
    assert 'value="beaucoup"' in answer.text
    assert "Partir &lt;b&gt;loin&lt;/b&gt;" in answer.text
    assert 'href="#f-amount.ceiling"' in answer.text
    place = form_of(site, SHEET) | {"eligibility.conditions.2.regions": "Atlantide"}
    answer = site.post(SHEET, data=place)
    assert answer.status_code == 422
    assert "« Atlantide » n&#39;existe pas" in answer.text
    assert snapshot(site.folder) == before


def test_a_text_with_a_slip_is_told_at_its_line_and_kept(site: Site) -> None:
    address = "/console/contenus/routage/routing/texte"
    form = form_of(site, address)
    slip = form["texte"][0].replace("priority: 9", "priority: haute")
    answer = site.post(address, data=form | {"texte": slip})
    assert answer.status_code == 422
    assert f"Ligne {slip[: slip.index('haute')].count(chr(10)) + 1}" in answer.text
    assert Inputs(answer.text).found["texte"][0] == slip
    lost = form["texte"][0].replace("acknowledgement: danger", "acknowledgement: perdu")
    answer = site.post(address, data=form | {"texte": lost})
    assert "aucun accusé de réception ne s&#39;appelle « perdu »" in answer.text
    fine = form["texte"][0].replace("priority: 9", "priority: 8")
    assert site.post(address, data=form | {"texte": fine.replace("\n", "\r\n")}).status_code == 303
    assert (site.folder / "table" / "routing.yml").read_bytes().decode() == fine


def test_the_second_editor_is_told_and_overwrites_nothing(site: Site) -> None:
    mine, theirs = form_of(site, SHEET), form_of(site, SHEET)
    assert site.post(SHEET, data=theirs | {"amount.ceiling": "3000"}).status_code == 303
    answer = site.post(SHEET, data=mine | {"purpose": "Partir étudier."})
    assert answer.status_code == 409
    assert "Une autre personne a enregistré" in unescape(answer.text)
    assert "ceiling: 3000" in answer.text
    path = site.folder / "aides" / "envoleo.yml"
    assert "Partir étudier." not in path.read_text()
    both = Inputs(answer.text).found
    assert (both["amount.ceiling"], both["purpose"]) == (["3000"], ["Partir étudier."])
    assert site.post(SHEET, data=both).status_code == 303
    assert {"  ceiling: 3000", 'purpose: "Partir étudier."'} <= set(path.read_text().splitlines())
    clash = site.post(SHEET, data=mine | {"amount.ceiling": "4000"})
    assert "« Aide maximale, en euros » : une autre personne l'a changé aussi" in unescape(clash.text)
    assert Inputs(clash.text).found["amount.ceiling"] == ["4000"]
    assert Inputs(clash.text).found["purpose"] == ["Partir étudier."]


def test_so_is_the_second_one_in_the_text(site: Site) -> None:
    address = f"{SHEET}/texte"
    mine, theirs = form_of(site, address), form_of(site, address)
    path = site.folder / "aides" / "envoleo.yml"
    saved = theirs["texte"][0].replace("ceiling: 2000", "ceiling: 3000")
    assert site.post(address, data=theirs | {"texte": saved}).status_code == 303
    own = mine["texte"][0].replace("Vérifiez", "Regardez").replace("days: ", "days: 1")
    answer = site.post(address, data=mine | {"texte": own})
    assert answer.status_code == 409
    assert path.read_text() == saved
    assert "ceiling: 3000" in answer.text
    assert Inputs(answer.text).found["texte"][0] == own
    assert site.post(address, data=Inputs(answer.text).found).status_code == 303
    assert path.read_text() == own


def test_a_change_made_outside_is_a_version_and_any_version_comes_back(site: Site) -> None:
    path = site.folder / "aides" / "envoleo.yml"
    first = path.read_text()
    site.get(SHEET)
    path.write_text(first.replace("ceiling: 2000", "ceiling: 4000"))
    page = site.get(SHEET).text
    assert "4000" in page
    listed = site.get(f"{SHEET}/versions").text
    numbers = re.findall(r"versions/(\d+)", listed)
    assert len(numbers) == 2
    oldest = f"{SHEET}/versions/{numbers[-1]}"
    assert "ceiling: 4000" in site.get(oldest).text
    assert site.post(f"{oldest}/retablir", data=Inputs(site.get(oldest).text).found).status_code == 303
    assert path.read_text() == first


def test_rows_grow_and_shrink_without_script(site: Site) -> None:
    answer = site.post(SHEET, data=form_of(site, SHEET) | {"geste": "ajouter:documents"})
    form = Inputs(answer.text).found
    assert form["documents.5.name"] == [""]
    answer = site.post(SHEET, data=form | {"documents.5.name": "Passeport", "geste": "retirer:documents:0"})
    assert site.post(SHEET, data=Inputs(answer.text).found | {"geste": "enregistrer"}).status_code == 303
    aid = Catalogue(site.folder / "aides").get("envoleo")
    assert aid
    assert [each.name for each in aid.documents][-1] == "Passeport"
    assert len(aid.documents) == 5


def test_an_answer_is_previewed_and_its_placeholders_are_checked(site: Site) -> None:
    form = form_of(site, f"{QUALITY}?entree=donner_avis")
    shown = site.post(QUALITY, data=form | {"text": "Appelez le {phone}, {inconnu}.", "geste": "apercu"}).text
    assert "Appelez le 01 99 00 12 34, {inconnu}." in shown
    refused = site.post(QUALITY, data=form | {"text": "Appelez le {inconnu}."})
    assert refused.status_code == 422
    assert "repère inconnu" in refused.text
    for sly in ("{phone.__class__}", "{phone:>999999999}", "{phone!r}", "{", "{0}"):
        assert site.post(QUALITY, data=form | {"text": sly}).status_code == 422, sly
    link = form | {"links#": [""], "links.0.label": "Ici", "links.0.url": "javascript:alert(1)"}
    assert "n&#39;est pas une adresse" in site.post(QUALITY, data=link).text
    assert site.post(QUALITY, data=form | {"text": "Écrivez-nous au {phone}."}).status_code == 303
    answer = AnswerBook(site.folder / "reponses").get("donner_avis")
    assert answer
    assert answer.text == "Écrivez-nous au 01 99 00 12 34."


def test_hours_that_cannot_be_are_refused(site: Site) -> None:
    address = "/console/contenus/service/service"
    form = form_of(site, address)
    for opens, closes in ((["9h"], ["12:00"]), (["09:00"], [""]), (["12:00"], ["09:00"]), (["09:00", "11:00"], ["12:00", "13:00"])):
        assert site.post(address, data=form | {"hours.lundi.de": opens, "hours.lundi.a": closes}).status_code == 422
    assert site.post(address, data=form | {"hours.samedi.de": ["09:00"], "hours.samedi.a": ["12:00"]}).status_code == 303
    assert AnswerBook(site.folder / "reponses").service().hours["samedi"] == ("09:00-12:00",)
    text = form_of(site, f"{address}/texte")
    without = text["texte"][0].replace("  service: service des relations avec les usagers", "  autre: x")
    refused = site.post(f"{address}/texte", data=text | {"texte": without})
    assert refused.status_code == 422
    assert "repère inconnu" in refused.text


def test_a_stale_sheet_is_told_everywhere_and_checked_in_one_click(site: Site) -> None:
    contents = shelves(Parts(own_contents_again(site.folder)))
    assert to_review(contents, site.clock.now.date()) == 0
    assert "à revoir)" not in site.get("/console/contenus").text
    site.clock.now += timedelta(days=400)
    site.sign_in()
    stale = to_review(contents, site.clock.now.date())
    assert f"({stale} à revoir)" in site.get("/console/contenus").text
    assert site.post(f"{SHEET}/verifiee").status_code == 303
    aid = Catalogue(site.folder / "aides").get("envoleo")
    assert aid
    assert aid.checked.on == site.clock.now.date()
    assert aid.checked.by == "Agnès Martin"
    assert f"({stale - 1} à revoir)" in site.get("/console/contenus").text


def own_contents_again(folder: Path) -> Settings:
    return Settings(aids=folder / "aides", answers=folder / "reponses", routing=folder / "table" / "routing.yml", var=folder)


def test_a_referent_edits_sheets_and_not_the_routing_and_an_agent_nothing(tmp_path: Path) -> None:
    with Site(tmp_path, role=Role.REFERENT, contents=shelves(Parts(own_contents(tmp_path)))) as site:
        site.sign_in()
        assert site.get(SHEET).status_code == 200
        assert site.get("/console/contenus/routage/routing/texte").status_code == 403
        assert site.post("/console/contenus/routage/routing/texte", data={"texte": "rows: []"}).status_code == 403
        assert 'href="/console/contenus/routage' not in site.get("/console/contenus").text
    (tmp_path / "b").mkdir()
    with Site(tmp_path / "b", role=Role.AGENT, contents=shelves(Parts(own_contents_again(tmp_path)))) as site:
        site.sign_in()
        assert site.get("/console/contenus").status_code == 403
        assert site.post(SHEET).status_code == 403
        assert "/console/contenus" not in site.get("/console").text


SLY = [
    "..%2F..%2Fservice",
    "%2Fetc%2Fpasswd",
    "envoleo.yml",
    "..%5cenvoleo",
    "envoleo%00",
    "*",
    "~",
    "ENVOLEO",
    "dehors",
]


@pytest.mark.parametrize("name", SLY)
def test_no_name_leads_to_another_file(site: Site, name: str) -> None:
    outside = site.folder / "secret.yml"
    shutil.copy(AIDS / "envoleo.yml", outside)
    (site.folder / "aides" / "dehors.yml").symlink_to(outside)
    before = snapshot(site.folder)
    for end in ("", "/texte", "/versions", "/versions/1"):
        assert site.get(f"/console/contenus/aides/{name}{end}").status_code == 404, (name, end)
    for end in ("", "/texte", "/verifiee", "/versions/1/retablir"):
        site.post(f"/console/contenus/aides/{name}{end}", data={"texte": "a: b", "version": "0", "entree": "../x", "geste": "enregistrer"})
    assert snapshot(site.folder) == before


def test_a_forged_version_writes_nothing(site: Site) -> None:
    before = snapshot(site.folder)
    form = form_of(site, SHEET)
    assert site.post(SHEET, data=form | {"version": "0" * 64, "amount.ceiling": "1"}).status_code == 409
    assert site.post(f"{SHEET}/texte", data={"texte": "a: b", "version": "0" * 64}).status_code == 422
    assert site.post(SHEET, data=form | {"geste": "retirer:documents:99999999999999999999"}).status_code == 200
    assert site.post(SHEET, data=form | {"slug": "autre"}).status_code == 303
    for sly in ("\0", "'; drop table content_version; --", ""):
        assert site.post(SHEET, data=form | {"version": sly, "amount.ceiling": "1"}).status_code == 409
        assert site.post(f"{SHEET}/versions/1/retablir", data={"version": sly}).status_code == 409
    foreign = site.post(SHEET, data=form | {"amount.ceiling": "1"}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert site.post(f"{SHEET}/texte", data={"texte": "a" * 200_001, "version": form["version"]}).status_code == 422
    assert site.post(f"{SHEET}/texte", data={"texte": "a" * 700_000, "version": form["version"]}).status_code == 413
    assert snapshot(site.folder) == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200), why=st.text(max_size=30), name=st.sampled_from(["texte", "purpose", "amount.summary", "keywords"]))
def test_any_text_is_saved_or_refused_and_no_other_file_changes(site: Site, text: str, why: str, name: str) -> None:
    address = f"{SHEET}/texte" if name == "texte" else SHEET
    before = snapshot(site.folder)
    answer = site.post(address, data=form_of(site, address) | {name: text, "pourquoi": why})
    assert answer.status_code in (303, 422), answer.text
    after = snapshot(site.folder)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed <= {str(site.folder / "aides" / "envoleo.yml")}
    assert Catalogue(site.folder / "aides").problems() == ()
    if answer.status_code == 422:
        assert not changed
