"""Where files are read: what the conversation needs of any provider, and the choice of one by the form of the number. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol

from dossiers.errors import UnknownDossier
from dossiers.model import Dossier

RECENT = timedelta(days=30)

Decision = tuple[date, date]
"""The days on which a file was filed and decided."""


class DossierProvider(Protocol):
    """Reads files. Numbers are in canonical writing (`identity.find_number`)."""

    def email_of(self, number: str) -> str:
        """The address of the person who filed the file, "" when there is none left, and nothing else of it.

        May take long: not to be called while somebody waits. Raises UnknownDossier or ProviderError.
        """
        ...

    def find(self, number: str) -> Dossier:
        """The file, within a few seconds. Raises UnknownDossier or ProviderError."""
        ...

    def decisions(self, aid_slug: str, today: date) -> Sequence[Decision] | None:
        """Files of a scheme accepted or refused in the RECENT days; None when the provider cannot tell. Answers at once, never raises
        ProviderError."""
        ...


class ByNumber:
    """Reads a file from the Region's own table or, for the numbers of a national service (digits alone), from there when the table has none."""

    def __init__(self, own: DossierProvider, national: DossierProvider | None = None) -> None:
        self._own, self._national = own, national

    def email_of(self, number: str) -> str:
        try:
            return self._own.email_of(number)
        except UnknownDossier:
            return self._other(number).email_of(number)

    def find(self, number: str) -> Dossier:
        try:
            return self._own.find(number)
        except UnknownDossier:
            return self._other(number).find(number)

    def decisions(self, aid_slug: str, today: date) -> Sequence[Decision] | None:
        """Of all the providers that can tell: a scheme's delay is one, wherever its files are lodged."""
        providers = (self._own, self._national) if self._national else (self._own,)
        told = [decisions for provider in providers if (decisions := provider.decisions(aid_slug, today)) is not None]
        return [decision for decisions in told for decision in decisions] if told else None

    def _other(self, number: str) -> DossierProvider:
        if self._national is None or not number.isdigit():
            raise UnknownDossier
        return self._national
