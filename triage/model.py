"""A message of a user, what is read in it, and where it goes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


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
    """Listed, never opened. `size` in bytes."""

    name: str
    media_type: str
    size: int


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

    def received_at(self, seen_at: datetime) -> datetime:
        """When the message was sent; the sender's clock is believed unless it says the future or a time before mail."""
        return self.sent_at if self.sent_at and self.sent_at <= seen_at and self.sent_at.year >= 2000 else seen_at


@dataclass(frozen=True)
class Letter:
    """A message typed into a form of ours. `context`: the conversation that it comes from, kept beside its text."""

    name: str
    email: str
    subject: str
    text: str
    context: str = ""
    channel: Channel = Channel.FORM


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
