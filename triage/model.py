"""A message of a user, what is read in it, and where it goes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Commitment(StrEnum):
    """The eight Services Publics+ commitments."""

    ACCUEIL = "accueil"
    CONTACT = "contact"
    ACCOMPAGNEMENT = "accompagnement"
    DELAIS = "delais"
    INFORMATION = "information"
    RESULTATS = "resultats"
    AMELIORATION = "amelioration"
    ENVIRONNEMENT = "environnement"


class Sentiment(StrEnum):
    """The author's feeling about the service received."""

    NEGATIF = "negatif"
    NEUTRE = "neutre"
    POSITIF = "positif"


class Kind(StrEnum):
    """What the message is, for a feedback mailbox."""

    AVIS = "avis"
    DEMANDE = "demande"
    HORS_PERIMETRE = "hors_perimetre"
    AUTOMATIQUE = "automatique"


MOST_COMMITMENTS = 3
"""Commitments of one message."""


class Autonomy(StrEnum):
    """How far the machine is trusted with a message."""

    SUGGEST = "suggest"
    PRESELECT = "preselect"
    AUTOMATE = "automate"


class Channel(StrEnum):
    """The way a message came."""

    MAIL = "mail"
    FORM = "formulaire"
    CHAT = "chat"
    PHONE = "telephone"
    COUNTER = "guichet"
    POST = "courrier"
    SURVEY = "enquete"
    SOCIAL = "reseau_social"
    IMPORT = "import"
    SP_PLUS = "sp_plus"


class Outcome(StrEnum):
    """What became of a mail seen on the server. PENDING: seen, its bytes kept, not settled yet."""

    PENDING = "pending"
    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    AUTOMATIC = "automatic"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True)
class Attachment:
    """Listed, never opened. `size` in bytes; `sha256`: under which its bytes are kept, None when they are in the mail itself."""

    name: str
    media_type: str
    size: int
    sha256: str | None = None


@dataclass(frozen=True)
class File:
    """A file that came with a letter. `media_type` is told by its name alone."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Origin:
    """How a message came, beside its words. `source_id`: what it is called where it comes from; the same one never enters twice.

    `service`: the one it is about. `entered_by`, `entered_at`: the agent who typed it in, and when.
    `declared`: what its author said of it in boxes to tick (feeling, criteria), beside what the machine reads.
    """

    phone: str = ""
    postal_address: str = ""
    service: str = ""
    entered_by: str = ""
    entered_at: datetime | None = None
    source_id: str | None = None
    declared: dict[str, Any] | None = None


@dataclass(frozen=True)
class Returned:
    """A mail that could not be delivered: its Message-ID, and the reason that the report gives."""

    message_id: str
    reason: str


@dataclass(frozen=True)
class Message:
    """A mail, read. `text`: the new text; `quoted`: what was cut from it (replies, forwards, signature)."""

    message_id: str | None
    subject: str
    sender_name: str
    sender_email: str
    sent_at: datetime | None
    text: str
    quoted: str
    attachments: tuple[Attachment, ...]
    automatic: str | None
    """Why the mail was sent by a machine ("auto-submitted", "bounce", "list"…), None when a person wrote it."""
    answers_to: tuple[str, ...] = ()
    """Message-IDs that the mail answers (In-Reply-To, References), the nearest first."""
    recipients: tuple[str, ...] = ()
    """Addresses that the mail was sent to, as its headers tell."""
    folder: str = ""
    """IMAP folder that it came into."""
    returned: Returned | None = None
    """The mail that this one says could not be delivered."""

    def received_at(self, seen_at: datetime) -> datetime:
        """When the message was sent; the sender's clock is believed unless it says the future or a time before mail."""
        return self.sent_at if self.sent_at and self.sent_at <= seen_at and self.sent_at.year >= 2000 else seen_at


@dataclass(frozen=True)
class Letter:
    """A message typed into a form of ours. `context`: the conversation that it comes from, kept beside its text.

    `received_at`: when the Region had it, None for now. `answered_elsewhere`: it gets no acknowledgement from here.
    `doubt`: why it may come from a robot, in words; a person then looks at it first, and its address is not written to.
    `beside(session, item)`: what is written with it, in the transaction that keeps it.
    """

    name: str
    email: str
    subject: str
    text: str
    context: str = ""
    channel: Channel = Channel.FORM
    files: tuple[File, ...] = ()
    received_at: datetime | None = None
    origin: Origin | None = None
    answered_elsewhere: bool = False
    doubt: str = ""
    beside: Callable[..., None] | None = None


@dataclass(frozen=True)
class Kept:
    """How a letter is known from now on. `due_on`: the day by which it is answered, None when no answer is due."""

    reference: str
    due_on: date | None = None


@dataclass(frozen=True)
class Label:
    """A commitment found, its calibrated confidence (0–1), the sentences of the text that carry it (exact), the feeling that they tell
    (None: not read), and how far the machine is trusted with it."""

    slug: Commitment
    confidence: float
    evidence: tuple[str, ...]
    sentiment: Sentiment | None = None
    autonomy: Autonomy = Autonomy.SUGGEST


@dataclass(frozen=True)
class Reading:
    """What the models read in a message. Confidences 0–1; evidence: exact sentences of its text; `autonomy`: that of its least sure label."""

    kind: Kind
    kind_confidence: float
    commitments: tuple[Label, ...]
    sentiment: Sentiment
    sentiment_confidence: float
    urgent: bool
    urgent_confidence: float
    model: str
    language: str = "fr"
    """ISO 639-1 code; "fr" for a text too short or too mixed to tell."""
    sentiment_evidence: tuple[str, ...] = ()
    urgent_evidence: tuple[str, ...] = ()
    autonomy: Autonomy = Autonomy.SUGGEST


@dataclass(frozen=True)
class Route:
    """Where a message goes. `answer_days`: working days to answer, None when no answer is due; `rule`: the row that decided."""

    queue: str
    folder: str
    priority: int
    answer_days: int | None
    autonomy: Autonomy
    rule: str
    acknowledgement: str | None = None
    """Name of the text that acknowledges the message, None when nothing is sent."""
