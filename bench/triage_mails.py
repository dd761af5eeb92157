"""Mails as people's programs write them, around the texts of the training data. Pure."""

import random
from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

FORMS = ("plain", "quoted-printable", "base64", "windows-1252", "alternative", "html", "attachment", "answer")
TWICE = 0.02
"""Share of mails that come again, byte for byte."""


def mails(written: Sequence[Mapping[str, str]], count: int, seed: int) -> Iterator[bytes]:
    """`count` mails, each by another author, but those that come twice. `written`: `subject` and `body` of texts, taken in turn."""
    dice = random.Random(seed)  # noqa: S311 - made-up mails
    last = b""
    for number in range(count):
        if not last or dice.random() >= TWICE:
            text = written[number % len(written)]
            last = mail(text["subject"], text["body"], number, FORMS[dice.randrange(len(FORMS))])
        yield last


def mail(subject: str, body: str, number: int, form: str) -> bytes:
    """A mail of one of FORMS."""
    made = EmailMessage(policy=SMTP)
    made["From"] = f"Essai {number} <essai{number}@exemple.fr>"
    made["To"] = "avis@region.exemple.fr"
    made["Subject"] = " ".join(subject.split())
    made["Message-ID"] = f"<essai{number}@exemple.fr>"
    page = f"<html><body>{''.join(f'<p>{escape(line)}</p>' for line in body.splitlines())}</body></html>"
    match form:
        case "quoted-printable" | "base64":
            made.set_content(body, cte=form)
        case "windows-1252":
            # What this charset lacks is left out, as old programs do.
            made.set_content(body.encode("cp1252", "ignore").decode("cp1252"), charset="windows-1252", cte="quoted-printable")
        case "alternative":
            made.set_content(body)
            made.add_alternative(page, subtype="html")
        case "html":
            made.set_content(page, subtype="html")
        case "attachment":
            made.set_content(body)
            made.add_attachment(random.Random(number).randbytes(20_000), maintype="application", subtype="pdf", filename="pièce.pdf")  # noqa: S311
        case "answer":
            made["In-Reply-To"] = f"<autre{number}@exemple.fr>"
            made.set_content(f"{body}\n\nLe lun. 3 nov. 2025 à 10:12, Service <service@exemple.fr> a écrit :\n> Votre demande est reçue.\n")
        case _:
            made.set_content(body)
    if made.is_multipart():
        made.set_boundary(f"=_{number}")  # the library's own is drawn at random
    return made.as_bytes()
