"""Mails are read, however they are written."""

import base64
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from triage.automatic import why_automatic
from triage.errors import UnreadableMail
from triage.headers import TOLERANT
from triage.model import Message
from triage.parse import parse

SAMPLES = sorted((Path(__file__).parents[2] / "ecoute" / "samples" / "mails").glob("*.eml"))
HEAD = b"From: Jeanne <j@exemple.fr>\nSubject: x\n"


def sample(number: str) -> Message:
    return parse(next(path for path in SAMPLES if path.name.startswith(number)).read_bytes())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_read(path: Path) -> None:
    message = parse(path.read_bytes())
    assert message.text
    assert "\ufffd" not in message.text + message.subject + message.sender_name
    assert "@" in message.sender_email
    assert message.sent_at is not None
    assert not any(line.startswith(">") for line in message.text.split("\n"))


def test_the_machines_among_the_samples() -> None:
    assert {path.name[:2]: why for path in SAMPLES if (why := parse(path.read_bytes()).automatic)} == {
        "05": "list",
        "08": "auto-submitted",
        "25": "bounce",
    }


def test_replies_are_cut_and_folded_lines_joined() -> None:
    assert sample("16").text.endswith("Camille Orsoni")
    assert "C'est honteux" in sample("16").quoted
    assert sample("26").text.startswith("Je vous avais écrit")
    assert "une décision au plus tard le 30 octobre. Nous sommes" in sample("01").text


def test_attachments_are_listed() -> None:
    (one,) = sample("06").attachments
    assert (one.name, one.media_type) == ("capture écran formulaire.png", "image/png")
    assert one.size > 100


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        ("utf-8", "déjà reçu".encode("latin-1")),
        ("us-ascii", "déjà reçu".encode()),
        ("iso-8859-1", "déjà reçu".encode()),
        ("x-unknown", "déjà reçu".encode("cp1252")),
        ("base64", "déjà reçu".encode()),
        ("utf-16", "déjà reçu".encode("utf-16")),
        ("iso-8859-15", "déjà reçu".encode("iso-8859-15")),
    ],
)
def test_character_sets_declared_wrong(charset: str, raw: bytes) -> None:
    if charset == "utf-16":
        raw = b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(raw)
    else:
        raw = b"Content-Transfer-Encoding: 8bit\n\n" + raw
    assert parse(HEAD + f"Content-Type: text/plain; charset={charset}\n".encode() + raw).text == "déjà reçu"


def test_raw_headers_in_any_character_set() -> None:
    for encoding in ("utf-8", "cp1252"):
        assert parse("Subject: Délai dépassé\n\ntexte".encode(encoding)).subject == "Délai dépassé"


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Type: text/html\n\n<p>Mon avis</p>",
        b"Content-Type: multipart/mixed; boundary=absent\n\nMon avis",
        b"Content-Type: multipart/mixed\n\nMon avis",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment; filename=a.txt\n\nMon avis\n--b--",
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \xc2\xa0\n--b\nContent-Type: text/html\n\n<b>Mon avis</b>\n--b--",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: y\n\nMon avis\n--b--",
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nTW9uIGF2aXM",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: inconnu\n\nMon avis",
        b"Content-Type: text/enriched\n\nMon avis",
        b"Content-Type: text/html\n\n" + b"<div>" * 5000 + b"Mon avis",
    ],
)
def test_the_text_is_found_where_it_is(body: bytes) -> None:
    assert "Mon avis" in parse(HEAD + body).text


@pytest.mark.parametrize(
    "head",
    [
        b"From: =?utf-8?q?=?= <\nTo: @@,;\nDate: 99 Foo 99999 99:99\nMessage-ID: <<<>\n",
        b"Content-Type: ;;;=\"\nContent-Disposition: *0*=''\n",
        b"Content-Type: text/plain; charset*0*=%\n",
        b"From: " + b"(" * 5000 + b"\n",
        b"Subject: " + b"=?utf-8?q?=C3?= " * 20_000 + b"\n",
        b"Content-Type: text/plain; " + b'a="\\";' * 20_000 + b"\n",
        b"Date: Mon, 01 Jan 0001 00:00:00 +2359\n",
        b"From: \x00\xff\xfe\n",
    ],
)
def test_broken_headers_do_not_hide_the_text(head: bytes) -> None:
    assert parse(head + b"\nMon avis").text == "Mon avis"


def test_a_long_text_is_cut_at_the_limit() -> None:
    assert len(parse(HEAD + b"\n" + b"mot " * 1000, limit=100).text) <= 100


LINES = st.sampled_from(
    b"""Content-Type: multipart/mixed; boundary=b
--b
--b--

Content-Type: text/html
Content-Type: message/rfc822
Content-Type: message/delivery-status
Content-Type: message/partial
Content-Transfer-Encoding: base64
Content-Transfer-Encoding: quoted-printable
Content-Disposition: attachment; filename*0*=x''%
From: a@b.fr
Date: 1
Subject: =?
begin 644 x
<p>
=\xff
 pli""".split(b"\n")
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=500), st.lists(LINES, max_size=30).map(b"\n".join)))
@example(b"")
@example(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 3000)
@example(b"Content-Type: message/rfc822\n\n" * 3000)
def test_any_bytes_give_a_message_or_unreadable_mail(raw: bytes) -> None:
    try:
        message = parse(raw)
    except UnreadableMail:
        return
    (message.text + message.subject + message.sender_name + message.quoted).encode()
    assert "\x00" not in message.text + message.subject


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("Auto-Submitted: no", None),
        ("Auto-Submitted: auto-generated (vacation)", "auto-submitted"),
        ("X-Autoreply: yes", "auto-submitted"),
        ("From: MAILER-DAEMON@exemple.fr", "bounce"),
        ("From: postmaster@exemple.fr", "bounce"),
        ("Return-Path: <>\nSubject: Échec de remise", "bounce"),
        ("Return-Path: <>\nSubject: Mon avis", "no-return-path"),
        ("List-Id: <x.exemple.fr>", "list"),
        ("Precedence: bulk", "bulk"),
        ("Subject: Réponse automatique : congés", "out-of-office"),
        ("Subject: Absence du bureau", "out-of-office"),
        ("Subject: Absent du bureau jusqu'au 3", "out-of-office"),
        ("Subject: Automatic reply: hello", "out-of-office"),
        ("Subject: Encore une réponse automatique de vos services", None),
        ("Subject: Absence de réponse", None),
    ],
)
def test_signs_of_machines(head: str, why: str | None) -> None:
    assert why_automatic(message_from_bytes(f"{head}\n\nx".encode(), policy=TOLERANT)) == why


def test_html_made_to_fill_the_memory_is_read_without_being_laid_out() -> None:
    bomb = b"<table><tr><td>" + b"a" * 100_000 + b"</td></tr>" + b"<tr><td>x" * 25_000
    text = parse(b"Content-Type: text/html\n\n" + bomb).text
    assert text.startswith("aaa")
    assert len(text) < 400_000
