"""The rasa-sdk side: from Rasa's tracker to a turn, and from a reply to Rasa's events. No failure leaves the person without a word."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.conversing import converse
from bot.actions.services import Services
from bot.actions.turn import UNKNOWN, Answering, Entity, Reply, Turn
from bot.actions.written_answers import broken_down

log = logging.getLogger(__name__)

DOUBT, NEAR = 0.6, 0.5
"""Under `DOUBT`, a runner-up with `NEAR` of the first's probability is asked about: the first is then right less than once in two, one of both
four times in five (bench/nlu_thresholds.py, on writers left out)."""


class RegionAction(Action):  # type: ignore[misc]
    """An action of the domain: its name and how it answers."""

    def __init__(self, name: str, answering: Answering, services: Services) -> None:
        self._name, self._answering, self._services = name, answering, services

    def name(self) -> str:
        return self._name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        # Database and mail block: other conversations must not wait for them.
        reply = await asyncio.to_thread(self._reply, tracker)
        for message in reply.messages:
            dispatcher.utter_message(json_message=message)
        return [SlotSet(slot, value) for slot, value in reply.slots.items()]

    def _reply(self, tracker: Tracker) -> Reply:
        try:
            return converse(read_turn(tracker), self._services, self._answering)
        except Exception as error:
            # Neither the message nor the error's text is logged: both may hold private data.
            log.error("%s a échoué : %s", self._name, type(error).__name__)
            return broken_down(self._services)


def read_turn(tracker: Tracker) -> Turn:
    """What Rasa understood of the last message."""
    latest = tracker.latest_message
    ranking = latest.get("intent_ranking") or ()
    intent = (latest.get("intent") or {}).get("name") or UNKNOWN
    second = next((str(name) for name in latest.get("questions") or () if name != intent), None)
    return Turn(
        conversation=tracker.sender_id,
        text=latest.get("text") or "",
        intent=intent,
        # Doubtful ones too: a name left aside would have the question answered for another aid, the one spoken of before.
        entities=tuple(Entity(entity["entity"], str(entity["value"])) for entity in latest.get("entities") or ()),
        slots=tracker.slots,
        sure=float((latest.get("intent") or {}).get("confidence") or 0.0),
        second=second,
        close=() if second else close_intents(ranking),
        before=_said_before(tracker.events),
    )


def _said_before(events: Sequence[Mapping[str, Any]]) -> str:
    said = [str(event.get("text") or "") for event in events if event.get("event") == "user"]
    return said[-2] if len(said) > 1 else ""


def close_intents(ranking: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The two likeliest intents, when neither stands out and the third is far."""
    if len(ranking) < 2 or UNKNOWN in (ranking[0]["name"], ranking[1]["name"]):
        return ()
    first, second = float(ranking[0]["confidence"]), float(ranking[1]["confidence"])
    return (str(ranking[0]["name"]), str(ranking[1]["name"])) if first < DOUBT and second >= first * NEAR else ()
