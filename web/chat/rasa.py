"""Rasa's REST channel."""

import httpx

from conversations.model import Content
from web.chat.errors import RasaSilent
from web.chat.model import from_rasa


class Rasa:
    """Talks to the Rasa server at `url`. `transport`: another way than the network."""

    def __init__(self, url: str, seconds: float, transport: httpx.AsyncBaseTransport | None = None) -> None:
        # Rasa stands on loopback: proxies of the environment must not be asked for it.
        self._client = httpx.AsyncClient(base_url=url, timeout=seconds, transport=transport, trust_env=False)

    async def reply(self, conversation_id: str, text: str) -> list[Content]:
        """What the bot says to `text`. Raises RasaSilent on an error, a time-out or an empty answer.

        The channel swallows exceptions and answers 200 with an empty list: silence is a failure.
        """
        try:
            response = await self._client.post("/webhooks/rest/webhook", json={"sender": conversation_id, "message": text})
            replies = response.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise RasaSilent(repr(error)) from error
        messages = [m for reply in replies if isinstance(reply, dict) for m in from_rasa(reply)] if isinstance(replies, list) else []
        if not messages:
            raise RasaSilent("réponse vide")
        return messages

    async def close(self) -> None:
        await self._client.aclose()
