"""`/qualite`: what users say of the service, for everyone, as a page and as open data."""

import csv
import io
from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from quality.store import count_opinions
from quality.survey import Rating, rating
from quality.tally import FEELINGS, Tally


def build_router(sessions: sessionmaker[Session], templates: Jinja2Templates, local_clock: Callable[[], datetime]) -> APIRouter:
    """`local_clock` gives the time where the Region is."""
    router = APIRouter(prefix="/qualite")

    def counted() -> Tally:
        with sessions() as session:
            return count_opinions(session)

    def rating_now() -> Rating:
        with sessions() as session:
            return rating(session)

    @router.get("")
    def page(request: Request) -> Response:
        return templates.TemplateResponse(
            request, "quality.html", {"tally": counted(), "rated": rating_now(), "today": local_clock().date()}
        )

    @router.get("/donnees.csv")
    def as_csv() -> Response:
        return Response(write_csv(counted()), media_type="text/csv", headers=_attached("csv"))

    @router.get("/donnees.json")
    def as_json() -> Response:
        tally = counted()
        rated = rating_now()
        told = {
            "date": local_clock().date().isoformat(),
            "avis": tally.opinions,
            "ressentis": tally.feelings,
            "satisfaction": {
                "reponses": rated.answers,
                "satisfaits": rated.satisfied,
                "reponses_clarte": rated.understanding,
                "claires": rated.clear,
            },
            "engagements": [
                {"slug": line.slug, "nom": line.name, **{feeling: getattr(line, feeling) for feeling in FEELINGS}} for line in tally.lines
            ],
        }
        return JSONResponse(told)

    return router


def write_csv(tally: Tally) -> str:
    """One line for each commitment and feeling, with its number of opinions."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(("engagement", "nom", "ressenti", "avis"))
    writer.writerows((line.slug, line.name, feeling, getattr(line, feeling)) for line in tally.lines for feeling in FEELINGS)
    return out.getvalue()


def _attached(ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="qualite-de-service.{ending}"'}
