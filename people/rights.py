"""The table of rights: who may do what in the console. Pure; the guard of the pages reads it, and nothing else decides."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol


class Role(StrEnum):
    """What a person is in the service. One each."""

    AGENT = "agent"
    REFERENT = "referent"
    SUPERVISOR = "superviseur"
    ADMINISTRATOR = "administrateur"


class Right(StrEnum):
    """Something that a page lets people do."""

    OWN_ACCOUNT = "own_account"
    READ_MESSAGES = "read_messages"
    HANDLE_MESSAGES = "handle_messages"
    VALIDATE_ANSWERS = "validate_answers"
    CONVERSATIONS = "conversations"
    QUARANTINE = "quarantine"
    MEASURES = "measures"
    READ_CONTENT = "read_content"
    EDIT_SHEETS = "edit_sheets"
    EDIT_ANSWERS = "edit_answers"
    EDIT_ROUTING = "edit_routing"
    HISTORY = "history"
    MODELS = "models"
    ACCOUNTS = "accounts"
    SEE_SHARING = "see_sharing"
    SET_SHARING = "set_sharing"


_EVERYONE = frozenset(Role)
_DESK = frozenset({Role.AGENT, Role.REFERENT, Role.SUPERVISOR})
_LEAD = frozenset({Role.REFERENT, Role.SUPERVISOR})
_OVERSEE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})

# An administrator keeps the accounts and reads nobody's messages: who gives access does not use it.
RIGHTS: dict[Right, tuple[frozenset[Role], str]] = {
    Right.OWN_ACCOUNT: (_EVERYONE, "Gérer son mot de passe, son second facteur et ses sessions"),
    Right.READ_MESSAGES: (_DESK, "Lire les messages des files"),
    Right.HANDLE_MESSAGES: (_DESK, "Corriger le tri d'un message, y répondre, le clore"),
    Right.VALIDATE_ANSWERS: (_LEAD, "Valider la réponse d'une autre personne, ou la lui renvoyer"),
    Right.CONVERSATIONS: (_DESK, "Répondre aux visiteurs dans les conversations"),
    Right.QUARANTINE: (_LEAD, "Voir les courriels que la machine n'a pas pu lire, les faire relire"),
    Right.MEASURES: (_LEAD | _OVERSEE, "Voir les mesures du service"),
    Right.READ_CONTENT: (_LEAD, "Voir les contenus, leur état et leurs versions"),
    Right.EDIT_SHEETS: (_LEAD, "Modifier les fiches d'aide"),
    Right.EDIT_ANSWERS: (_LEAD, "Modifier les réponses, les horaires, les courriels et les modèles"),
    Right.EDIT_ROUTING: (frozenset({Role.SUPERVISOR}), "Modifier la table de routage"),
    Right.HISTORY: (_OVERSEE, "Consulter l'historique des lectures et des changements"),
    Right.MODELS: (_OVERSEE, "Suivre les modèles du tri, en changer, lancer un entraînement"),
    Right.ACCOUNTS: (frozenset({Role.ADMINISTRATOR}), "Ouvrir, changer et fermer les comptes"),
    Right.SEE_SHARING: (_LEAD | _OVERSEE, "Voir comment les messages sont partagés"),
    Right.SET_SHARING: (_OVERSEE, "Régler le partage des messages et les absences"),
}

ROLE_NAMES = {
    Role.AGENT: "Agent",
    Role.REFERENT: "Référent",
    Role.SUPERVISOR: "Superviseur",
    Role.ADMINISTRATOR: "Administrateur",
}


def may(role: Role, right: Right) -> bool:
    """Whether people of this role have this right."""
    return role in RIGHTS[right][0]


class Guard(Protocol):
    """What pages need of the guard. Called with a request it lets in anyone who has signed in; pages then find them in `request.state.agent`."""

    def __call__(self, request: Any) -> object: ...

    def require(self, right: Right) -> Callable[..., object]:
        """A dependency that lets in those who have the right."""
