"""The sample page of a Region, the widget's script, the theme, and the health check."""

import hashlib
import json
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from answers.book import WEEKDAYS, AnswerBook
from answers.hours import hours_in_words
from web.region import Region

STATIC = Path(__file__).parent / "static"


def build_router(sessions: sessionmaker[Session], templates: Jinja2Templates, answers: AnswerBook, region: Region, most: int) -> APIRouter:
    """`most`: characters in a message of the widget."""
    router = APIRouter()

    @router.get("/")
    def home(request: Request) -> Response:
        return templates.TemplateResponse(request, "home.html", {})

    @router.get("/assistant.js")
    def assistant(request: Request) -> Response:
        script = (STATIC / "assistant.js").read_text(encoding="utf-8")
        told = json.dumps(widget_settings(answers, region, most), ensure_ascii=False)
        return _cached(request, f"{script}\necouteAssistant({told});\n", "text/javascript")

    @router.get("/theme.css")
    def theme(request: Request) -> Response:
        return _cached(request, _theme(region), "text/css")

    @router.get("/sante")
    def health() -> Response:
        try:
            with sessions() as session:
                session.execute(text("select 1"))
        except SQLAlchemyError:
            return JSONResponse({"status": "panne", "detail": "La base de données ne répond pas."}, 503)
        return JSONResponse({"status": "ok"})

    return router


def widget_settings(answers: AnswerBook, region: Region, most: int) -> dict[str, object]:
    """What the widget has to know to help even when the server is out of order."""
    service, welcome = answers.service(), answers.get("saluer")
    return {
        "region": region.name,
        "phone": service.phone,
        "phoneNote": service.phone_note,
        "email": service.email,
        "hours": hours_in_words(service.hours, WEEKDAYS),
        "maxLength": most,
        "welcome": welcome.text if welcome else "Posez votre question sur une aide ou un dossier.",
        "choices": [{"label": c.label, "message": c.message} for c in (welcome.choices if welcome else ())],
        "tokens": _theme(region).replace(":root", ":host"),
    }


def _theme(region: Region) -> str:
    return (STATIC / "tokens.css").read_text(encoding="utf-8") + region.css()


def _cached(request: Request, body: str, media_type: str) -> Response:
    """The body with a tag by which a browser asks only whether it has changed."""
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
