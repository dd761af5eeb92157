"""`/avis`: the form by which anyone leaves an opinion. Works without script."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from triage.model import Kept, Letter
from web.pace import Pace, client_of

SUBJECT = "Avis déposé sur le site"
MAX_TEXT = 5000
TOO_MANY = "Beaucoup d'avis viennent d'arriver de votre connexion. Attendez quelques minutes, puis envoyez à nouveau."

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_REFERENCE = re.compile(r"AV-\d{4}-\d{6,}")


@dataclass(frozen=True)
class Opinion:
    """The form as it was filled. `trap`: a field that people do not see and that robots fill."""

    name: str = ""
    email: str = ""
    text: str = ""
    trap: str = ""

    def errors(self) -> dict[str, str]:
        """What has to be mended, by field of the form."""
        found: dict[str, str] = {}
        if not self.text:
            found["texte"] = "Écrivez votre avis : ce champ est vide."
        elif len(self.text) > MAX_TEXT:
            found["texte"] = "Raccourcissez votre avis à 5\u00a0000\u00a0caractères au plus."
        if self.email and not _EMAIL.fullmatch(self.email):
            found["courriel"] = "Vérifiez votre adresse e-mail. Elle doit ressembler à nom@exemple.fr."
        # A browser that fills forms by itself may fall into the trap: its user is told, and loses nothing.
        if self.trap:
            found["site_web"] = "Videz le champ « Site web », réservé à la détection des robots."
        return found


def build_router(templates: Jinja2Templates, receive: Callable[[Letter], Kept], pace: Pace) -> APIRouter:
    """`receive` keeps the opinion for the agents; `pace` says who sends too many."""
    router = APIRouter(prefix="/avis")

    @router.get("")
    def form(request: Request) -> Response:
        return templates.TemplateResponse(request, "opinion.html", {"opinion": Opinion(), "errors": {}})

    @router.post("")
    def send(
        request: Request,
        nom: Annotated[str, Form()] = "",
        courriel: Annotated[str, Form()] = "",
        texte: Annotated[str, Form()] = "",
        site_web: Annotated[str, Form()] = "",
    ) -> Response:
        opinion = Opinion(_line(nom), _line(courriel), _clean(texte).replace("\r\n", "\n").strip(), site_web)
        errors = opinion.errors()
        if errors:
            return templates.TemplateResponse(request, "opinion.html", {"opinion": opinion, "errors": errors}, status_code=422)
        if pace.too_fast(client_of(request)):
            return templates.TemplateResponse(request, "opinion.html", {"opinion": opinion, "errors": {"texte": TOO_MANY}}, status_code=429)
        kept = receive(Letter(opinion.name, opinion.email, SUBJECT, opinion.text))
        return RedirectResponse(f"/avis/recu/{kept.reference}", 303)

    @router.get("/recu/{reference}")
    def received(request: Request, reference: str) -> Response:
        if not _REFERENCE.fullmatch(reference):
            raise HTTPException(404)
        return templates.TemplateResponse(request, "opinion_received.html", {"reference": reference})

    return router


def _clean(text: str) -> str:
    return text.replace("\x00", "")


def _line(text: str) -> str:
    """One line: a name goes into the header of a reply, where a line break would add another header."""
    return " ".join(_clean(text).split())[:200]
