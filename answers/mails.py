"""Mails written beforehand, as their files are now, with the facts of the service and of the moment put in their places."""

from collections.abc import Callable
from pathlib import Path

from answers.book import placeholders, refuse_unknown
from answers.model import MailText, Service
from store.content import LiveFolder, Problem

OF_THE_MOMENT = ("reference", "received_on", "answer_by", "implicit_on")
"""Placeholders whose value is known when the mail is written. None comes from the message: an acknowledgement repeats nobody's words."""
WHEN_PASSED_ON = ("reference", "received_on", "organisme", "organisme_site", "motif", "objet", "personne", "suite", "signature")
"""Placeholders of the mails by which a message is passed on to another administration."""


class MailTexts:
    """Texts by name: that of their file."""

    def __init__(self, folder: Path, service: Callable[[], Service], told: tuple[str, ...] = OF_THE_MOMENT) -> None:
        """`told`: placeholders beside those of the service."""
        self._service, self._told = service, told
        self.texts: LiveFolder[MailText] = LiveFolder(folder, MailText, self._known_placeholders)

    def get(self, name: str, **told: str) -> tuple[str, str] | None:
        """Subject and text, ready to be sent; None when nobody wrote this one. `told`: values of the placeholders."""
        found = self.texts.values().get(name)
        if found is None:
            return None
        facts = placeholders(self._service(), 0) | told
        return found.subject.format_map(facts).strip(), found.text.format_map(facts).strip() + "\n"

    def names(self) -> set[str]:
        """Texts that can be sent."""
        return set(self.texts.values())

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the files as they are now."""
        return self.texts.problems()

    def still_told(self, service: Service) -> None:
        """Raises ValueError, in words, when a text quotes a fact that `service` no longer holds."""
        facts = placeholders(service, 0) | dict.fromkeys(self._told, "")
        for name, text in self.texts.values().items():
            refuse_unknown(f"{text.subject}\n{text.text}", facts, name)

    def _known_placeholders(self, path: Path, text: MailText) -> None:
        facts = placeholders(self._service(), 0) | dict.fromkeys(self._told, "")
        refuse_unknown(f"{text.subject}\n{text.text}", facts, path.stem)
        if "{reference}" not in text.subject + text.text:
            raise ValueError(f"« {path.stem} » ne dit pas la référence du message : ajoutez {{reference}}")
