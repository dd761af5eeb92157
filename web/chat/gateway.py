"""Carries messages between a visitor and who answers: the assistant, or an agent."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy.orm import Session, sessionmaker
from starlette.concurrency import run_in_threadpool

import quality.survey
from answers.book import AnswerBook
from conversations import store
from conversations.forms import EMAIL, Form, Left, opinion_form, read_left, read_rated, survey_form
from conversations.model import Author, Content, Conversation, Message, transcript
from conversations.speaking import SPEAKERS, Event, Speaker, State
from conversations.switchboard import ASK_AGENT, BACK, CHOICE_AGENT, LEAVE_MESSAGE, Switchboard, last_written, said
from language.danger import find_danger
from language.dates import in_words
from language.private import MASK, mask_secrets
from triage.model import Channel, Kept, Letter
from web.chat import model
from web.chat.errors import RasaSilent, UnknownConversation
from web.chat.model import ERASE, MINUTE, Limits, check, clean
from web.chat.rasa import Rasa

log = logging.getLogger(__name__)

SUBJECTS = {Form.MESSAGE: "Message laissé dans la conversation", Form.OPINION: "Avis laissé dans la conversation"}
ERASED = "erased"
FEW_WORDS = 4
"""Words beside a masked number that make no question."""


@dataclass(frozen=True)
class Turn:
    """Messages, who speaks, and where the conversation stands ("erased": it is no more). `typing`: whether the agent is typing."""

    messages: list[Message]
    speaker: Speaker
    state: str
    typing: bool = False

    def shown(self) -> dict[str, object]:
        told = {"messages": [message.shown() for message in self.messages], "speaker": self.speaker.value, "state": self.state}
        return told | ({"typing": True} if self.typing else {})


class Gateway:
    """One for the whole application: it lets one message of a conversation through at a time.

    `receive` keeps a letter for the agents; `forget(conversation_id)` erases Rasa's copy of a conversation.
    """

    def __init__(
        self,
        sessions: sessionmaker[Session],
        rasa: Rasa,
        answers: AnswerBook,
        switchboard: Switchboard,
        receive: Callable[[Letter], Kept],
        forget: Callable[[str], None],
        clock: Callable[[], datetime],
        limits: Limits,
    ) -> None:
        self._sessions, self._rasa, self._answers, self._switchboard = sessions, rasa, answers, switchboard
        self._receive, self._forget, self._clock = receive, forget, clock
        self.limits = limits
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def start(self) -> str:
        """Token of a new conversation."""
        return await run_in_threadpool(self._start)

    async def say(self, token: str, text: str) -> Turn:
        """Answers to `text`. Raises UnknownConversation or MessageRefused."""
        async with self._lock(token):
            cleaned = clean(text)
            if cleaned == ERASE:
                return await self.erase(token)
            masked = mask_secrets(cleaned)
            conversation_id, turn = await run_in_threadpool(self._before_rasa, token, masked, masked != cleaned)
            if turn:
                return turn
            if masked != cleaned and len(re.findall(r"\w+", masked.replace(MASK, ""))) <= FEW_WORDS:
                return await run_in_threadpool(self._keep, conversation_id, Author.SYSTEM, [], True)
            author, contents = await self._answer(conversation_id, masked)
            return await run_in_threadpool(self._keep, conversation_id, author, contents, masked != cleaned)

    async def submit(self, token: str, form: Form, values: Mapping[str, Any]) -> Turn:
        """Takes the values of a form. Raises UnknownConversation or FormRefused."""
        async with self._lock(token):
            return await run_in_threadpool(self._submit, token, form, values)

    async def history(self, token: str, after: int = 0) -> Turn:
        """What was said after message number `after`. Raises UnknownConversation."""
        return await run_in_threadpool(self._history, token, after)

    async def hear_of(self, token: str, typing: bool = False) -> None:
        """The visitor's page is open; `typing`: something is being written. Raises UnknownConversation."""
        await run_in_threadpool(self._hear_of, token, typing)

    async def erase(self, token: str) -> Turn:
        """Erases every word of the conversation, here and at Rasa. Raises UnknownConversation."""
        return await run_in_threadpool(self._erase, token)

    async def sweep(self) -> None:
        """Makes happen what time has brought to conversations."""
        await run_in_threadpool(self._sweep)

    def _lock(self, token: str) -> asyncio.Lock:
        return self._locks.setdefault(token, asyncio.Lock())

    async def _answer(self, conversation_id: str, text: str) -> tuple[Author, list[Content]]:
        try:
            return Author.BOT, await self._rasa.reply(conversation_id, text)
        except RasaSilent as error:
            log.error("Rasa n'a pas répondu : %s", error)
            return Author.SYSTEM, said(self._answers, "panne", [CHOICE_AGENT])

    def _start(self) -> str:
        with self._sessions.begin() as session:
            return store.start(session, self._clock())

    def _before_rasa(self, token: str, text: str, masked: bool) -> tuple[str, Turn | None]:
        """Keeps what is written; gives the conversation's id, and the answer when it is not for Rasa to give."""
        conversation_id, state = self._hear(token, text)
        if state in (State.AGENT, State.WAITING):
            return conversation_id, self._to_person(conversation_id, text, masked)
        return conversation_id, self._without_rasa(conversation_id, text)

    def _hear(self, token: str, text: str) -> tuple[str, State]:
        now = self._clock()
        with self._sessions.begin() as session:
            conversation = _known(session, token)
            recent, in_all = store.count_said(session, conversation.id, now - MINUTE)
            check(text, recent, in_all, self.limits)
            store.add(session, conversation.id, Author.USER, {"type": "text", "text": text}, now)
            if conversation.state is State.CLOSED:
                return conversation.id, store.step(session, conversation.id, Event.WROTE, now)
            return conversation.id, conversation.state

    def _to_person(self, conversation_id: str, text: str, masked: bool) -> Turn:
        """A person has the conversation, or soon will: what is written is kept for that person, and the assistant is silent."""
        with self._sessions.begin() as session:
            found = store.get(session, conversation_id)
            messages = self._notes(session, conversation_id, masked)
            if found and text in (BACK, LEAVE_MESSAGE) and found.state in (State.WAITING, State.AGENT):
                messages += self._switchboard.leave(session, conversation_id, text == LEAVE_MESSAGE)
            elif found and found.state is State.WAITING:
                danger = find_danger(text)
                # Where help is cannot wait for an agent.
                contents = said(self._answers, danger.value) if danger else []
                messages += [store.add(session, conversation_id, Author.SYSTEM, content, self._clock()) for content in contents]
                messages += self._switchboard.still_waiting(session, found)
            return self._turn(session, conversation_id, messages)

    def _without_rasa(self, conversation_id: str, text: str) -> Turn | None:
        """What is answered without Rasa, and so even when it is out of order: a person asked for by a button, an address for a message."""
        email = EMAIL.search(text)
        if not email and text not in (ASK_AGENT, LEAVE_MESSAGE, BACK):
            return None  # nearly every message: the database need not be asked
        with self._sessions.begin() as session:
            if text == ASK_AGENT:
                return self._turn(session, conversation_id, self._switchboard.ask(session, conversation_id, "demande"))
            if text == LEAVE_MESSAGE:
                return self._turn(session, conversation_id, self._switchboard.offer_message(session, conversation_id, "laisser_message"))
            if text == BACK:
                contents = said(self._answers, "retour_assistant")
                return self._turn(session, conversation_id, self._add_all(session, conversation_id, Author.SYSTEM, contents))
            messages = store.history(session, conversation_id)
        if not email or not _form_waits(messages):
            return None
        # The form may be answered in the text: the address is what was missing.
        return self._leave(conversation_id, Form.MESSAGE, Left(last_written(messages), email.group(), attach=True))

    def _submit(self, token: str, form: Form, values: Mapping[str, Any]) -> Turn:
        with self._sessions() as session:
            conversation_id = _known(session, token).id
        if form is not Form.SURVEY:
            return self._leave(conversation_id, form, read_left(form, values), say=True)
        rated = read_rated(values)
        with self._sessions.begin() as session:
            found = store.get(session, conversation_id)
            # One answer counts for each time that the questions are put.
            if store.mark_answered(session, conversation_id, form.value):
                quality.survey.add(session, rated.satisfaction, rated.comprehension, bool(found and found.agent_id), self._clock().date())
            contents = said(self._answers, "satisfaction_prise")
            return self._turn(session, conversation_id, self._add_all(session, conversation_id, Author.SYSTEM, contents))

    def _leave(self, conversation_id: str, form: Form, left: Left, say: bool = False) -> Turn:
        """Gives a message or an opinion to the agents, and its reference to the visitor. `say`: its text is not in the conversation yet."""
        text = mask_secrets(left.text)
        with self._sessions() as session:
            context = transcript(store.history(session, conversation_id)) if left.attach else ""
        kept = self._receive(Letter(left.name, left.email, SUBJECTS[form], text, context, Channel.CHAT))
        answer_by = f", au plus tard le {in_words(kept.due_on, weekday=True)}" if kept.due_on else ""
        key = "message_pris" if form is Form.MESSAGE else "avis_pris"
        with self._sessions.begin() as session:
            found = store.get(session, conversation_id)
            if found and found.state is State.WAITING:
                store.step(session, conversation_id, Event.LEFT, self._clock())
            if say:
                store.add(session, conversation_id, Author.USER, {"type": "text", "text": text}, self._clock())
            store.mark_answered(session, conversation_id, form.value)
            contents = said(self._answers, key, reference=kept.reference, answer_by=answer_by)
            return self._turn(session, conversation_id, self._add_all(session, conversation_id, Author.SYSTEM, contents))

    def _keep(self, conversation_id: str, author: Author, contents: list[Content], masked: bool) -> Turn:
        with self._sessions.begin() as session:
            messages = self._notes(session, conversation_id, masked)
            for commands, part in groupby(contents, lambda content: content["type"] in model.COMMANDS):
                if commands:
                    messages += [message for content in part for message in self._obey(session, conversation_id, author, content)]
                else:
                    messages += self._add_all(session, conversation_id, author, list(part))
            turn = self._turn(session, conversation_id, messages)
            return Turn(turn.messages, Speaker.SYSTEM, turn.state) if author is Author.SYSTEM else turn

    def _obey(self, session: Session, conversation_id: str, author: Author, content: Content) -> list[Message]:
        """A command of the assistant becomes what it asks for."""
        match content["type"]:
            case model.HANDOVER:
                return self._switchboard.ask(session, conversation_id, str(content.get("reason") or "demande")[:20])
            case model.OPINION:
                content = opinion_form(str(content.get("text") or ""))
            case model.SURVEY:
                # Once is enough: goodbyes may be many.
                if any(message.content.get("name") == Form.SURVEY.value for message in store.history(session, conversation_id)):
                    return []
                content = survey_form()
        return self._add_all(session, conversation_id, author, [content])

    def _notes(self, session: Session, conversation_id: str, masked: bool) -> list[Message]:
        return self._add_all(session, conversation_id, Author.SYSTEM, said(self._answers, "donnee_masquee") if masked else [])

    def _add_all(self, session: Session, conversation_id: str, author: Author, contents: list[Content]) -> list[Message]:
        return store.add_all(session, conversation_id, author, contents, self._clock())

    def _turn(self, session: Session, conversation_id: str, messages: list[Message]) -> Turn:
        found = store.get(session, conversation_id)
        state = found.state if found else State.BOT
        typing = state is State.AGENT and store.is_typing(session, conversation_id, Author.AGENT, self._clock())
        return Turn(messages, SPEAKERS[state], state.value, typing)

    def _history(self, token: str, after: int) -> Turn:
        with self._sessions() as session:
            conversation = _known(session, token)
            return self._turn(session, conversation.id, store.history(session, conversation.id, after))

    def _hear_of(self, token: str, typing: bool) -> None:
        with self._sessions.begin() as session:
            conversation = _known(session, token)
            store.hear_of_visitor(session, conversation.id, self._clock())
            if typing:
                store.note_typing(session, conversation.id, Author.USER, self._clock())

    def _erase(self, token: str) -> Turn:
        with self._sessions.begin() as session:
            conversation = _known(session, token)
            store.erase(session, conversation.id)
        self._forget(conversation.id)
        now = self._clock()
        contents = said(self._answers, "conversation_effacee")
        return Turn([Message(0, Author.SYSTEM, content, now) for content in contents], Speaker.SYSTEM, ERASED)

    def _sweep(self) -> None:
        with self._sessions.begin() as session:
            self._switchboard.sweep(session)


def _known(session: Session, token: str) -> Conversation:
    conversation = store.find(session, token)
    if conversation is None:
        raise UnknownConversation(UnknownConversation.__doc__)
    return conversation


def _form_waits(messages: list[Message]) -> bool:
    """Whether the last thing said to the visitor was the form for a message."""
    told = [message.content for message in messages if message.author is not Author.USER]
    return bool(told) and told[-1].get("name") == Form.MESSAGE.value and not told[-1].get("answered")
