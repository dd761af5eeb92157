"""Who speaks in a conversation: the state machine, and what time brings."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.speaking import NEXT, Event, Impossible, Moments, Patience, State, after, due

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
PATIENCE = Patience()
MINUTE = timedelta(minutes=1)


def ago(minutes: float) -> datetime:
    return NOW - minutes * MINUTE


def test_every_other_event_is_refused() -> None:
    for state in State:
        for event in Event:
            if (state, event) in NEXT:
                assert after(state, event) in State
            else:
                with pytest.raises(Impossible):
                    after(state, event)


@given(st.lists(st.sampled_from(Event)))
def test_the_assistant_speaks_again_whatever_happened(events: list[Event]) -> None:
    """No state is a dead end: time and the visitor's next message always bring an answer."""
    state = State.BOT
    for event in events:
        state = NEXT.get((state, event), state)
    for event in (Event.AGENT_LOST, Event.WAITED_OUT, Event.WROTE):
        state = NEXT.get((state, event), state)
    assert state is State.BOT


@pytest.mark.parametrize(
    ("moments", "someone", "event"),
    [
        (Moments(State.BOT), True, None),
        (Moments(State.CLOSED, wrote_at=ago(300)), True, None),
        (Moments(State.WAITING, waiting_since=ago(1)), True, None),
        (Moments(State.WAITING, waiting_since=ago(1)), False, Event.WAITED_OUT),
        (Moments(State.WAITING, waiting_since=ago(5)), True, Event.WAITED_OUT),
        (Moments(State.AGENT, taken_at=ago(2), wrote_at=ago(3), agent_seen_at=ago(0.1)), True, None),
        (Moments(State.AGENT, taken_at=ago(2), wrote_at=ago(1), agent_seen_at=ago(2)), True, Event.AGENT_LOST),
        (Moments(State.AGENT, taken_at=ago(2), wrote_at=ago(1)), True, Event.AGENT_LOST),
        # Taken and never answered; then answered, then written again and not answered.
        (Moments(State.AGENT, taken_at=ago(11), wrote_at=ago(20), agent_seen_at=ago(0)), True, Event.AGENT_LOST),
        (Moments(State.AGENT, taken_at=ago(40), wrote_at=ago(11), answered_at=ago(15), agent_seen_at=ago(0)), True, Event.AGENT_LOST),
        (Moments(State.AGENT, taken_at=ago(40), wrote_at=ago(15), answered_at=ago(11), agent_seen_at=ago(0)), True, None),
        (Moments(State.AGENT, taken_at=ago(60), wrote_at=ago(40), answered_at=ago(31), agent_seen_at=ago(0)), True, Event.VISITOR_LOST),
    ],
)
def test_what_time_brings(moments: Moments, someone: bool, event: Event | None) -> None:
    assert due(moments, someone, NOW, PATIENCE) is event


MOMENT = st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(hours=3)).map(lambda back: NOW - back))


@given(st.builds(Moments, st.sampled_from(State), MOMENT, MOMENT, MOMENT, MOMENT, MOMENT), st.booleans())
def test_what_time_brings_can_always_happen(moments: Moments, someone: bool) -> None:
    event = due(moments, someone, NOW, PATIENCE)
    if event:
        after(moments.state, event)


@given(st.builds(Moments, st.sampled_from([State.WAITING, State.AGENT]), MOMENT, MOMENT, MOMENT, MOMENT, MOMENT), st.booleans())
def test_nobody_is_left_for_ever(moments: Moments, someone: bool) -> None:
    assert due(moments, someone, NOW + timedelta(hours=4), PATIENCE)
