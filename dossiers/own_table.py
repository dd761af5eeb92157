"""Files of the Region's own table, as a provider."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session, sessionmaker

from dossiers import store
from dossiers.errors import UnknownDossier
from dossiers.model import Dossier
from dossiers.provider import RECENT, Decision


class OwnTable:
    """Reads in a transaction of its own. See `provider.DossierProvider`."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def email_of(self, number: str) -> str:
        return self.find(number).email

    def find(self, number: str) -> Dossier:
        with self._sessions() as session:
            dossier = store.get(session, number)
        if dossier is None:
            raise UnknownDossier
        return dossier

    def decisions(self, aid_slug: str, today: date) -> Sequence[Decision] | None:
        if not aid_slug:
            return None
        with self._sessions() as session:
            return store.decisions_since(session, today - RECENT, aid_slug)
