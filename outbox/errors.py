"""What can go wrong when a mail is sent. A docstring is the message shown; the text given says more, for the agent who wrote the mail."""


class NotSent(Exception):
    """Ce courriel n'est pas parti."""

    def __init__(self, found: str = "") -> None:
        super().__init__(found or type(self).__doc__)


class ServerAway(NotSent):
    """Le serveur d'envoi n'est pas joignable ; l'envoi sera tenté à nouveau."""


class RefusedForNow(NotSent):
    """Le courriel est refusé pour le moment ; l'envoi sera tenté à nouveau."""


class RefusedForGood(NotSent):
    """Le courriel est refusé. Vérifiez l'adresse, ou joignez la personne autrement."""


class CannotCompose(RefusedForGood):
    """Ce courriel ne peut pas être écrit. Vérifiez l'adresse du destinataire."""
