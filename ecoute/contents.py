"""The contents that are edited in the console, with what each must not break."""

from collections.abc import Callable, Mapping

from aids.model import Aid
from answers.elsewhere import Body
from answers.mails import OF_THE_MOMENT, WHEN_PASSED_ON
from answers.model import Answer, MailText, Service
from answers.templates import KNOWN, Template
from desk.editing import Shelf
from ecoute.wire import Parts
from people.rights import Right
from triage.route import Table


def shelves(parts: Parts) -> tuple[Shelf, ...]:
    """All of them, each on the files that the system reads."""
    book, texts, forwarding, templates = parts.answers, parts.mail_texts, parts.forwarding, parts.templates

    def service_holds(service: Service) -> None:
        book.still_told(service)
        texts.still_told(service)
        forwarding.still_told(service)

    def table_holds(table: Table) -> None:
        lost = sorted({row.acknowledgement for row in table.rows if row.acknowledgement} - texts.names())
        if lost:
            raise ValueError(f"aucun accusé de réception ne s'appelle « {lost[0]} » ; noms possibles : {', '.join(sorted(texts.names()))}")

    answers = Right.EDIT_ANSWERS

    def quotes(told: tuple[str, ...]) -> Callable[[], Mapping[str, str]]:
        return lambda: book.placeholders() | dict.fromkeys(told, "")

    return (
        Shelf(
            "aides",
            "Fiches d'aide",
            Right.EDIT_SHEETS,
            parts.catalogue.files,
            Aid,
            checked=("checked", "on"),
            checked_by=("checked", "by"),
            fixed=frozenset({"slug"}),
        ),
        Shelf("reponses", "Réponses écrites", answers, book.themes, Answer, by_entry=True, quotes=book.placeholders, preview=True),
        Shelf("service", "Horaires et coordonnées", answers, book.facts, Service, also=service_holds),
        Shelf(
            "accuses",
            "Accusés de réception",
            answers,
            texts.texts,
            MailText,
            checked=("dated",),
            quotes=quotes(OF_THE_MOMENT),
            preview=True,
        ),
        Shelf(
            "transmissions",
            "Courriels de transmission",
            answers,
            forwarding.texts,
            MailText,
            checked=("dated",),
            quotes=quotes(WHEN_PASSED_ON),
            preview=True,
        ),
        Shelf(
            "modeles",
            "Modèles de réponse des agents",
            answers,
            templates.files,
            Template,
            quotes=lambda: dict.fromkeys(KNOWN, "") | templates.values({}),
            preview=True,
        ),
        Shelf("ailleurs", "Autres organismes", answers, book.body_files, Body, by_entry=True, checked=("checked",)),
        Shelf("routage", "Table de routage", Right.EDIT_ROUTING, parts.routing, also=table_holds),
    )
