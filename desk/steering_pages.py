"""`/console/pilotage`: how the service does, as charts with their tables, and as files for a spreadsheet. No message is shown."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates

from desk import steering, words
from desk.steering import STEPS, Asked, Table, read_asked
from desk.steering_store import Counted, Figures
from people.rights import Guard, Right, Role

HOME = "/console/pilotage"
ALL = "tout"


def build_router(guard: Guard, templates: Jinja2Templates, figures: Figures, local_clock: Callable[[], datetime]) -> APIRouter:
    """`guard` lets in those who may see the measures; `local_clock` gives the time where the Region is."""
    router = APIRouter(prefix=HOME, dependencies=[Depends(guard.require(Right.MEASURES))])

    def read(request: Request) -> tuple[Asked, Counted, tuple[Table, ...]]:
        today = local_clock().date()
        asked, counted = read_asked(request.query_params, today), figures.get()
        return asked, counted, steering.tables(counted.facts, asked, today, scopes(request))

    @router.get("")
    def page(request: Request) -> Response:
        asked, counted, tables = read(request)
        given = {
            "asked": asked,
            "counted": counted,
            "tables": tables,
            "told": steering.told,
            "outline": steering.outline,
            "scopes": [words.COMMITMENTS.get(one, one) for one in scopes(request)],
            "steps": STEPS,
            "words": words,
            "changed": request.query_params.get("pas", asked.step) != asked.step,
        }
        return templates.TemplateResponse(request, "desk_steering.html", given)

    @router.get("/{slug}.csv")
    def as_csv(request: Request, slug: str) -> Response:
        asked, _, tables = read(request)
        chosen = [one for one in tables if slug in (one.slug, ALL)]
        if not chosen:
            raise HTTPException(404)
        lines = long_lines(chosen) if slug == ALL else table_lines(chosen[0])
        name = f"pilotage-{slug}-{asked.since}-{asked.until}.csv"
        # With its mark (BOM), without which spreadsheets misread accents.
        return Response(
            write_csv(lines).encode("utf-8-sig"),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    return router


def scopes(request: Request) -> tuple[str, ...]:
    """What a référent answers for, and sees alone; nothing for those who see everything."""
    agent = request.state.agent
    return tuple(agent.scopes) if agent.role == Role.REFERENT else ()


def table_lines(table: Table) -> list[list[str]]:
    """The table as it is on the page, its units in its heads."""
    heads = [f"{name} ({unit})" if unit else name for name, unit in zip(table.columns, table.units)]
    return [heads, *([steering.written(cell) for cell in row] for row in table.rows)]


def long_lines(tables: Sequence[Table]) -> list[list[str]]:
    """Every figure of every table, one a line."""
    lines = [["tableau", "ligne", "mesure", "unité", "valeur"]]
    for table in tables:
        for row in table.rows:
            cells = zip(table.columns[1:], table.units[1:], row[1:])
            lines += [[table.title, str(row[0]), name, unit, steering.written(cell)] for name, unit, cell in cells]
    return lines


def write_csv(lines: Iterable[Sequence[str]]) -> str:
    """As French spreadsheets read it."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(lines)
    return out.getvalue()
