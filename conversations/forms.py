"""The forms of a conversation: leaving a message for an agent, leaving an opinion, and the two questions at the end. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from conversations.model import Content

MOST_TEXT = 5000
MOST_LINE = 200
EMAIL = re.compile(r"[^@\s<>\"',;:]{1,64}@[^@\s<>\"',;:]{1,185}\.[^@\s<>\"',;:.]{2,24}")

SATISFACTION = {"pas-bien": ("Pas bien", 0), "moyen": ("Moyen", 5), "tres-bien": ("Très bien", 10)}
"""The State's scale of "Je donne mon avis", out of ten."""
COMPREHENSION = {str(n): (label, (n - 1) * 2.5) for n, label in enumerate(("Pas du tout clair", "2", "3", "4", "Très clair"), 1)}


class Form(StrEnum):
    """The forms there are, by the name under which their values are sent."""

    MESSAGE = "message"
    OPINION = "avis"
    SURVEY = "satisfaction"


class FormRefused(ValueError):
    """Values that cannot be taken. `errors`: what to mend, by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True)
class Left:
    """A message or an opinion as it was left. `attach`: whether the conversation goes along."""

    text: str
    email: str = ""
    name: str = ""
    attach: bool = False


@dataclass(frozen=True)
class Rated:
    """Answers to the two questions, out of ten; the second may be left out."""

    satisfaction: int
    comprehension: float | None


def message_form(text: str = "") -> Content:
    """For an agent who answers later by e-mail. `text`: what was already written, which nobody should have to type again."""
    return {
        "type": "form",
        "name": Form.MESSAGE.value,
        "label": "Laisser un message à un agent",
        "submit": "Envoyer le message",
        "fields": [
            {"name": "text", "label": "Votre message", "kind": "textarea", "required": True, "value": text[:MOST_TEXT]},
            _email(required=True),
            _attach(),
        ],
    }


def opinion_form(text: str = "") -> Content:
    """For an opinion or a complaint."""
    return {
        "type": "form",
        "name": Form.OPINION.value,
        "label": "Donner mon avis",
        "submit": "Envoyer mon avis",
        "fields": [
            {
                "name": "text",
                "label": "Votre avis",
                "kind": "textarea",
                "required": True,
                "value": text[:MOST_TEXT],
                "hint": "Sans donnée personnelle, si possible.",
            },
            _email(required=False),
            _attach(),
        ],
    }


def survey_form() -> Content:
    """The two questions at the end."""
    satisfaction = [{"value": value, "label": label} for value, (label, _score) in SATISFACTION.items()]
    comprehension = [{"value": value, "label": label} for value, (label, _score) in COMPREHENSION.items()]
    return {
        "type": "form",
        "name": Form.SURVEY.value,
        "label": "Deux questions sur cet échange",
        "submit": "Envoyer mes réponses",
        "fields": [
            {
                "name": "satisfaction",
                "label": "Comment s'est passé cet échange\u00a0?",
                "kind": "radio",
                "required": True,
                "options": satisfaction,
            },
            {"name": "comprehension", "label": "Les réponses étaient-elles claires\u00a0?", "kind": "radio", "options": comprehension},
        ],
    }


def read_left(form: Form, values: Mapping[str, object]) -> Left:
    """A message or an opinion. Raises FormRefused."""
    text, email = _text(values.get("text")), _line(values.get("email"))
    errors: dict[str, str] = {}
    if not text:
        errors["text"] = "Écrivez votre message\u00a0: ce champ est vide."
    elif len(text) > MOST_TEXT:
        errors["text"] = "Raccourcissez votre message à 5\u00a0000\u00a0caractères au plus."
    if form is Form.MESSAGE and not email:
        errors["email"] = "Donnez une adresse e-mail, où un agent vous répondra."
    elif email and not EMAIL.fullmatch(email):
        errors["email"] = "Vérifiez votre adresse e-mail. Elle doit ressembler à nom@exemple.fr."
    if errors:
        raise FormRefused(errors)
    return Left(text, email, _line(values.get("name")), values.get("attach") in (True, "on", "true"))


def read_rated(values: Mapping[str, object]) -> Rated:
    """Answers to the survey. Raises FormRefused."""
    satisfaction = SATISFACTION.get(str(values.get("satisfaction") or ""))
    if satisfaction is None:
        raise FormRefused({"satisfaction": "Choisissez une réponse à la première question."})
    comprehension = COMPREHENSION.get(str(values.get("comprehension") or ""))
    return Rated(satisfaction[1], comprehension[1] if comprehension else None)


def _email(required: bool) -> Content:
    hint = "Un agent vous y répond." if required else "Facultatif\u00a0: pour recevoir une réponse."
    return {"name": "email", "label": "Votre adresse e-mail", "kind": "email", "required": required, "hint": hint}


def _attach() -> Content:
    return {"name": "attach", "label": "Joindre cette conversation, pour ne pas tout redire", "kind": "checkbox", "value": True}


def _text(value: object) -> str:
    return str(value or "").replace("\x00", "").replace("\r\n", "\n").encode("utf-8", "replace").decode().strip()


def _line(value: object) -> str:
    """One line: it goes into the header of a mail, where a line break would add another header."""
    return " ".join(_text(value).split())[:MOST_LINE]
