"""Machines are known by their signs (RFC 3834), people are not taken for them."""

from email import message_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.automatic import AWAY, SURE, why_automatic
from triage.errors import UnreadableMail
from triage.headers import TOLERANT
from triage.parse import parse


def why(*headers: str, sender: str = "j@exemple.fr") -> str | None:
    head = "\n".join((f"From: {sender}", *headers))
    return why_automatic(message_from_bytes(f"{head}\n\ntexte".encode(), policy=TOLERANT))


@pytest.mark.parametrize(
    ("header", "sign"),
    [
        ("Auto-Submitted: auto-replied", "auto-submitted"),
        ("Auto-Submitted: Auto-Generated; owner-email=a@b.fr", "auto-submitted"),
        ("Auto-Submitted: auto-notified (rule 3)", "auto-submitted"),
        ("Auto-Submitted: something-new", "auto-submitted"),
        ("Auto-Submitted: no", None),
        ("Auto-Submitted: No (said by a program)", None),
        ("Auto-Submitted: no; x=1", None),
        ("X-Autoreply: yes", "auto-submitted"),
        ("Precedence: bulk", "bulk"),
        ("Precedence: junk", "bulk"),
        ("Precedence: first-class", None),
        ("List-Id: <a.b.fr>", "list"),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=b", "bounce"),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=b", "bounce"),
        ("Return-Path: <>", "no-return-path"),
        ("Return-Path: <>\nSubject: Undeliverable: votre avis", "bounce"),
        ("Return-Path: <j@exemple.fr>", None),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", "no-answer-wanted"),
        ("X-Auto-Response-Suppress: DR", None),
    ],
)
def test_signs(header: str, sign: str | None) -> None:
    assert why(header) == sign


@pytest.mark.parametrize("user", "MAILER-DAEMON postmaster bounces bounces+1-a=b.fr owner-liste liste-request liste-bounces".split())
def test_robots_by_address(user: str) -> None:
    assert why(sender=f"Robot <{user}@exemple.fr>") == "bounce"


@pytest.mark.parametrize(
    "subject",
    [
        *(
            "Réponse automatique : Votre message",
            "Automatic reply: Your message",
            "[Réponse automatique] Congés",
            "RE : Réponse automatique : x",
        ),
        *("Out of Office: Jane", "Out-of-office reply", "I am out of the office until Monday", "OOO: back on Monday", "Auto-reply: Re: x"),
        *(
            "Absence du bureau : x",
            "Absent du bureau",
            "Absente jusqu'au 12 décembre",
            "Je suis absent du 3 au 8",
            "Absence : retour lundi",
        ),
        *("Message d'absence", "En congés jusqu'au 4", "En congé : retour le 4", "Vacation response: x"),
    ],
)
def test_out_of_office_in_french_and_english(subject: str) -> None:
    assert why(f"Subject: {subject}") == AWAY


@pytest.mark.parametrize(
    "subject",
    [
        *(
            "Absence de réponse à mon dossier",
            "Absence totale de nouvelles",
            "Votre réponse automatique ne m'aide pas",
            "Congés d'été du guichet",
        ),
        *("Office notarial", "Out of patience", "Auto-entrepreneur : quelle aide", "Vos agents sont absents du bureau", "Re: votre accusé"),
    ],
)
def test_people_who_speak_of_absences(subject: str) -> None:
    assert why(f"Subject: {subject}") is None


NAMES = ["Auto-Submitted", "Precedence", "Return-Path", "List-Id", "From", "Subject", "References", "In-Reply-To", "To", "Delivered-To"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([*NAMES, "X-Auto-Response-Suppress", "Content-Type"]), st.binary(max_size=200)), max_size=8))
def test_whatever_the_headers_only_our_own_error_comes_out(headers: list[tuple[str, bytes]]) -> None:
    raw = b"".join(name.encode() + b": " + value + b"\n" for name, value in headers) + b"\ntexte"
    try:
        message = parse(raw)
    except UnreadableMail:
        return
    assert message.automatic is None or isinstance(message.automatic, str)
    assert all("@" in each for each in message.recipients)
    assert all(each.startswith("<") and each.endswith(">") for each in message.answers_to)


@settings(deadline=None)
@given(
    st.sampled_from(["auto-replied", "auto-generated", "x-new"]),
    st.text(st.characters(codec="ascii", exclude_characters="\r\n"), max_size=30),
)
def test_a_declared_machine_stays_one_whatever_follows(keyword: str, rest: str) -> None:
    assert why(f"Auto-Submitted: {keyword}; {rest}") in SURE


def test_what_a_mail_answers_and_where_it_was_sent() -> None:
    message = parse(
        b"From: j@exemple.fr\nTo: Avis <avis+AV-2026-000123-x@region.fr>, autre@region.fr\nDelivered-To: avis@region.fr\n"
        b"In-Reply-To: <3@a.fr>\nReferences: <1@a.fr> <2@a.fr>\n <3@a.fr>\n\nMerci"
    )
    assert message.answers_to == ("<3@a.fr>", "<2@a.fr>", "<1@a.fr>")
    assert message.recipients == ("avis@region.fr", "avis+AV-2026-000123-x@region.fr", "autre@region.fr")
