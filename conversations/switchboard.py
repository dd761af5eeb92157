"""Puts visitors through to agents, and says so: each change of who speaks goes with the words that announce it."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from answers.book import AnswerBook
from conversations import presence, store
from conversations.forms import message_form, survey_form
from conversations.model import Author, Content, Conversation, Message
from conversations.speaking import Event, Impossible, Patience, State, due

ASK_AGENT = "Je veux parler à un agent"
LEAVE_MESSAGE = "Je préfère laisser un message"
BACK = "Je reviens à l'assistant"

CHOICE_LEAVE = {"label": "Laisser un message", "message": LEAVE_MESSAGE}
CHOICE_BACK = {"label": "Revenir à l'assistant", "message": BACK}
CHOICE_AGENT = {"label": "Parler à un agent", "message": ASK_AGENT}

PLAIN_WORDS = "L'assistant est en panne. Votre dernier message est resté sans réponse. Réessayez plus tard."


class Switchboard:
    """`is_open`: whether agents' hours are on; `each`: live conversations of one agent, those offered to visitors. Works inside the session of who calls, who commits."""

    def __init__(
        self,
        answers: AnswerBook,
        is_open: Callable[[], bool],
        clock: Callable[[], datetime],
        patience: Patience | None = None,
        each: int = 3,
    ) -> None:
        self._answers, self.is_open, self._clock = answers, is_open, clock
        self.patience = patience or Patience()
        self._each = each

    def someone_there(self, session: Session) -> bool:
        """Whether anybody takes conversations now."""
        return presence.present(session, self._clock(), self.patience.absent, self.is_open()) != []

    def has_room(self, session: Session) -> bool:
        """Whether one more visitor can be put through: an agent who is there has room, those who wait already counted."""
        held = Counter(found.agent_id for found in store.live(session))
        there = presence.present(session, self._clock(), self.patience.absent, self.is_open())
        return sum(max(0, self._each - held[agent]) for agent in there) > held[None]

    def ask(self, session: Session, conversation_id: str, reason: str) -> list[Message]:
        """A person is asked for: the conversation waits for one who is there; else a message can be left."""
        if self.has_room(session):
            store.step(session, conversation_id, Event.ASKED, self._clock(), reason=reason)
            return self._tell(session, conversation_id, "agent_prevenu", choices=[CHOICE_LEAVE, CHOICE_BACK])
        return self.offer_message(
            session, conversation_id, "agent_absent" if self.is_open() or self.someone_there(session) else "agent_ferme"
        )

    def offer_message(self, session: Session, conversation_id: str, key: str) -> list[Message]:
        """Says why nobody comes, and gives the form, with what the visitor last wrote in it."""
        said = self._tell(session, conversation_id, key)
        return [
            *said,
            self._add(session, conversation_id, Author.SYSTEM, message_form(last_written(store.history(session, conversation_id)))),
        ]

    def still_waiting(self, session: Session, conversation: Conversation) -> list[Message]:
        """What the visitor wrote while waiting is kept: says so, and how long it has been."""
        waited = self._clock() - (conversation.waiting_since or self._clock())
        facts = {"minutes": _minutes(int(waited.total_seconds() // 60)), "ahead": _ahead(store.ahead(session, conversation.id))}
        return self._tell(session, conversation.id, "agent_attente", choices=[CHOICE_LEAVE, CHOICE_BACK], **facts)

    def take(self, session: Session, conversation_id: str, agent_id: int, name: str) -> None:
        """The agent takes it. Raises Impossible when another already has."""
        store.step(session, conversation_id, Event.TAKEN, self._clock(), agent_id)
        self._tell(session, conversation_id, "agent_arrive", agent=name)

    def reply(self, session: Session, conversation_id: str, agent_id: int, name: str, text: str) -> Message:
        """The agent writes. Raises Impossible when the conversation is not the agent's."""
        found = store.get(session, conversation_id)
        if found is None or found.state is not State.AGENT or found.agent_id != agent_id:
            raise Impossible(Impossible.__doc__)
        return self._add(session, conversation_id, Author.AGENT, {"type": "text", "text": text, "name": name})

    def give_back(self, session: Session, conversation_id: str) -> None:
        """The agent gives it back to the assistant."""
        store.step(session, conversation_id, Event.GIVEN_BACK, self._clock())
        self._tell(session, conversation_id, "agent_rendu")

    def end(self, session: Session, conversation_id: str) -> None:
        """The agent ends the exchange: the visitor is told, and asked how it went."""
        store.step(session, conversation_id, Event.ENDED, self._clock())
        self._tell(session, conversation_id, "agent_clos")
        self._add(session, conversation_id, Author.SYSTEM, survey_form())

    def leave(self, session: Session, conversation_id: str, for_message: bool) -> list[Message]:
        """The visitor waits no more."""
        store.step(session, conversation_id, Event.LEFT, self._clock())
        if for_message:
            return self.offer_message(session, conversation_id, "laisser_message")
        return self._tell(session, conversation_id, "retour_assistant")

    def sweep(self, session: Session) -> int:
        """Makes happen what time has brought; how many conversations changed. Nobody is left waiting for nothing."""
        changed = 0
        for found in store.live(session):
            event = due(store.moments(session, found), self.someone_there(session), self._clock(), self.patience)
            if event is None:
                continue
            try:
                store.step(session, found.id, event, self._clock())
            except Impossible:
                continue  # another process was quicker
            changed += 1
            match event:
                case Event.WAITED_OUT:
                    self.offer_message(session, found.id, "agent_attendu")
                case Event.AGENT_LOST:
                    self._tell(session, found.id, "agent_parti", choices=[CHOICE_LEAVE, CHOICE_BACK])
                case _:
                    self._tell(session, found.id, "agent_clos")
        return changed

    def _tell(
        self, session: Session, conversation_id: str, key: str, choices: list[dict[str, str]] | None = None, **facts: str
    ) -> list[Message]:
        return [self._add(session, conversation_id, Author.SYSTEM, content) for content in said(self._answers, key, choices, **facts)]

    def _add(self, session: Session, conversation_id: str, author: Author, content: Content) -> Message:
        return store.add(session, conversation_id, author, content, self._clock())


def last_written(messages: list[Message]) -> str:
    """What the visitor wrote last, buttons apart: nobody should have to type it again."""
    written = [message.words() for message in messages if message.author is Author.USER]
    return "\n\n".join([words for words in written if words not in (ASK_AGENT, LEAVE_MESSAGE, BACK)][-3:])


def said(answers: AnswerBook, key: str, choices: list[dict[str, str]] | None = None, **facts: str) -> list[Content]:
    """The written answer `key` as messages, with `choices` after its own."""
    answer = answers.get(key, **facts)
    if answer is None:
        return [{"type": "choices", "text": PLAIN_WORDS, "choices": [CHOICE_AGENT]}]
    pairs: list[dict[str, Any]] = [*({"label": c.label, "message": c.message} for c in answer.choices), *(choices or ())]
    first: Content = {"type": "choices", "text": answer.text, "choices": pairs} if pairs else {"type": "text", "text": answer.text}
    return [first, *({"type": "link", "label": link.label, "url": link.url} for link in answer.links)]


def _minutes(count: int) -> str:
    return "moins d'une minute" if count < 1 else f"{count}\u00a0minute{'s' if count > 1 else ''}"


def _ahead(count: int) -> str:
    match count:
        case 0:
            return "Personne n'attend avant vous."
        case 1:
            return "Une personne attend avant vous."
        case _:
            return f"{count}\u00a0personnes attendent avant vous."
