"""What can go wrong in a conversation. A docstring is the message shown."""


class UnknownConversation(LookupError):
    """Cette conversation n'existe pas ou a été effacée. Commencez-en une nouvelle."""


class MessageRefused(ValueError):
    """A message that is not taken. `status`: HTTP status; the text is for the person who wrote the message."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class RasaSilent(RuntimeError):
    """L'assistant n'a pas répondu."""
