"""Carries messages between a visitor and who answers: the bot, or an agent."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from weakref import WeakValueDictionary

from sqlalchemy.orm import Session, sessionmaker
from starlette.concurrency import run_in_threadpool

from answers.book import AnswerBook
from web.chat import store
from web.chat.errors import RasaSilent, UnknownConversation
from web.chat.model import MINUTE, Author, Content, Conversation, Limits, Message, Speaker, breakdown, check, clean
from web.chat.rasa import Rasa

log = logging.getLogger(__name__)

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Turn:
    """Messages, and who speaks."""

    messages: list[Message]
    speaker: Speaker

    def shown(self) -> dict[str, object]:
        return {"messages": [message.shown() for message in self.messages], "speaker": self.speaker.value}


class Gateway:
    """One for the whole application: it lets one message of a conversation through at a time."""

    def __init__(
        self, sessions: sessionmaker[Session], rasa: Rasa, answers: AnswerBook, clock: Callable[[], datetime], limits: Limits
    ) -> None:
        self._sessions, self._rasa, self._answers, self._clock = sessions, rasa, answers, clock
        self.limits = limits
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def start(self) -> str:
        """Token of a new conversation."""
        return await run_in_threadpool(self._start)

    async def say(self, token: str, text: str) -> Turn:
        """Answers to `text`. Raises UnknownConversation or MessageRefused."""
        conversation = await run_in_threadpool(self._find, token)
        lock = self._locks.setdefault(conversation.id, asyncio.Lock())
        async with lock:
            cleaned = clean(text)
            speaker = await run_in_threadpool(self._hear, token, cleaned)
            if speaker is not Speaker.BOT:
                return Turn([], speaker)
            author, contents = await self._answer(conversation.id, cleaned)
            return await run_in_threadpool(self._keep, conversation.id, author, contents)

    async def history(self, token: str, after: int = 0) -> Turn:
        """What was said after message number `after`. Raises UnknownConversation."""
        return await run_in_threadpool(self._history, token, after)

    async def _answer(self, conversation_id: str, text: str) -> tuple[Author, list[Content]]:
        try:
            return Author.BOT, await self._rasa.reply(conversation_id, text)
        except RasaSilent as error:
            log.error("Rasa n'a pas répondu : %s", error)
            return Author.SYSTEM, breakdown(self._answers.get("panne"))

    def _start(self) -> str:
        with self._sessions.begin() as session:
            return store.start(session, self._clock())

    def _find(self, token: str) -> Conversation:
        with self._sessions() as session:
            return _known(session, token)

    def _hear(self, token: str, text: str) -> Speaker:
        now = self._clock()
        with self._sessions.begin() as session:
            conversation = _known(session, token)
            recent, in_all = (store.said_since(session, conversation.id, moment) for moment in (now - MINUTE, LONG_AGO))
            check(text, recent, in_all, self.limits)
            store.add(session, conversation.id, Author.USER, {"type": "text", "text": text}, now)
            return conversation.speaker

    def _keep(self, conversation_id: str, author: Author, contents: list[Content]) -> Turn:
        with self._sessions.begin() as session:
            messages = [store.add(session, conversation_id, author, content, self._clock()) for content in contents]
            # The bot's last words may have been to give the conversation to a person.
            speaker = Speaker.SYSTEM if author is Author.SYSTEM else store.speaker(session, conversation_id)
        return Turn(messages, speaker)

    def _history(self, token: str, after: int) -> Turn:
        with self._sessions() as session:
            conversation = _known(session, token)
            return Turn(store.history(session, conversation.id, after), conversation.speaker)


def _known(session: Session, token: str) -> Conversation:
    conversation = store.find(session, token)
    if conversation is None:
        raise UnknownConversation(UnknownConversation.__doc__)
    return conversation
