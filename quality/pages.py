"""`/qualite`: what users say of the service and what it did about it, for everyone, as a page and as open data."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from quality.actions import Action, Actions
from quality.results import METHODS, NAMES, SMALL, Results
from quality.store import count_opinions
from quality.survey import Rating, rating
from quality.tally import FEELINGS, Tally


def build_router(
    sessions: sessionmaker[Session],
    templates: Jinja2Templates,
    local_clock: Callable[[], datetime],
    results: Callable[[], Results],
    actions: Actions,
) -> APIRouter:
    """`local_clock` gives the time where the Region is; `results` the figures of the last twelve months."""
    router = APIRouter(prefix="/qualite")

    def counted() -> tuple[Tally, Rating]:
        with sessions() as session:
            return count_opinions(session), rating(session)

    @router.get("")
    def page(request: Request) -> Response:
        tally, rated = counted()
        given = {
            "tally": tally,
            "rated": rated,
            "results": results(),
            "actions": actions.all(),
            "today": local_clock().date(),
            "names": NAMES,
            "methods": METHODS,
            "small": SMALL,
        }
        return templates.TemplateResponse(request, "quality.html", given)

    @router.get("/donnees.csv")
    def as_csv() -> Response:
        tally, _ = counted()
        lines = [(line.slug, line.name, feeling, count) for line in tally.lines for feeling, count in zip(FEELINGS, line.published())]
        return _csv("qualite-de-service", ("engagement", "nom", "ressenti", "avis"), lines)

    @router.get("/resultats.csv")
    def results_as_csv() -> Response:
        found = results()
        lines = [
            (one.dimension, one.code, one.name, NAMES[one.measure], one.unit, _number(one.value), one.base, found.since, found.until)
            for one in found.figures
        ]
        return _csv("resultats", ("par", "code", "nom", "mesure", "unite", "valeur", "sur", "du", "au"), lines)

    @router.get("/actions.csv")
    def actions_as_csv() -> Response:
        told = [_told(one) for one in actions.all()]
        return _csv("actions", ACTION_COLUMNS, [[one[name] for name in ACTION_COLUMNS] for one in told])

    @router.get("/donnees.json")
    def as_json() -> Response:
        tally, rated = counted()
        found = results()
        told = {
            "date": local_clock().date().isoformat(),
            "avis": tally.published_opinions(),
            "ressentis": tally.published(),
            "satisfaction": rated.published(),
            "engagements": [{"slug": line.slug, "nom": line.name, **dict(zip(FEELINGS, line.published()))} for line in tally.lines],
            "resultats": {
                "du": found.since.isoformat(),
                "au": found.until.isoformat(),
                "methodes": {NAMES[measure]: method for measure, method in METHODS.items()},
                "mesures": [
                    {
                        "par": one.dimension,
                        "code": one.code,
                        "nom": one.name,
                        "mesure": NAMES[one.measure],
                        "unite": one.unit,
                        "valeur": one.value,
                        "sur": one.base,
                    }
                    for one in found.figures
                ],
            },
            "actions": [_told(one) for one in actions.all()],
            "note": f"Un nombre absent (null) est trop petit pour être publié : moins de {SMALL}, ou il ferait deviner un nombre de moins de {SMALL}.",
        }
        return JSONResponse(told)

    return router


ACTION_COLUMNS = ("titre", "constat", "avis", "decision", "changement", "date", "engagement", "etat", "exemple")


def _told(action: Action) -> dict[str, object]:
    values = (
        *(action.title, action.said, action.voices(), action.decided, action.changed),
        *(action.when.isoformat(), action.commitment, action.state.value, "oui" if action.sample else "non"),
    )
    return dict(zip(ACTION_COLUMNS, values))


def _number(value: float | None) -> str:
    return "" if value is None else str(value).replace(".", ",")


def _csv(name: str, heads: Sequence[str], lines: Iterable[Sequence[object]]) -> Response:
    """As French spreadsheets read it; what is not published is empty."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows(lines)
    return Response(out.getvalue(), media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}.csv"'})
