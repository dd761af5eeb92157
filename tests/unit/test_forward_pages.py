"""A message passed on to another administration: what is asked, what goes, what is undone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from test_web_site import Site

from answers.book import CONTENT, AnswerBook
from answers.mails import WHEN_PASSED_ON, MailTexts
from desk.answer_tables import SentAnswerRow
from desk.forwarding import Asked
from outbox.address import AnswerAddress
from outbox.tables import OutboxRow
from triage.correspondence import Correspondence
from triage.store import get_item, keep_raw, pack
from triage.tables import FeedbackItemRow

LETTERS = Correspondence(AnswerAddress("avis@region.fr", "secret"), "region.fr", lambda *_: None, lambda _rule, day: day)
TO = {"nom": "la Mairie", "adresse": "contact@mairie.fr", "motif": "La mairie tient l'état civil."}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, letters=LETTERS) as site:
        site.sign_in()
        yield site


def mails(site: Site) -> list[OutboxRow]:
    with site.sessions() as session:
        found = list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))
        for row in found:
            assert row.attachments is not None  # read while the session is open
        return found


def item(site: Site, reference: str) -> FeedbackItemRow:
    with site.sessions() as session:
        found = get_item(session, reference)
        assert found
        return found


def test_the_mails_are_shown_then_both_go_and_can_be_undone_together(site: Site) -> None:
    reference = site.add_opinion()
    place = f"/console/messages/{reference}/transmettre"
    shown = site.post(place, data=TO)
    assert shown.status_code == 200
    assert mails(site) == []
    for words in (
        "contact@mairie.fr",
        "La mairie tient l&#39;état civil.",
        "J&#39;ai vérifié",
        f"Votre message est transmis ({reference})",
    ):
        assert words in shown.text.replace("J'ai", "J&#39;ai")
    token = re.search(r'name="jeton" value="(\w+)"', shown.text)
    assert token
    sending = TO | {"faire": "envoyer", "jeton": token[1], "texte": "Bonjour Luc, voyez la mairie."}
    refused = site.post(place, data=sending)
    assert (refused.status_code, "cochez la case" in refused.text, "voyez la mairie.</textarea>" in refused.text) == (422, True, True)
    for _ in range(2):
        assert site.post(place, data=sending | {"verifiee": "1"}).status_code == 303
    there, back = mails(site)
    assert (there.recipient, dict(map(tuple, there.headers))) == ("contact@mairie.fr", {"Reply-To": "luc@exemple.fr"})
    assert "L. 114-2" in there.text
    assert "Le délai annoncé est dépassé." in there.text, "without a mail of origin its words are quoted"
    assert (back.recipient, back.text.startswith("Bonjour Luc, voyez la mairie.\n\nLe service")) == ("luc@exemple.fr", True)
    assert (item(site, reference).status, item(site, reference).outcome) == ("closed", "transmis")
    page = site.get(f"/console/messages/{reference}").text
    undo = re.findall(rf"/console/messages/{reference}/reponse/\d+/annuler", page)
    assert len(undo) == 1
    assert "à une autre administration" in page
    site.post(undo[0])
    assert [mail.state for mail in mails(site)] == ["cancelled", "cancelled"]
    assert (item(site, reference).status, item(site, reference).outcome) == ("open", None)


def test_half_of_it_is_not_undone(site: Site) -> None:
    reference = site.add_opinion()
    site.post(f"/console/messages/{reference}/transmettre", data=TO | {"faire": "envoyer", "texte": "Bonjour", "verifiee": "1"})
    with site.sessions.begin() as session:
        last = session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc())).first()
        number = session.scalars(select(SentAnswerRow.exchange_id).where(SentAnswerRow.means == "transmission")).one()
        assert last
        last.lease = "x"
    back = site.post(f"/console/messages/{reference}/reponse/{number}/annuler")
    assert "déjà parti" in site.get(back.headers["location"]).text
    assert [mail.state for mail in mails(site)] == ["due", "due"]


def test_the_mail_of_origin_goes_with_it(site: Site) -> None:
    raw = b"From: luc@exemple.fr\r\nSubject: x\r\n\r\nBonjour\r\n"
    reference = site.add_opinion()
    with site.sessions.begin() as session:
        found = get_item(session, reference)
        assert found
        found.sha256, found.sender_email = keep_raw(session, pack(raw)), ""
    shown = site.post(f"/console/messages/{reference}/transmettre", data=TO)
    assert "Prévenez-la autrement" in shown.text
    site.post(f"/console/messages/{reference}/transmettre", data=TO | {"faire": "envoyer", "verifiee": "1"})
    (mail,) = mails(site)
    assert [(file.name, file.media_type, file.content) for file in mail.attachments] == [(f"{reference}.eml", "message/rfc822", raw)]
    assert mail.headers == []
    assert "délai annoncé" not in mail.text


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"nom": ""}, "Choisissez une administration"),
        ({"adresse": "mairie"}, "ne peut pas recevoir"),
        ({"adresse": "contact@mairie.fr\nBcc: x@y.fr"}, "ne peut pas recevoir"),
        ({"adresse": "Luc@exemple.fr"}, "celle de la personne"),
        ({"adresse": "AVIS+x@region.fr"}, "la nôtre"),
        ({"adresse": "", "organisme": "caf"}, "n&#39;a pas l&#39;adresse"),
        ({"motif": " "}, "Dites pourquoi"),
        ({"motif": "x" * 1001}, "1001\u00a0signes"),
    ],
)
def test_what_is_missing_is_told_and_what_was_typed_stays(site: Site, changed: dict[str, str], told: str) -> None:
    reference = site.add_opinion()
    for faire in ("", "envoyer"):
        answer = site.post(f"/console/messages/{reference}/transmettre", data=TO | {"faire": faire, "texte": "x"} | changed)
        assert answer.status_code == 422
        assert told in answer.text
        assert "aria-invalid" in answer.text
    assert mails(site) == []


def test_the_directory_proposes_who_is_meant_and_its_address_needs_no_check() -> None:
    book = AnswerBook()
    bodies = book.bodies()
    assert all("@" in body.email or not body.email for body in bodies.values())
    asked = Asked("caf", "", "", "RSA").chosen(bodies)
    assert asked.name.startswith("la Caisse")
    assert asked.checked_by_hand(bodies)
    known = {"caf": type(bodies["caf"])(**vars(bodies["caf"]) | {"email": "caf@exemple.fr"})}
    assert not Asked("caf").chosen(known).checked_by_hand(known)
    assert Asked("caf", address="autre@exemple.fr").chosen(known).checked_by_hand(known)
    assert MailTexts(CONTENT / "forwarding", book.service, WHEN_PASSED_ON).problems() == ()
