"""`/avis`: the form by which anyone leaves an opinion, with files. Works without script."""

import hashlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from conversations.forms import EMAIL, MOST_LINE
from triage.decode import clean
from triage.model import File, Kept, Letter, Origin
from web.pace import Pace, client_of
from web.stamp import age, seal
from web.uploads import Filled, read_form

PATH = "/avis"
SUBJECT = "Avis déposé sur le site"
MAX_TEXT = 5000
MAX_FILES = 10
TEXTS = 200_000
"""Bytes of a form beside its files: a text far too long is still given back to be shortened."""
TOO_FAST = timedelta(seconds=3)
"""Nobody reads the page and writes an opinion in less. What is sent faster is kept, and a person looks at it first."""

TOO_MANY = "Beaucoup d'avis viennent d'arriver de votre connexion. Attendez quelques minutes, puis envoyez à nouveau."
NOT_KEPT = "Une panne nous empêche d'enregistrer votre avis. Attendez quelques minutes, puis envoyez à nouveau."
SEND = "envoyer"
"""Name of the button: what is wrong with the sending as a whole is told there."""

_REFERENCE = re.compile(r"AV-\d{4}-\d{6,}")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rules:
    """What a form must keep to. `secret` seals its stamp; `most`: bytes of all its files together."""

    secret: str
    most: int
    clock: Callable[[], datetime]

    def megabytes(self) -> str:
        """The weight allowed, in words."""
        return f"{self.most // 1_000_000}\u00a0Mo"


@dataclass(frozen=True)
class Opinion:
    """The form as it was filled. `trap`: a field that people do not see and that robots fill."""

    stamp: str
    name: str = ""
    email: str = ""
    text: str = ""
    trap: str = ""
    files: tuple[File, ...] = ()
    too_heavy: bool = False

    def errors(self, rules: Rules) -> dict[str, str]:
        """What has to be mended, by field of the form."""
        found: dict[str, str] = {}
        if not self.text:
            found["texte"] = "Écrivez votre avis\u00a0: ce champ est vide."
        elif len(self.text) > MAX_TEXT:
            found["texte"] = "Raccourcissez votre avis à 5\u00a0000\u00a0caractères au plus."
        if self.email and not EMAIL.fullmatch(self.email):
            found["courriel"] = "Vérifiez votre adresse e-mail. Elle doit ressembler à nom@exemple.fr."
        if self.too_heavy or sum(len(file.content) for file in self.files) > rules.most:
            found["fichiers"] = (
                f"Vos fichiers sont trop lourds\u00a0: {rules.megabytes()} au plus en tout. Choisissez-en de plus légers, ou moins."
            )
        elif len(self.files) > MAX_FILES:
            found["fichiers"] = f"Vous avez choisi {len(self.files)} fichiers. Choisissez-en {MAX_FILES} au plus."
        # A browser that fills forms by itself may fall into the trap: its user is told, and loses nothing.
        if self.trap:
            found["site_web"] = "Videz le champ « Site web », réservé à la détection des robots."
        return found

    def letter(self, rules: Rules) -> Letter:
        """What is kept of it. Sent twice from one page, it is one opinion."""
        filled_in = age(rules.secret, self.stamp, rules.clock())
        told = hashlib.sha256(f"{self.stamp}|{self.text}".encode()).hexdigest()[:40]
        origin = Origin(source_id=f"formulaire:{told}") if filled_in is not None else None
        doubt = (
            "envoyé sans la page du formulaire"
            if filled_in is None
            else "envoyé en moins de trois secondes"
            if filled_in < TOO_FAST
            else ""
        )
        return Letter(self.name, self.email, SUBJECT, self.text, files=self.files, origin=origin, doubt=doubt)


def build_router(templates: Jinja2Templates, receive: Callable[[Letter], Kept], pace: Pace, rules: Rules) -> APIRouter:
    """`receive` keeps the opinion for the agents; `pace` says who sends too many."""
    router = APIRouter(prefix=PATH)

    def page(request: Request, opinion: Opinion, errors: dict[str, str], status: int = 200) -> Response:
        stamp = opinion.stamp or seal(rules.secret, rules.clock())
        told = {"opinion": opinion, "stamp": stamp, "errors": errors, "most": rules.megabytes(), "most_files": MAX_FILES}
        return templates.TemplateResponse(request, "opinion.html", told, status_code=status)

    @router.get("")
    def form(request: Request) -> Response:
        return page(request, Opinion(""), {})

    @router.post("")
    async def send(request: Request) -> Response:
        opinion = _opinion(await read_form(request, rules.most + TEXTS))
        errors = opinion.errors(rules)
        if errors:
            return page(request, opinion, errors, 422)
        if pace.too_fast(client_of(request)):
            return page(request, opinion, {SEND: TOO_MANY}, 429)
        try:
            kept = await run_in_threadpool(receive, opinion.letter(rules))
        except SQLAlchemyError as error:
            log.error("opinion not kept: %s", type(error).__name__)
            return page(request, opinion, {SEND: NOT_KEPT}, 503)
        return RedirectResponse(f"{PATH}/recu/{kept.reference}", 303)

    @router.get("/recu/{reference}")
    def received(request: Request, reference: str) -> Response:
        if not _REFERENCE.fullmatch(reference):
            raise HTTPException(404)
        return templates.TemplateResponse(request, "opinion_received.html", {"reference": reference})

    return router


def _opinion(filled: Filled) -> Opinion:
    def line(name: str) -> str:
        """One line: a name goes into the header of a reply, where a line break would add another header."""
        return " ".join(clean(filled.texts.get(name, "")).split())[:MOST_LINE]

    text = clean(filled.texts.get("texte", "")).strip()
    return Opinion(line("page"), line("nom"), line("courriel"), text, line("site_web"), filled.files, filled.too_heavy)
