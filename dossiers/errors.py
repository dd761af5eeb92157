"""What can go wrong when a file is looked for. A docstring is the message shown."""

from typing import ClassVar


class UnknownDossier(LookupError):
    """Aucun dossier ne porte ce numéro."""


class OtherProcedure(UnknownDossier):
    """Ce dossier est d'une autre démarche que celles qui sont suivies ici."""


class ProviderError(Exception):
    """Le dossier n'a pas pu être lu là où il est gardé. The text says what happened; `mend`, what to do."""

    mend: ClassVar[str] = "réessayez dans quelques minutes"

    def __init__(self, found: str = "") -> None:
        super().__init__(found or type(self).__doc__)


class Transient(ProviderError):
    """La lecture n'a pas pu se faire pour le moment. `wait`: seconds asked for before the next try, None when nothing was said."""

    def __init__(self, found: str = "", wait: float | None = None) -> None:
        super().__init__(found)
        self.wait = wait


class Unavailable(Transient):
    """Le service qui garde les dossiers ne répond pas."""


class RateLimited(Transient):
    """Le service qui garde les dossiers demande d'attendre."""

    mend = "attendez, puis voyez ce qui l'appelle autant avec le même jeton"


class Permanent(ProviderError):
    """La lecture ne se fera pas tant que personne n'y remédie."""


class TokenRefused(Permanent):
    """Le jeton est refusé."""

    mend = "vérifiez ECOUTE_DN_TOKEN : jeton exact, non expiré, appelé depuis un réseau qu'il autorise"


class UnexpectedAnswer(Permanent):
    """La réponse n'a pas la forme attendue."""

    mend = "vérifiez ECOUTE_DN_URL ; si elle est juste, l'interface a changé et Écoute+ est à mettre à jour"
