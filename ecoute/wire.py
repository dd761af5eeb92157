"""Builds the parts from the settings. Nothing else in the project does."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial

import holidays
import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from aids.catalogue import Catalogue
from answers.book import AnswerBook
from answers.mails import WHEN_PASSED_ON, MailTexts
from answers.templates import Templates
from dossiers.demarche_numerique import DemarcheNumerique
from dossiers.demarche_numerique_query import Followed
from dossiers.own_table import OwnTable
from dossiers.provider import ByNumber, DossierProvider
from ecoute.learning import Learning
from ecoute.purge import forget_at_rasa
from ecoute.settings import Settings
from ecoute.training import TRIAGE_SOURCES, sources_hash, start_training
from language.embed import E5Embedder, HashEmbedder, UseEmbedder, Vectors
from outbox.address import AnswerAddress
from outbox.model import Identity
from outbox.smtp import Post, send_mail
from store.content import LiveFolder
from store.engine import open_engine, session_factory
from triage.addresses import Address
from triage.autonomy import weakest
from triage.classify import Classifier
from triage.correspondence import Correspondence
from triage.errors import RoutingError
from triage.imap import Mailbox
from triage.live_model import LiveModel
from triage.model import Channel, Commitment, Kind, Message, Reading, Route
from triage.oauth import Tokens
from triage.route import Table, due_on, route
from triage.tongue import language_of
from triage.versions import Versions
from triage.views import MessageFeatures
from web.accounts.model import Rules
from web.accounts.oidc import OidcSettings

FRENCH_HOLIDAYS = holidays.country_holidays("FR")


def now() -> datetime:
    """The present moment; the one clock of the processes."""
    return datetime.now(UTC)


class Parts:
    """The parts of the system, each built when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        return session_factory(open_engine(self.settings.database()))

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.settings.aids)

    @cached_property
    def answers(self) -> AnswerBook:
        return AnswerBook(self.settings.answers, self.settings.retention_days, bool(self.settings.dn_token))

    @cached_property
    def features(self) -> MessageFeatures:
        if self.settings.triage_encoders == "fast":
            return MessageFeatures(HashEmbedder(), HashEmbedder())
        return MessageFeatures(E5Embedder(), UseEmbedder())

    @cached_property
    def versions(self) -> Versions:
        return Versions(self.settings.models)

    @cached_property
    def _model(self) -> LiveModel:
        return LiveModel(self.versions.in_force, self.features, self.settings.automated_wrong)

    @property
    def classifier(self) -> Classifier:
        """The reader in force now. Raises ModelMissing."""
        return self._model.current()

    @cached_property
    def learning(self) -> Learning:
        sources = partial(sources_hash, TRIAGE_SOURCES)
        return Learning(self.sessions, self.versions, lambda: self.features, sources, now, start=partial(start_training, self.settings))

    @cached_property
    def dossiers(self) -> DossierProvider:
        """Where files are read. Raises ValueError, in words, for a setting of Démarche numérique that cannot be."""
        return ByNumber(OwnTable(self.sessions), self.demarche_numerique)

    @cached_property
    def demarche_numerique(self) -> DemarcheNumerique | None:
        """None when no token is set. Raises ValueError, in words."""
        if not self.settings.dn_token:
            return None
        followed = Followed(self.settings.dn_aids(), self.settings.dn_receipts())
        return DemarcheNumerique(self.settings.dn_url, self.settings.dn_token, followed, now)

    @cached_property
    def mail_texts(self) -> MailTexts:
        return MailTexts(self.settings.answers / "acknowledgements", self.answers.service)

    @cached_property
    def templates(self) -> Templates:
        """What agents start their answers from."""
        return Templates(self.settings.answers / "templates", self.answers.service, Kind, Commitment)

    @cached_property
    def forwarding(self) -> MailTexts:
        """Mails by which messages are passed on."""
        return MailTexts(self.settings.answers / "forwarding", self.answers.service, WHEN_PASSED_ON)

    @cached_property
    def identity(self) -> Identity:
        return Identity(self.settings.region_name, self.settings.mail_from, self.settings.message_domain(), self.settings.replies_to())

    @cached_property
    def answer_address(self) -> AnswerAddress:
        return AnswerAddress(self.settings.replies_to(), self.settings.secret_in_force(), self.settings.mail_plus)

    @cached_property
    def letters(self) -> Correspondence:
        """What is exchanged with the authors of items."""

        def write(name: str, told: dict[str, str]) -> tuple[str, str] | None:
            try:
                return self.mail_texts.get(name, **told)
            except KeyError:  # no valid service file: said by `ecoute doctor`
                return None

        def due_again(rule: str, day: date) -> date | None:
            return due_on(day, self.table().days_of(rule), FRENCH_HOLIDAYS.__contains__)

        return Correspondence(self.answer_address, self.identity.domain, write, due_again, bool(self.settings.smtp_url))

    def open_post(self) -> Post:
        """A session at the server that sends, to be opened by `with`."""
        return Post(self.settings.smtp_url)

    @cached_property
    def mail(self) -> Callable[[str, str, str], None]:
        return partial(send_mail, self.settings.smtp_url, self.settings.mail_from)

    def account_rules(self) -> Rules:
        """What is asked of accounts. Raises ValueError, in words, for a role that is none."""
        s = self.settings
        life, idle = timedelta(hours=s.session_hours), timedelta(minutes=s.session_idle_minutes)
        return Rules(s.secret_in_force(), s.secure_cookies, life, idle, s.second_factors(), f"Écoute+ {s.region_name}", s.public_url)

    def oidc(self) -> OidcSettings | None:
        """The identity provider; None when none is set. Raises ValueError, in words, when its settings are not whole."""
        s = self.settings
        if not s.oidc_issuer:
            return None
        if not (s.public_url and s.oidc_client_id and s.oidc_client_secret):
            raise ValueError("ECOUTE_OIDC_ISSUER demande aussi ECOUTE_PUBLIC_URL, ECOUTE_OIDC_CLIENT_ID et ECOUTE_OIDC_CLIENT_SECRET")
        sirets, strong = (frozenset(part.strip() for part in text.split(",") if part.strip()) for text in (s.oidc_sirets, s.oidc_strong))
        return OidcSettings(
            s.oidc_issuer,
            s.oidc_client_id,
            s.oidc_client_secret,
            s.public_url.rstrip("/"),
            s.oidc_label,
            s.oidc_scopes,
            sirets,
            strong,
            s.oidc_trusts_email,
        )

    @cached_property
    def imap_tokens(self) -> Tokens | None:
        """For mailboxes that take no password. Raises ValueError, in words."""
        grant = self.settings.imap_grant()
        return Tokens(grant, now) if grant else None

    def mailbox(self, address: Address) -> Mailbox:
        """A folder of mails, to be opened."""
        return Mailbox(address, self.imap_tokens)

    def forget_at_rasa(self, conversation_id: str) -> None:
        """Erases Rasa's copy of a conversation."""
        forget_at_rasa(self.settings.rasa_database(), conversation_id)

    @cached_property
    def routing(self) -> LiveFolder[Table]:
        return LiveFolder(self.settings.routing.parent, Table, pattern=self.settings.routing.name)

    def table(self) -> Table:
        """The routing table as its file is now; the last valid one while an edit is not. Raises RoutingError."""
        tables = self.routing.values()
        if self.settings.routing.stem not in tables:
            raise RoutingError("\n".join(map(str, self.routing.problems())) or f"absente : {self.settings.routing}")
        return tables[self.settings.routing.stem]

    def read(self, message: Message) -> Reading:
        """What the models read in a message."""
        return replace(self.classifier.read(message.subject, message.text), language=language_of(message.subject, message.text))

    def meanings(self, messages: Sequence[tuple[str, str]]) -> Vectors:
        """What messages mean, by the deep encoder, from the mean of those that the model has learnt; one row each."""
        found = [self.features.parts(messages[at : at + 32]).meanings[0] for at in range(0, len(messages), 32)]
        return np.vstack(found) - self.classifier.model.head.landmarks[0].centre

    def route(self, message: Message, reading: Reading, channel: Channel = Channel.MAIL) -> tuple[Route, date | None]:
        """Where it goes, and by when it must be answered, counted from the day it was sent.

        Raises RoutingError when there never was a valid table.
        """
        found = route(reading, channel, self.table(), message)
        found = replace(found, autonomy=weakest((found.autonomy, reading.autonomy)))
        return found, due_on(message.received_at(now()).date(), found.answer_days, FRENCH_HOLIDAYS.__contains__)
