"""Agents see what could not be read, keep a copy of it and ask for another reading."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_web_site import START, Site

from desk.quarantine_words import moment, reason, tries
from people.rights import Role
from triage import store
from triage.memory_mailbox import MemoryMailbox, MemoryServer
from triage.model import Message, Outcome, Reading
from triage.worker import settle_mailbox

RAW = b"From: J <j@exemple.fr>\nSubject: Avis\n\nTexte <b>brut</b>"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, role=Role.REFERENT) as site:
        yield site


def set_aside(site: Site, *mails: bytes) -> None:
    """Mails that the reader cannot read go to quarantine."""

    def fail(_raw: bytes) -> Message:
        raise RecursionError

    def never(_message: Message) -> Reading:
        raise AssertionError

    server = MemoryServer()
    for raw in mails or (RAW,):
        server.deliver(raw)
    with MemoryMailbox(server) as box:
        settle_mailbox(box, site.sessions, never, lambda *_: pytest.fail("routed"), site.clock, open_mail=fail)
    assert server.folders() == {"INBOX": [], "Quarantaine": list(mails or (RAW,))}


def test_only_agents_come_in(site: Site) -> None:
    set_aside(site)
    for path in ("", "/1/message.eml"):
        assert site.get(f"/console/quarantaine{path}").status_code == 303
    assert site.post("/console/quarantaine/1/rejouer").headers["location"].startswith("/connexion")
    with site.sessions() as session:
        assert [row.waiting for row in store.list_quarantine(session)] == [False]


def test_a_mail_is_listed_kept_a_copy_of_and_replayed(site: Site) -> None:
    set_aside(site)
    site.sign_in()
    page = site.get("/console/quarantaine").text
    assert all(
        words in page
        for words in ("avis@memoire, dossier INBOX", "emboîtées", f"{len(RAW)}\u00a0octets", "24\u00a0novembre\u00a02026", "lu 1\u00a0fois")
    )
    assert "Texte" not in page
    got = site.get("/console/quarantaine/1/message.eml")
    assert got.content == RAW
    assert got.headers["content-disposition"].startswith("attachment")
    assert site.post("/console/quarantaine/1/rejouer").headers["location"] == "/console/quarantaine?relu=1"
    page = site.get("/console/quarantaine?relu=1").text
    assert "Lecture relancée" in page
    assert "Rejouer" not in page
    assert site.post("/console/quarantaine/1/rejouer").headers["location"] == "/console/quarantaine"


def test_a_mail_that_was_read_is_not_given_this_way(site: Site) -> None:
    set_aside(site)
    with site.sessions.begin() as session:
        row = store.quarantined(session)[0]
        store.decide(row, Outcome.AUTOMATIC)
    site.sign_in()
    assert site.get("/console/quarantaine/1/message.eml").status_code == 404
    assert site.get("/console/quarantaine/99/message.eml").status_code == 404
    assert "Aucun message" in site.get("/console/quarantaine").text


def test_a_long_list_has_pages(site: Site) -> None:
    set_aside(site, *(RAW + str(number).encode() for number in range(51)))
    site.sign_in()
    assert "page=2" in site.get("/console/quarantaine").text
    last = site.get("/console/quarantaine?page=2").text
    assert last.count("Télécharger") == 1
    assert "page=1" in last


def test_causes_and_counts_in_words() -> None:
    assert reason("TooSlow") == "Sa lecture demande trop de temps."
    assert "ZeroDivisionError" in reason("ZeroDivisionError")
    assert reason("") == "Cause inconnue."
    assert [tries(1, 0), tries(3, 1), tries(0, 2)] == [
        "lu 1\u00a0fois",
        "lu 3\u00a0fois, relancé 1\u00a0fois",
        "lu 0\u00a0fois, relancé 2\u00a0fois",
    ]
    assert moment(START, START) == "24\u00a0novembre\u00a02026 à 9\u00a0h\u00a000"
