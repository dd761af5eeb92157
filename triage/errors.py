"""What can go wrong with a mail. A docstring is the message shown."""


class UnreadableMail(ValueError):
    """Ce message ne peut pas être lu ; ses octets sont conservés en quarantaine."""


class ModelMissing(RuntimeError):
    """Le modèle de tri n'est pas entraîné. Lancez : ecoute train triage"""


class RoutingError(ValueError):
    """La table de routage n'est pas valide."""


class MailboxLost(ConnectionError):
    """La liaison avec la boîte aux lettres est coupée."""


class MailboxRefused(RuntimeError):
    """Le serveur de la boîte aux lettres a refusé l'opération."""


class MailGone(LookupError):
    """Ce message n'est plus dans la boîte."""
