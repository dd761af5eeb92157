"""Routes of the conversation, as the widget calls them."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel

from conversations.forms import Form, FormRefused
from web.chat.events import Streams, stream
from web.chat.gateway import Gateway
from web.pace import Pace, client_of

MOST = 2**63 - 1
"""Greatest number of a message that a database can compare."""
TOO_MANY_STREAMS = "Trop de conversations sont ouvertes depuis votre connexion. Fermez-en une, puis réessayez."
TOO_MANY_LETTERS = "Beaucoup de messages viennent d'arriver de votre connexion. Attendez quelques minutes, puis envoyez à nouveau."


class Said(BaseModel):
    """Body of a message."""

    text: str


class Filled(BaseModel):
    """Body of a form: its values by field."""

    values: dict[str, Any]


def build_router(gateway: Gateway, opening: Pace, leaving: Pace) -> APIRouter:
    """`/api/conversations` and below. Errors are turned into JSON by the application. Pace of those who open conversations, and who leave letters."""
    router = APIRouter(prefix="/api/conversations")
    streams = Streams(gateway.limits.streams)

    @router.post("")
    async def start(request: Request) -> JSONResponse:
        if opening.too_fast(client_of(request)):
            return JSONResponse({"detail": "Beaucoup de conversations viennent de s'ouvrir. Attendez quelques minutes."}, 429)
        return JSONResponse({"token": await gateway.start()}, 201)

    @router.post("/{token}/messages")
    async def say(token: str, said: Said) -> JSONResponse:
        return JSONResponse((await gateway.say(token, said.text)).shown())

    @router.get("/{token}/messages")
    async def history(token: str) -> JSONResponse:
        return JSONResponse((await gateway.history(token)).shown())

    @router.post("/{token}/forms/{name}")
    async def submit(request: Request, token: str, name: str, filled: Filled) -> JSONResponse:
        if name not in set(Form):
            raise HTTPException(404)
        if leaving.too_fast(client_of(request)):
            return JSONResponse({"detail": TOO_MANY_LETTERS}, 429)
        try:
            return JSONResponse((await gateway.submit(token, Form(name), filled.values)).shown())
        except FormRefused as refused:
            return JSONResponse({"detail": str(refused), "errors": refused.errors}, 422)

    @router.post("/{token}/typing", status_code=204)
    async def typing(token: str) -> Response:
        await gateway.hear_of(token, typing=True)
        return Response(status_code=204)

    @router.delete("/{token}")
    async def erase(token: str) -> JSONResponse:
        return JSONResponse((await gateway.erase(token)).shown())

    @router.get("/{token}/events")
    async def events(
        request: Request,
        token: str,
        after: Annotated[int | None, Query(ge=0, le=MOST)] = None,
        last_event_id: Annotated[int | None, Header(ge=0, le=MOST)] = None,
    ) -> Response:
        turn = await gateway.history(token)  # 404 before the stream begins
        if streams.full(client_of(request)):
            return JSONResponse({"detail": TOO_MANY_STREAMS}, 429)
        start_at = last_event_id if last_event_id is not None else after
        if start_at is None:
            start_at = turn.messages[-1].id if turn.messages else 0
        told = streams.counted(client_of(request), stream(gateway, token, start_at))
        return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    return router
