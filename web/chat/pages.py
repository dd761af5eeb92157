"""Routes of the conversation, as the widget calls them."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel

from web.chat.events import stream
from web.chat.gateway import Gateway
from web.pace import Pace, client_of

MOST = 2**63 - 1
"""Greatest number of a message that a database can compare."""


class Said(BaseModel):
    """Body of a message."""

    text: str


def build_router(gateway: Gateway, pace: Pace) -> APIRouter:
    """`/api/conversations` and below. Errors are turned into JSON by the application. `pace`: of those who open conversations."""
    router = APIRouter(prefix="/api/conversations")

    @router.post("")
    async def start(request: Request) -> JSONResponse:
        if pace.too_fast(client_of(request)):
            return JSONResponse({"detail": "Beaucoup de conversations viennent de s'ouvrir. Attendez quelques minutes."}, 429)
        return JSONResponse({"token": await gateway.start()}, 201)

    @router.post("/{token}/messages")
    async def say(token: str, said: Said) -> JSONResponse:
        return JSONResponse((await gateway.say(token, said.text)).shown())

    @router.get("/{token}/messages")
    async def history(token: str) -> JSONResponse:
        return JSONResponse((await gateway.history(token)).shown())

    @router.get("/{token}/events")
    async def events(
        token: str,
        after: Annotated[int | None, Query(ge=0, le=MOST)] = None,
        last_event_id: Annotated[int | None, Header(ge=0, le=MOST)] = None,
    ) -> StreamingResponse:
        turn = await gateway.history(token)  # 404 before the stream begins
        start_at = last_event_id if last_event_id is not None else after
        if start_at is None:
            start_at = turn.messages[-1].id if turn.messages else 0
        return StreamingResponse(stream(gateway, token, start_at), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    return router
