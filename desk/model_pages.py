"""`/console/modeles`: which model sorts the mail, what agents taught, which versions could take its place, what changes in what comes in."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from desk import learning_store as store
from desk import learning_words as words
from desk.learning_watch import last_watch
from history.store import Person
from people.rights import Guard, Right
from triage.errors import ModelMissing, NothingToReturnTo, TrainingRuns, UnknownVersion
from triage.store import get_item
from triage.versions import Versions

HOME = "/console/modeles"
DONE = {
    "entrainement": "L'entraînement commence. Il dure quelques minutes. Le tri continue avec le modèle en service.",
    "version": "La version choisie est en service. Les prochains messages sont lus avec elle.",
    "retour": "La version précédente est de nouveau en service.",
}
WHY = "Dites pourquoi, en quelques mots."
EXCERPT = 140


class Models(Protocol):
    """What the page does with models. Errors are those of `triage.errors`, whose words are for people."""

    @property
    def versions(self) -> Versions: ...

    def begin(self, author: str) -> None:
        """Starts a training."""

    def put_in_force(self, version: str, action: str, who: Person | str, author: str, because: str) -> None:
        """Changes the model."""

    def roll_back(self, who: Person | str, author: str, because: str) -> str:
        """Puts the version before back."""


def build_router(
    guard: Guard, sessions: sessionmaker[Session], templates: Jinja2Templates, models: Models, local_clock: Callable[[], datetime]
) -> APIRouter:
    """`guard` lets in those who may follow the models."""
    router = APIRouter(prefix=HOME, dependencies=[Depends(guard.require(Right.MODELS))])

    def alerts() -> int:
        with sessions() as session:
            found = last_watch(session)
        return found.alerts if found else 0

    templates.env.globals["model_alerts"] = alerts

    def page(request: Request, status: int = 200, **told: object) -> Response:
        cards = models.versions.cards()
        current = models.versions.card()
        with sessions() as session:
            done = store.changes(session)
            training = store.last_training(session)
            seen = last_watch(session)
            found: dict[str, Any] = {
                "said": words,
                "current": current,
                "others": [card for card in cards if card["version"] != current.get("version")],
                "changes": done,
                "returns": _returns(session, current),
                "taught": store.said(session, training.started_at if training else None),
                "training": training,
                "running": training is not None and store.is_running(training, local_clock()),
                "seen": seen,
                "topics": _topics(session, seen.found["topics"], request.state.agent.may(Right.READ_MESSAGES)) if seen else [],
                "done": DONE.get(request.query_params.get("fait", ""), ""),
            }
        return templates.TemplateResponse(request, "desk_models.html", found | told, status_code=status)

    @router.get("")
    def show(request: Request) -> Response:
        return page(request)

    @router.post("/entrainer")
    def train(request: Request) -> Response:
        try:
            models.begin(request.state.agent.login)
        except (TrainingRuns, OSError) as error:
            return page(request, 409, error=_words(error))
        return RedirectResponse(f"{HOME}?fait=entrainement", 303)

    @router.post("/version")
    def put_in_force(request: Request, version: Annotated[str, Form()] = "", pourquoi: Annotated[str, Form()] = "") -> Response:
        if not pourquoi.strip():
            return page(request, 422, error=WHY)
        agent = request.state.agent
        try:
            models.put_in_force(version, store.DECIDED, agent, agent.login, pourquoi.strip())
        except (UnknownVersion, ModelMissing) as error:
            return page(request, 422, error=_words(error))
        return RedirectResponse(f"{HOME}?fait=version", 303)

    @router.post("/retour")
    def roll_back(request: Request, pourquoi: Annotated[str, Form()] = "") -> Response:
        if not pourquoi.strip():
            return page(request, 422, error=WHY)
        agent = request.state.agent
        try:
            models.roll_back(agent, agent.login, pourquoi.strip())
        except (UnknownVersion, NothingToReturnTo, ModelMissing) as error:
            return page(request, 422, error=_words(error))
        return RedirectResponse(f"{HOME}?fait=retour", 303)

    return router


def build_confirm_router(guard: Guard, sessions: sessionmaker[Session], local_clock: Callable[[], datetime]) -> APIRouter:
    """An agent says that a message was read right."""
    router = APIRouter(prefix="/console/messages", dependencies=[Depends(guard.require(Right.HANDLE_MESSAGES))])

    @router.post("/{reference}/confirmer")
    def confirm(request: Request, reference: str) -> Response:
        with sessions.begin() as session:
            item = get_item(session, reference)
            if item is None:
                raise HTTPException(404)
            store.confirm(session, item, request.state.agent, local_clock())
        return RedirectResponse(f"/console/messages/{item.reference}?confirme=1#etiquettes", 303)

    return router


def _returns(session: Session, current: dict[str, Any]) -> str:
    """The version that a return would put back, "" when there is none."""
    try:
        return store.version_before(session, current.get("version", ""))
    except NothingToReturnTo:
        return ""


def _topics(session: Session, topics: list[dict[str, Any]], readable: bool) -> list[dict[str, Any]]:
    """With the beginning of their examples, for those who may read messages."""
    rows = [[get_item(session, reference) for reference in topic["examples"]] if readable else [] for topic in topics]
    return [
        topic | {"examples": [(row.reference, row.text[:EXCERPT]) for row in held if row is not None]} for topic, held in zip(topics, rows)
    ]


def _words(error: Exception) -> str:
    return str(error) or error.__doc__ or type(error).__name__
