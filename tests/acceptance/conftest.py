"""One running system and one browser for all the walks."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers.demarche_numerique import TOKEN, Platform, demarche_numerique
from tests.servers.dovecot import MailServer, dovecot
from tests.servers.process import need
from tests.servers.system import System, system

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
CHROMIUM += ["--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def mails() -> Iterator[MailServer]:
    """A Dovecot for the whole session."""
    with dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def region_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator["RegionSite"]:
    """A website of the Region's own, on another origin, whose pages may carry the widget."""
    folder = tmp_path_factory.mktemp("site")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietFiles, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield RegionSite(f"http://127.0.0.1:{server.server_port}", folder)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """A server that answers as Démarche numérique does."""
    with demarche_numerique() as running:
        yield running


@pytest.fixture(scope="session")
def running(mails: MailServer, region_site: "RegionSite", platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The system, started by `ecoute up`, with the sample files, and those of `platform`."""
    elsewhere = {"DN_URL": platform.url, "DN_TOKEN": TOKEN, "DN_DEMARCHES": "12345=contrat-export"}
    with system(tmp_path_factory.mktemp("systeme"), mails, WIDGET_SITES=region_site.origin, **elsewhere) as started:
        started.run("import-dossiers", str(Path(__file__).parents[2] / "ecoute" / "samples" / "dossiers.csv"))
        yield started


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Ends with these tests: its event loop would run on under those of other folders, which have their own."""
    path = need("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a new visitor, 1280 px wide. Any error in the page fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def keep_picture() -> "Picture":
    """Keeps a picture of the page in the folder that ECOUTE_SCREENSHOTS names, when it does."""
    return Picture()


@dataclass(frozen=True)
class RegionSite:
    """Its origin, and the folder of its pages."""

    origin: str
    folder: Path


class QuietFiles(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *_: object) -> None:
        pass


class Picture:
    """Takes pictures for the documentation."""

    def __call__(self, page: Page, name: str) -> None:
        folder = os.environ.get("ECOUTE_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png")
