"""What a conversation is made of. Pure.

A message is a JSON object with a `type`:
- text: `text`
- choices: `text`, `choices` [{`label`, `message`}]: buttons; pressing one sends its message
- link: `label`, `url`
- form: `name`, `text`, `submit`, `fields` [{`name`, `label`, `kind`: text|email|textarea|checkbox|radio, `required`, `value`, `hint`,
  `options` [{`label`, `value`}]}], `answered`: its values are sent to the form of that name, once
- card: `title`, `purpose`, `facts` [{`label`, `value`}], `steps` [{`label`, `state`: done|current|todo}], `details` [{`label`, `text` | `items`, `open`}],
  `links` [{`label`, `url`}], `source` {`label`, `url`}, `checked`, `notice`; only the title is needed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from conversations.speaking import State

Content = dict[str, Any]

TYPES = frozenset({"text", "choices", "card", "link", "form"})


class Author(StrEnum):
    """Who wrote a message."""

    USER = "user"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True)
class Conversation:
    """A conversation known by its internal id, never by its token.

    `agent_id`: the agent who has it, or had it last; `reason`: why a person was asked for; `wrote_at`: when the visitor wrote last;
    `seen_at`: when the visitor's page was last heard of; `answered_at`: when the agent wrote last.
    """

    id: str
    state: State
    agent_id: int | None = None
    reason: str | None = None
    waiting_since: datetime | None = None
    taken_at: datetime | None = None
    wrote_at: datetime | None = None
    answered_at: datetime | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True)
class Message:
    """A message kept in a conversation. Ids grow with time. `name`: of the agent who wrote it."""

    id: int
    author: Author
    content: Content
    at: datetime

    def shown(self) -> Content:
        """The message as the widget reads it."""
        return {**self.content, "id": self.id, "author": self.author.value, "at": self.at.isoformat()}

    def words(self) -> str:
        """The message as plain text, for a transcript."""
        content = self.content
        match content.get("type"):
            case "link":
                return f"{content.get('label', '')} : {content.get('url', '')}"
            case "card":
                facts = [f"{fact.get('label')} : {fact.get('value')}" for fact in content.get("facts") or ()]
                return "\n".join(filter(None, [str(content.get("title", "")), str(content.get("purpose") or ""), *facts]))
            case "choices":
                labels = " / ".join(str(choice.get("label")) for choice in content.get("choices") or ())
                return "\n".join(filter(None, [str(content.get("text") or ""), f"[{labels}]" if labels else ""]))
            case _:
                return str(content.get("text") or "")


AUTHORS = {Author.USER: "Usager", Author.BOT: "Assistant", Author.AGENT: "Agent", Author.SYSTEM: "Information"}


def transcript(messages: list[Message]) -> str:
    """What was said, one paragraph a message, for the agent who takes over."""
    return "\n\n".join(f"{AUTHORS[message.author]} : {words}" for message in messages if (words := message.words().strip()))
