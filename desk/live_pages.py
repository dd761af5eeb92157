"""Server-sent events of the desk: what is new in a list, who has a message open. The database is asked: agents work in several processes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from desk import lists, presence
from desk.model import read_filter
from desk.pages import Desk, Live
from people.rights import Right


def build_router(desk: Desk) -> APIRouter:
    """Streams for the list and for one message."""
    router = APIRouter(prefix="/console", dependencies=[Depends(desk.guard.require(Right.READ_MESSAGES))])

    @router.get("/evenements")
    async def of_list(request: Request, depuis: int = 0) -> Response:
        wanted, reader, after = read_filter(request.query_params), desk.reader(request), max(0, min(depuis, 2**31 - 1))

        def look() -> dict[str, object]:
            with desk.sessions() as session:
                counted = lists.counts(session, reader.agent_id, desk.local_clock().date())
                return {
                    "nouveaux": lists.newer(session, wanted, reader, after),
                    "files": dict(counted.queues),
                    "vues": {"tous": counted.all, "moi": counted.mine, "personne": counted.nobodys, "retard": counted.late},
                    "ouverts": presence.everywhere(session, reader.agent_id, desk.local_clock()),
                }

        return _stream(look, desk.live)

    @router.get("/messages/{reference}/evenements")
    async def of_message(request: Request, reference: str, repond: bool = False) -> Response:
        """Also the sign that this agent has the message open, and still answers it (`repond`)."""
        agent = request.state.agent

        def there() -> None:
            with desk.sessions() as session:
                desk.item(session, reference)

        await run_in_threadpool(there)

        def look() -> dict[str, object]:
            now = desk.local_clock()
            with desk.sessions.begin() as session:
                item = desk.item(session, reference)
                presence.look_at(session, item.id, agent, now)
                held = presence.lease(session, item.id, now)
                if repond and held and held.agent_id == agent.id:
                    held = presence.begin_answer(session, item.id, agent, now)
                return {
                    "ouverts": presence.others(session, [item.id], agent.id, now).get(item.id, []),
                    "repond": held.agent_name if held and held.agent_id != agent.id else "",
                    "etat": item.status,
                }

        return _stream(look, desk.live)

    return router


def _stream(look: Callable[[], dict[str, object]], live: Live) -> Response:
    return StreamingResponse(told(look, live), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def told(look: Callable[[], dict[str, object]], live: Live) -> AsyncIterator[str]:
    """What `look` gives, each time that it changes."""
    known: dict[str, object] | None = None
    yield "retry: 2000\n\n"
    for _ in range(live.looks):
        found = await run_in_threadpool(look)
        yield f"event: etat\ndata: {json.dumps(found, ensure_ascii=False)}\n\n" if found != known else ": vivant\n\n"
        known = found
        await asyncio.sleep(live.seconds)
