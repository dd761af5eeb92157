"""Who speaks: the one state machine of a conversation. Pure.

The assistant answers (BOT) until a person is asked for (WAITING); an agent takes the conversation (AGENT) and the assistant is silent; the
agent ends it (CLOSED), and the assistant answers again from the visitor's next message on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Impossible(ValueError):
    """Cette action n'est plus possible : la conversation a changé entre-temps. Rechargez la page."""


class State(StrEnum):
    """Where a conversation stands."""

    BOT = "bot"
    WAITING = "waiting"
    AGENT = "agent"
    CLOSED = "closed"


class Speaker(StrEnum):
    """Who answers the visitor: the assistant, an agent, or nobody yet (the system says so)."""

    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


SPEAKERS = {State.BOT: Speaker.BOT, State.WAITING: Speaker.SYSTEM, State.AGENT: Speaker.AGENT, State.CLOSED: Speaker.BOT}


class Event(StrEnum):
    """What may happen to a conversation. Those from WAITED_OUT on come by themselves, with time."""

    ASKED = "asked"
    """A person was asked for, and one can come."""
    TAKEN = "taken"
    """An agent takes it."""
    GIVEN_BACK = "given_back"
    """The agent gives it back to the assistant."""
    ENDED = "ended"
    """The agent ends the exchange."""
    LEFT = "left"
    """The visitor prefers the assistant, or a message, to waiting or to the agent."""
    WROTE = "wrote"
    """The visitor writes again after the end."""
    WAITED_OUT = "waited_out"
    """Nobody took it in time, or nobody is there any more."""
    AGENT_LOST = "agent_lost"
    """The agent's console is closed, or the agent does not answer."""
    VISITOR_LOST = "visitor_lost"
    """The visitor has been silent for long."""


NEXT = {
    (State.BOT, Event.ASKED): State.WAITING,
    (State.CLOSED, Event.ASKED): State.WAITING,
    (State.WAITING, Event.TAKEN): State.AGENT,
    (State.WAITING, Event.LEFT): State.BOT,
    (State.WAITING, Event.WAITED_OUT): State.BOT,
    (State.AGENT, Event.GIVEN_BACK): State.BOT,
    (State.AGENT, Event.ENDED): State.CLOSED,
    (State.AGENT, Event.LEFT): State.BOT,
    (State.AGENT, Event.AGENT_LOST): State.WAITING,
    (State.AGENT, Event.VISITOR_LOST): State.CLOSED,
    (State.CLOSED, Event.WROTE): State.BOT,
}


def after(state: State, event: Event) -> State:
    """The state that follows. Raises Impossible when the event cannot happen there."""
    try:
        return NEXT[state, event]
    except KeyError:
        raise Impossible(Impossible.__doc__) from None


@dataclass(frozen=True)
class Patience:
    """After how long something happens by itself: nobody is left waiting for nothing.

    `waiting`: for an agent to take it; `unanswered`: for the agent to answer the visitor; `silent`: for the visitor to write;
    `absent`: since the agent's console was last heard of.
    """

    waiting: timedelta = timedelta(minutes=5)
    unanswered: timedelta = timedelta(minutes=10)
    silent: timedelta = timedelta(minutes=30)
    absent: timedelta = timedelta(seconds=90)


@dataclass(frozen=True)
class Moments:
    """What time is counted from in a conversation. `agent_seen_at`: when the console of its agent was last heard of."""

    state: State
    waiting_since: datetime | None = None
    taken_at: datetime | None = None
    wrote_at: datetime | None = None
    answered_at: datetime | None = None
    agent_seen_at: datetime | None = None


def due(moments: Moments, someone_there: bool, now: datetime, patience: Patience) -> Event | None:
    """What time has brought, if anything. `someone_there`: whether any agent is there to take conversations."""
    if moments.state is State.WAITING:
        waited = moments.waiting_since is None or now - moments.waiting_since >= patience.waiting
        return Event.WAITED_OUT if waited or not someone_there else None
    if moments.state is not State.AGENT:
        return None
    if moments.agent_seen_at is None or now - moments.agent_seen_at >= patience.absent:
        return Event.AGENT_LOST
    started = moments.taken_at or now
    wrote, answered = max(moments.wrote_at or started, started), max(moments.answered_at or started, started)
    # Written before the agent took it counts from there: the agent has to read first.
    if wrote >= answered and _wrote_unanswered(moments, started) and now - wrote >= patience.unanswered:
        return Event.AGENT_LOST
    return Event.VISITOR_LOST if now - max(wrote, answered) >= patience.silent else None


def _wrote_unanswered(moments: Moments, started: datetime) -> bool:
    """Whether the agent owes an answer: none was given since the conversation was taken, or the visitor wrote after it."""
    return moments.answered_at is None or moments.answered_at < started or (moments.wrote_at or started) > moments.answered_at
