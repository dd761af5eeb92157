"""What can go wrong with a mail. A docstring is the message shown."""


class UnreadableMail(ValueError):
    """Ce message ne peut pas être lu ; ses octets sont conservés en quarantaine."""


class ModelMissing(RuntimeError):
    """Le modèle de tri n'est pas entraîné. Lancez : ecoute train triage"""


class UnknownVersion(LookupError):
    """Cette version du modèle n'existe pas. Lancez : ecoute models list"""


class NothingToReturnTo(LookupError):
    """Le modèle en service n'a remplacé aucun autre : il n'y a pas de retour possible."""


class TrainingRuns(RuntimeError):
    """Un entraînement est déjà en cours. Attendez sa fin."""


class TooFewCorrections(ValueError):
    """Il y a trop peu de corrections pour entraîner un autre modèle."""


class RoutingError(ValueError):
    """La table de routage n'est pas valide."""


class MailboxLost(ConnectionError):
    """La liaison avec la boîte aux lettres est coupée."""


class MailboxRefused(RuntimeError):
    """Le serveur de la boîte aux lettres a refusé l'opération."""


class MailGone(LookupError):
    """Ce message n'est plus dans la boîte."""
