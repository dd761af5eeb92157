"""Builds the parts from the settings. Nothing else in the project does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property, partial

import holidays
from sqlalchemy.orm import Session, sessionmaker

from aids.catalogue import Catalogue
from answers.book import AnswerBook
from dossiers.demarche_numerique import DemarcheNumerique
from dossiers.demarche_numerique_query import Followed
from dossiers.own_table import OwnTable
from dossiers.provider import ByNumber, DossierProvider
from dossiers.smtp import send_mail
from ecoute.purge import forget_at_rasa
from ecoute.settings import Settings
from language.embed import E5Embedder, UseEmbedder
from store.content import LiveFolder
from store.engine import open_engine, session_factory
from triage.autonomy import weakest
from triage.classify import Classifier, load_classifier
from triage.errors import RoutingError
from triage.model import Channel, Message, Reading, Route
from triage.route import Table, due_on, route
from triage.views import MessageFeatures

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
        return MessageFeatures(E5Embedder(), UseEmbedder())

    @cached_property
    def classifier(self) -> Classifier:
        return load_classifier(self.settings.models / "triage.npz", self.features, self.settings.automated_wrong)

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
    def mail(self) -> Callable[[str, str, str], None]:
        return partial(send_mail, self.settings.smtp_url, self.settings.mail_from)

    def forget_at_rasa(self, conversation_id: str) -> None:
        """Erases Rasa's copy of a conversation."""
        forget_at_rasa(self.settings.rasa_database(), conversation_id)

    @cached_property
    def _routing(self) -> LiveFolder[Table]:
        return LiveFolder(self.settings.routing.parent, Table, pattern=self.settings.routing.name)

    def table(self) -> Table:
        """The routing table as its file is now; the last valid one while an edit is not. Raises RoutingError."""
        tables = self._routing.values()
        if self.settings.routing.stem not in tables:
            raise RoutingError("\n".join(map(str, self._routing.problems())) or f"absente : {self.settings.routing}")
        return tables[self.settings.routing.stem]

    def read(self, message: Message) -> Reading:
        """What the models read in a message."""
        return self.classifier.read(message.subject, message.text)

    def route(self, message: Message, reading: Reading, channel: Channel = Channel.MAIL) -> tuple[Route, date | None]:
        """Where it goes, and by when it must be answered, counted from the day it was sent.

        Raises RoutingError when there never was a valid table.
        """
        found = route(reading, channel, self.table())
        found = replace(found, autonomy=weakest((found.autonomy, reading.autonomy)))
        return found, due_on(message.received_at(now()).date(), found.answer_days, FRENCH_HOLIDAYS.__contains__)
