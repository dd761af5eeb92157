"""A message that an agent types in: what came by phone, at the counter, by post… Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time

from conversations.forms import EMAIL, MOST_LINE
from triage.decode import clean
from triage.model import Channel, Letter, Origin

CHANNELS = (Channel.PHONE, Channel.COUNTER, Channel.POST, Channel.SURVEY, Channel.SOCIAL)
MOST_TEXT = 20_000
MOST_ADDRESS = 500
MOST_PHONE = 40
EARLIEST = date(2000, 1, 1)

_PHONE = re.compile(r"[+(]?\d[\d .()\u00a0\u202f/-]{4,}")
_KEY = re.compile(r"[\w-]{8,64}")


@dataclass(frozen=True)
class Entry:
    """The form as it was filled. `key` names the page: sent twice, it is one message."""

    key: str = ""
    channel: str = ""
    received_on: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    service: str = ""
    subject: str = ""
    text: str = ""

    def day(self) -> date | None:
        """The day on which the message was received, None when it cannot be read."""
        for form in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return datetime.strptime(self.received_on, form).date()  # noqa: DTZ007 - a date has no zone
            except ValueError:
                continue
        return None

    def errors(self, today: date) -> dict[str, str]:
        """What has to be mended, by field of the form."""
        found: dict[str, str] = {}
        if self.channel not in CHANNELS:
            found["canal"] = "Dites par où le message est arrivé."
        day = self.day()
        if day is None:
            found["recu_le"] = "Indiquez le jour de réception, comme 24/11/2026."
        elif day > today:
            found["recu_le"] = "Le jour de réception ne peut pas être dans l'avenir."
        elif day < EARLIEST:
            found["recu_le"] = "Vérifiez l'année de réception."
        if not self.text:
            found["texte"] = "Écrivez les mots de la personne\u00a0: ce champ est vide."
        elif len(self.text) > MOST_TEXT:
            found["texte"] = "Raccourcissez le message à 20\u00a0000\u00a0caractères au plus."
        if self.email and not EMAIL.fullmatch(self.email):
            found["courriel"] = "Vérifiez l'adresse e-mail. Elle doit ressembler à nom@exemple.fr."
        if self.phone and not (_PHONE.fullmatch(self.phone) and len(self.phone) <= MOST_PHONE):
            found["telephone"] = "Vérifiez le numéro de téléphone. Il doit ressembler à 02 43 00 00 00."
        if len(self.address) > MOST_ADDRESS:
            found["adresse"] = "Raccourcissez l'adresse postale à 500\u00a0caractères au plus."
        return found

    def letter(self, agent: str, now: datetime) -> Letter:
        """What is kept of it, once it has no error. `now`, in the zone of the agents: a message of another day is dated at its noon."""
        day = self.day() or now.date()
        received = now if day == now.date() else datetime.combine(day, time(12), now.tzinfo)
        key = f"saisie:{self.key}" if _KEY.fullmatch(self.key) else None
        origin = Origin(self.phone, self.address, self.service, agent, now, key)
        return Letter(self.name, self.email, self.subject, self.text, "", Channel(self.channel), (), received, origin)


FIELDS = {
    "key": "saisie",
    "channel": "canal",
    "received_on": "recu_le",
    "name": "nom",
    "email": "courriel",
    "phone": "telephone",
    "address": "adresse",
    "service": "service",
    "subject": "objet",
    "text": "texte",
}
"""Fields of an entry and their names in the page."""


def read_entry(values: Mapping[str, str]) -> Entry:
    """The form as it was sent, each field on one line but the address and the text."""
    several = {"address", "text"}
    given = {name: clean(values.get(french, "")) for name, french in FIELDS.items()}
    lines = {name: value.strip() if name in several else " ".join(value.split())[:MOST_LINE] for name, value in given.items()}
    return replace(Entry(), **{field.name: lines[field.name] for field in fields(Entry)})
