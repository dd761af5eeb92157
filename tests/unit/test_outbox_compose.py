"""The bytes of a mail, and the address for answers."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outbox.address import AnswerAddress
from outbox.compose import FROM_A_MACHINE, compose, in_answer_to, message_ids
from outbox.errors import CannotCompose
from outbox.model import Attached, Identity, Outgoing
from outbox.sender import LIFE, LONGEST_WAIT, wait_after

SENDER = Identity("Région Exemple", "ne-pas-repondre@region.exemple.fr", "region.exemple.fr")
ID = "<0123456789abcdef@region.exemple.fr>"
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
ANSWERS = AnswerAddress("avis@region.exemple.fr", "secret")
LONG = "<" + "a1" * 90 + "@mail.exemple.fr>"


def read(mail: Outgoing, sender: Identity = SENDER) -> EmailMessage:
    return message_from_bytes(compose(mail, sender, ID, AT), policy=SMTP)  # type: ignore[return-value]


def test_a_mail_is_what_was_asked_for() -> None:
    files = (Attached("pièce à joindre.pdf", "application/pdf", b"%PDF"), Attached("x", "message/rfc822", b"a"))
    headers = (*FROM_A_MACHINE, *in_answer_to(LONG, ["<1@a.fr>"]), ("Reply-To", ANSWERS.of("AV-2026-000123")))
    mail = read(Outgoing("usager@exemple.fr", "Délai : reçu", "Été\n.\n..\nFin", files, headers))
    assert mail["From"].addresses[0].display_name == "Région Exemple"
    assert mail["To"].addresses[0].addr_spec == "usager@exemple.fr"
    assert mail["Subject"] == "Délai : reçu"
    assert (mail["Message-ID"], mail["Auto-Submitted"], mail["In-Reply-To"]) == (ID, "auto-replied", LONG)
    assert message_ids(mail["References"]) == ("<1@a.fr>", LONG)
    assert ANSWERS.read(mail["Reply-To"].addresses[0].addr_spec) == "AV-2026-000123"
    assert mail.get_body().get_content() == "Été\r\n.\r\n..\r\nFin\r\n"  # type: ignore[union-attr]
    assert [(part.get_filename(), part.get_content_type()) for part in mail.iter_attachments()] == [
        ("pièce à joindre.pdf", "application/pdf"),
        ("x", "application/octet-stream"),
    ]


def test_the_same_mail_gives_the_same_bytes_and_no_server_chokes_on_them() -> None:
    mail = Outgoing("u@exemple.fr", "é" * 300, "à" * 5000, (Attached("a", "text/plain", "é\n".encode()),), in_answer_to(LONG))
    raw = compose(mail, SENDER, ID, AT)
    assert raw == compose(mail, SENDER, ID, AT)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@settings(deadline=None)
@given(st.text(), st.text(), st.text(), st.text(), st.lists(st.text(), max_size=2))
def test_nothing_that_is_given_adds_a_header_or_a_person(name: str, subject: str, text: str, reply: str, file_names: list[str]) -> None:
    files = tuple(Attached(each, each, b"x") for each in file_names)
    headers = (("In-Reply-To", reply), ("References", reply), ("Auto-Submitted", "auto-replied"))
    sender = Identity(name + "\r\nBcc: a@b.fr", SENDER.address, SENDER.domain)
    mail = read(Outgoing("u@exemple.fr", f"{subject}\r\nBcc: x@exemple.fr\n\ncorps", text, files, headers), sender)
    assert {each.lower() for each in mail} <= {
        *("from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted"),
        *("mime-version", "content-type", "content-transfer-encoding"),
    }
    assert [each.addr_spec for each in mail["To"].addresses] == ["u@exemple.fr"]
    assert [each.addr_spec for each in mail["From"].addresses] == [SENDER.address]
    assert len(list(mail.iter_attachments())) == len(files)


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@b.fr", "a@b.fr, c@d.fr", "a@b.fr\nBcc: c@d.fr", "A <a@b.fr>", "a b@c.fr", "a@b..fr", "é@b.fr", "a@[1.2.3.4]"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(CannotCompose):
        compose(Outgoing(address, "s", "t"), SENDER, ID, AT)


def test_other_headers_are_refused() -> None:
    with pytest.raises(CannotCompose, match="Bcc"):
        compose(Outgoing("a@b.fr", "s", "t", headers=(("Bcc", "c@d.fr"),)), SENDER, ID, AT)


def test_a_domain_with_accents_is_written_for_servers() -> None:
    assert b"To: a@xn--rgion-bsa.fr" in compose(Outgoing("a@région.fr", "s", "t"), SENDER, ID, AT)


@settings(deadline=None)
@given(st.integers(0, 9999), st.integers(0, 10**9), st.booleans())
def test_an_address_for_answers_is_read_back_whatever_its_case(year: int, number: int, upper: bool) -> None:
    reference = f"AV-{year:04d}-{number:06d}"
    address = ANSWERS.of(reference)
    assert len(address.partition("@")[0]) <= 64
    assert ANSWERS.read(address.upper() if upper else address.lower()) == reference
    assert ANSWERS.is_ours(address)
    assert AnswerAddress("avis@region.exemple.fr", "autre secret").read(address) is None


@settings(deadline=None)
@given(st.text() | st.from_regex(r"avis\+AV-2026-000123-[a-z2-7]{16}@region\.exemple\.fr", fullmatch=True))
def test_an_address_made_up_tells_nothing(address: str) -> None:
    if address.lower() != ANSWERS.of("AV-2026-000123").lower():
        assert ANSWERS.read(address) is None


def test_one_seal_opens_one_reference() -> None:
    address = ANSWERS.of("AV-2026-000123")
    assert ANSWERS.read(address.replace("000123", "000124")) is None
    assert AnswerAddress("avis@region.exemple.fr", "secret", sealed=False).of("AV-2026-000123") == "avis@region.exemple.fr"


def test_tries_grow_apart_up_to_a_limit() -> None:
    waits = [wait_after(tries) for tries in range(1, 60)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT < LIFE
