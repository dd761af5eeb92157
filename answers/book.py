"""All written answers, as the files are now."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from string import Formatter

from answers.elsewhere import Body, Sent, who_looks_after
from answers.hours import hours_in_words
from answers.model import WEEKDAYS, Answer, Service
from store.content import LiveFolder, Problem

__all__ = ["WEEKDAYS", "AnswerBook", "placeholders", "refuse_unknown"]

CONTENT = Path(__file__).parent / "content"

OF_THE_MOMENT = ("agent", "minutes", "ahead", "reference", "answer_by", "what", "body")
"""Placeholders whose value is known only when the answer is said."""

_ELSEWHERE = {
    False: "Aucune donnée ne part ailleurs.",
    True: "Seul un numéro de dossier peut partir ailleurs : vers Démarche numérique, qui garde le dossier.",
}
"""What leaves the Region's machines."""


class AnswerBook:
    """Answers by intent, with the service's facts put in their places."""

    def __init__(self, folder: Path = CONTENT, retention_days: int = 30, files_elsewhere: bool = False) -> None:
        """`files_elsewhere`: files are also read from Démarche numérique."""
        self._retention_days, self._elsewhere = retention_days, _ELSEWHERE[files_elsewhere]
        self.themes: LiveFolder[dict[str, Answer]] = LiveFolder(folder / "intents", dict[str, Answer], self._known_placeholders)
        self.facts: LiveFolder[Service] = LiveFolder(folder / "service", Service)
        self.body_files: LiveFolder[dict[str, Body]] = LiveFolder(folder / "elsewhere", dict[str, Body])

    def service(self) -> Service:
        """Facts of the service. Raises KeyError when there is no valid service file."""
        return self.facts.values()["service"]

    def get(self, intent: str, **told: str) -> Answer | None:
        """The answer for `intent`, ready to be said; None when nobody wrote one. `told`: values of the moment, as in `OF_THE_MOMENT`."""
        for answers in self.themes.values().values():
            if intent in answers:
                return self._filled(answers[intent], told)
        return None

    def elsewhere(self, text: str, schemes_only: bool = False) -> Sent | None:
        """Who looks after what the text names, when it is not the Region. `schemes_only`: names of aids alone count."""
        return who_looks_after(text, tuple(self.bodies().values()), schemes_only)

    def bodies(self) -> dict[str, Body]:
        """Everyone else than the Region, by slug."""
        return {slug: body for bodies in self.body_files.values().values() for slug, body in bodies.items()}

    def intents(self) -> set[str]:
        """Intents that have an answer."""
        return {intent for answers in self.themes.values().values() for intent in answers}

    def problems(self) -> tuple[Problem, ...]:
        return self.themes.problems() + self.facts.problems() + self.body_files.problems()

    def _filled(self, answer: Answer, told: dict[str, str]) -> Answer:
        facts = placeholders(self.service(), self._retention_days, self._elsewhere) | told
        return replace(answer, text=answer.text.format_map(facts).strip(), plain=answer.plain.format_map(facts).strip())

    def _known_placeholders(self, _path: Path, answers: dict[str, Answer]) -> None:
        facts = placeholders(self.service(), self._retention_days, self._elsewhere)
        for intent, answer in answers.items():
            refuse_unknown(answer.text + answer.plain, facts, intent)

    def placeholders(self) -> dict[str, str]:
        """What answers may quote, with its present value."""
        return placeholders(self.service(), self._retention_days, self._elsewhere)

    def still_told(self, service: Service) -> None:
        """Raises ValueError, in words, when an answer quotes a fact that `service` no longer holds."""
        facts = placeholders(service, self._retention_days, self._elsewhere)
        for answers in self.themes.values().values():
            for intent, answer in answers.items():
                refuse_unknown(answer.text + answer.plain, facts, intent)


def refuse_unknown(text: str, known: Collection[str], name: str) -> None:
    """Raises ValueError, in words, when a placeholder of the text called `name` is not one of `known`, or says more than a name."""
    try:
        found = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        raise ValueError(f"« {name} » : accolade sans sa pareille ; écrivez {{{{ et }}}} pour une accolade du texte") from None
    for _, field, form, conversion in found:
        if field not in known or form or conversion:
            raise ValueError(f"« {name} » : repère inconnu '{field}' ; repères possibles : {', '.join(known)}")


def placeholders(service: Service, retention_days: int, elsewhere: str = "") -> dict[str, str]:
    """What may stand between braces in an answer, with its present value."""
    return {
        "region": service.region,
        "phone": service.phone,
        "phone_note": service.phone_note,
        "email": service.email,
        "address": service.address,
        "dpo_email": service.dpo_email,
        "appointment_url": service.appointment_url,
        "hours": hours_in_words(service.hours, WEEKDAYS),
        "agent_hours": hours_in_words(service.agent_hours, WEEKDAYS),
        "retention_days": str(retention_days),
        **dict.fromkeys(OF_THE_MOMENT, ""),
        "elsewhere": elsewhere,
        **service.facts,
    }
