"""`/console/conversations`: who waits, who is being answered, and the exchange with one visitor."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker
from starlette.concurrency import run_in_threadpool

from conversations import presence, store
from conversations.forms import EMAIL, MOST_TEXT
from conversations.model import Author, Conversation, transcript
from conversations.speaking import Impossible, State
from conversations.switchboard import Switchboard
from desk import words
from history.store import note_reading
from people.rights import Guard, Right
from triage.model import Channel, Kept, Letter

HOME = "/console/conversations"
POLL_SECONDS = 1.0
LOOKS = 300
EMPTY = "Votre réponse est vide. Écrivez-la, puis envoyez-la."
WRONG_EMAIL = "Vérifiez l'adresse e-mail. Elle doit ressembler à nom@exemple.fr."


class Agent(Protocol):
    """Who signed in."""

    id: int
    name: str


def _may_read(conversation: Conversation, agent: Agent) -> bool:
    """What a visitor says to the assistant alone is read by nobody: an agent reads what waits for one, and what was given to this one."""
    return conversation.state is State.WAITING or conversation.agent_id == agent.id


def build_router(
    guard: Guard,
    sessions: sessionmaker[Session],
    templates: Jinja2Templates,
    switchboard: Switchboard,
    receive: Callable[[Letter], Kept],
    local_clock: Callable[[], datetime],
) -> APIRouter:
    """`guard` lets in those who answer; `receive` keeps a letter in the queues; `local_clock` gives the time where the agents work."""
    router = APIRouter(prefix=HOME, dependencies=[Depends(guard.require(Right.CONVERSATIONS))])

    def opened(session: Session, conversation_id: str, agent: Agent) -> Conversation:
        """The conversation, when this agent may read it: one that waits for an agent, or that this agent has or had."""
        found = store.get(session, conversation_id)
        if found is None or not _may_read(found, agent):
            raise HTTPException(404)
        return found

    @router.get("")
    def all_of_them(request: Request) -> Response:
        agent: Agent = request.state.agent
        with sessions.begin() as session:
            presence.hear_of(session, agent.id, local_clock())
            found = store.live(session)
            told = {
                "waiting": [one for one in found if one.state is State.WAITING],
                "mine": [one for one in found if one.state is State.AGENT and one.agent_id == agent.id],
                "others": sum(one.state is State.AGENT and one.agent_id != agent.id for one in found),
                "openings": store.last_words(session, [one.id for one in found]),
                "available": presence.is_available(session, agent.id),
                "is_open": switchboard.is_open(),
                "now": local_clock(),
                "words": words,
            }
        return templates.TemplateResponse(request, "desk_chats.html", told)

    @router.post("/presence")
    def declare(request: Request, disponible: Annotated[bool, Form()] = False) -> Response:
        with sessions.begin() as session:
            # Said outside the hours, it is meant: the page says that they are off.
            presence.declare(
                session, request.state.agent.id, disponible, local_clock(), after_hours=disponible and not switchboard.is_open()
            )
        return RedirectResponse(HOME, 303)

    @router.get("/etat")
    def state(request: Request) -> JSONResponse:
        """How many wait, and in how many of one's own the visitor wrote last. Asked by every page of the console: a sign of presence too."""
        agent: Agent = request.state.agent
        with sessions.begin() as session:
            presence.hear_of(session, agent.id, local_clock())
            found = store.live(session)
        mine = [one for one in found if one.state is State.AGENT and one.agent_id == agent.id]
        return JSONResponse(
            {"waiting": len([one for one in found if one.state is State.WAITING]), "unanswered": sum(map(words.unanswered, mine))}
        )

    @router.get("/{conversation_id}")
    def one(request: Request, conversation_id: str) -> Response:
        return _page(request, conversation_id)

    def _page(request: Request, conversation_id: str, status: int = 200, **told: object) -> Response:
        with sessions.begin() as session:
            presence.hear_of(session, request.state.agent.id, local_clock())
            found = opened(session, conversation_id, request.state.agent)
            messages = store.history(session, conversation_id)
            note_reading(session, request.state.agent, f"conversation {conversation_id}", at=local_clock())
        facts = {"conversation": found, "messages": messages, "words": words, "now": local_clock(), **told}
        return templates.TemplateResponse(request, "desk_chat.html", facts, status_code=status)

    @router.post("/{conversation_id}/prendre")
    def take(request: Request, conversation_id: str) -> Response:
        agent: Agent = request.state.agent
        return _change(request, conversation_id, lambda session: switchboard.take(session, conversation_id, agent.id, agent.name))

    @router.post("/{conversation_id}/reponse")
    def reply(request: Request, conversation_id: str, texte: Annotated[str, Form()] = "") -> Response:
        agent: Agent = request.state.agent
        text = texte.replace("\x00", "").replace("\r\n", "\n").strip()[:MOST_TEXT]
        if not text:
            return _page(request, conversation_id, 422, error=EMPTY)
        return _change(
            request, conversation_id, lambda session: switchboard.reply(session, conversation_id, agent.id, agent.name, text), draft=text
        )

    @router.post("/{conversation_id}/rendre")
    def give_back(request: Request, conversation_id: str) -> Response:
        return _change(request, conversation_id, lambda session: switchboard.give_back(session, conversation_id), HOME)

    @router.post("/{conversation_id}/terminer")
    def end(request: Request, conversation_id: str) -> Response:
        return _change(request, conversation_id, lambda session: switchboard.end(session, conversation_id), HOME)

    def _change(
        request: Request, conversation_id: str, work: Callable[[Session], object], then: str | None = None, draft: str = ""
    ) -> Response:
        try:
            with sessions.begin() as session:
                opened(session, conversation_id, request.state.agent)
                work(session)
        except Impossible as error:
            return _page(request, conversation_id, 409, error=str(error), draft=draft)
        return RedirectResponse(then or f"{HOME}/{conversation_id}", 303)

    @router.post("/{conversation_id}/message")
    def to_item(
        request: Request, conversation_id: str, note: Annotated[str, Form()] = "", courriel: Annotated[str, Form()] = ""
    ) -> Response:
        email = " ".join(courriel.split())
        if email and not EMAIL.fullmatch(email):
            return _page(request, conversation_id, 422, error=WRONG_EMAIL, note=note)
        with sessions() as session:
            opened(session, conversation_id, request.state.agent)
            messages = store.history(session, conversation_id)
        said_by = "\n\n".join(message.words() for message in messages if message.author is Author.USER)
        text = note.replace("\x00", "").strip() or said_by or "Conversation sans message."
        kept = receive(Letter("", email, "Suite d'une conversation", text, transcript(messages), Channel.CHAT))
        return RedirectResponse(f"/console/messages/{kept.reference}", 303)

    @router.post("/{conversation_id}/ecrit", status_code=204)
    def typing(request: Request, conversation_id: str) -> Response:
        with sessions.begin() as session:
            opened(session, conversation_id, request.state.agent)
            store.note_typing(session, conversation_id, Author.AGENT, local_clock())
        return Response(status_code=204)

    def _look(conversation_id: str, after: int, agent: Agent) -> tuple[list[dict[str, object]], int, dict[str, object]] | None:
        with sessions.begin() as session:
            presence.hear_of(session, agent.id, local_clock())
            found = store.get(session, conversation_id)
            if found is None or not _may_read(found, agent):
                return None
            messages = store.history(session, conversation_id, after)
            told: list[dict[str, object]] = [
                {
                    "id": m.id,
                    "author": m.author.value,
                    "who": words.AUTHORS[m.author.value],
                    "text": m.words(),
                    "at": words.clock(m.at, local_clock()),
                }
                for m in messages
            ]
            typing = store.is_typing(session, conversation_id, Author.USER, local_clock())
            return told, (messages[-1].id if messages else after), {"state": found.state.value, "typing": typing}

    @router.get("/{conversation_id}/evenements")
    async def events(request: Request, conversation_id: str, after: int = 0) -> Response:
        agent: Agent = request.state.agent

        def check() -> None:
            with sessions.begin() as session:
                opened(session, conversation_id, agent)
                note_reading(session, agent, f"conversation {conversation_id}", at=local_clock())

        await run_in_threadpool(check)

        async def told() -> AsyncIterator[str]:
            seen, known = after, None
            yield "retry: 1000\n\n"
            # Ends now and then: the browser asks again, and is let in again only if the agent still may.
            for _ in range(LOOKS):
                look = await run_in_threadpool(_look, conversation_id, seen, agent)
                if look is None:
                    return
                messages, seen, state = look
                for message in messages:
                    yield f"event: message\ndata: {json.dumps(message, ensure_ascii=False)}\n\n"
                if state != known:
                    known = state
                    yield f"event: state\ndata: {json.dumps(state)}\n\n"
                elif not messages:
                    yield ": vivant\n\n"
                await asyncio.sleep(POLL_SECONDS)

        return StreamingResponse(told(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    return router
