"""One running system and one browser for all the walks."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

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
def running(mails: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The system, started by `ecoute up`, with the sample files."""
    with system(tmp_path_factory.mktemp("systeme"), mails) as started:
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


class Picture:
    """Takes pictures for the documentation."""

    def __call__(self, page: Page, name: str) -> None:
        folder = os.environ.get("ECOUTE_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png")
