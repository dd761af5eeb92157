"""`/console/equipe`: administrators open, change and close accounts. Plain forms, each with its own button."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session, sessionmaker

from desk.words import COMMITMENTS
from history.model import What
from history.store import note
from people.rights import RIGHTS, ROLE_NAMES, Guard, Right, Role
from web.accounts import sessions as kept
from web.accounts import store
from web.accounts.entrance import Entrance
from web.accounts.oidc import Provider
from web.accounts.tables import AgentAccountRow

HOME = "/console/equipe"
LAST = "C'est le seul compte d'administrateur. Donnez d'abord ce rôle à une autre personne."
DISABLED = "Ce compte est désactivé. Réactivez-le d'abord."
MOST_SERVICES = 20
DONE = {
    "change": "Les changements sont enregistrés.",
    "ferme": "Le compte est désactivé. Ses sessions sont fermées.",
    "ouvert": "Le compte est réactivé.",
    "facteur": "Le second facteur est retiré. La personne en choisira un autre à sa prochaine connexion, si son rôle le demande.",
    "sessions": "Toutes les sessions de cette personne sont fermées.",
    "delie": "Le compte n'est plus relié au fournisseur d'identité. Une connexion avec l'adresse invitée le reliera à nouveau.",
}


def build_router(
    guard: Guard, sessions: sessionmaker[Session], templates: Jinja2Templates, entrance: Entrance, provider: Provider | None
) -> APIRouter:
    """For those who keep the accounts."""
    router = APIRouter(prefix=HOME, dependencies=[Depends(guard.require(Right.ACCOUNTS))])
    rules = entrance.rules
    shared = {"roles": ROLE_NAMES, "commitments": COMMITMENTS, "provider": provider}

    def team(request: Request, status: int = 200, **told: object) -> Response:
        with sessions() as session:
            rows = store.accounts(session)
        rights = [(words, [ROLE_NAMES[role] for role in Role if role in allowed]) for allowed, words in RIGHTS.values()]
        needed = {role.value for role in rules.second_factor}
        found = shared | {"accounts": rows, "rights": rights, "needed": needed, "role_names": _by_value()} | told
        return templates.TemplateResponse(request, "team.html", found, status_code=status)

    def one(request: Request, number: int, status: int = 200, **told: object) -> Response:
        with sessions() as session:
            account = wanted(session, number)
            found = shared | {
                "account": account,
                "services": "\n".join(scope for scope in account.scopes if scope not in COMMITMENTS),
                "sessions": kept.sessions_of(session, number, entrance.now(), rules.idle),
                "self": account.id == request.state.agent.id,
                "role_names": _by_value(),
            }
        return templates.TemplateResponse(request, "team_member.html", found | told, status_code=status)

    def wanted(session: Session, number: int) -> AgentAccountRow:
        account = store.get_account(session, number)
        if account is None:
            raise HTTPException(404)
        return account

    @router.get("")
    def list_accounts(request: Request) -> Response:
        return team(request)

    @router.post("")
    def add(
        request: Request,
        identifiant: Annotated[str, Form()] = "",
        nom: Annotated[str, Form()] = "",
        courriel: Annotated[str, Form()] = "",
        role: Annotated[str, Form()] = "",
    ) -> Response:
        typed = {"login": identifiant, "name": nom, "email": courriel, "role": role}
        try:
            with sessions.begin() as session:
                number = store.create_account(session, identifiant, nom, None, entrance.now(), _role(role), courriel)
                account = wanted(session, number)
                link = _link(request, entrance.rules.site, store.make_link(session, account, entrance.now()))
                note(session, request.state.agent, What.ACCOUNT_OPENED, f"compte {account.login}", after=_told(account), at=entrance.now())
        except ValueError as error:
            return team(request, 422, error=str(error), typed=typed)
        return one(request, number, link=link)

    @router.get("/{number}")
    def member(request: Request, number: int, fait: str = "") -> Response:
        return one(request, number, done=DONE.get(fait, ""))

    @router.post("/{number}")
    def change(
        request: Request,
        number: int,
        nom: Annotated[str, Form()] = "",
        courriel: Annotated[str, Form()] = "",
        role: Annotated[str, Form()] = "",
        engagements: Annotated[list[str] | None, Form()] = None,
        services: Annotated[str, Form()] = "",
    ) -> Response:
        try:
            with sessions.begin() as session:
                account = wanted(session, number)
                before = _told(account)
                if store.is_last_administrator(session, account) and _role(role) is not Role.ADMINISTRATOR:
                    raise ValueError(LAST)
                account.name = " ".join(nom.replace("\x00", "").split())[:200] or account.name
                account.email = store.free_email(session, courriel, number)
                account.role = _role(role).value
                account.scopes = _scopes(engagements or [], services) if _role(role) is Role.REFERENT else []
                if before != _told(account):
                    note(
                        session,
                        request.state.agent,
                        What.ACCOUNT_CHANGED,
                        f"compte {account.login}",
                        before,
                        _told(account),
                        at=entrance.now(),
                    )
        except ValueError as error:
            return one(request, number, 422, error=str(error))
        return RedirectResponse(f"{HOME}/{number}?fait=change", 303)

    @router.post("/{number}/lien")
    def new_link(request: Request, number: int) -> Response:
        with sessions.begin() as session:
            account = wanted(session, number)
            if open_still := not account.disabled:
                link = _link(request, entrance.rules.site, store.make_link(session, account, entrance.now()))
                said = "lien à usage unique donné"
                note(session, request.state.agent, What.ACCOUNT_CHANGED, f"compte {account.login}", after=said, at=entrance.now())
        if not open_still:
            return one(request, number, 422, error=DISABLED)
        return one(request, number, link=link)

    @router.post("/{number}/desactiver")
    def disable(request: Request, number: int) -> Response:
        with sessions.begin() as session:
            account = wanted(session, number)
            last = store.is_last_administrator(session, account)
            if not last:
                store.disable(session, account)
                note(session, request.state.agent, What.ACCOUNT_CHANGED, f"compte {account.login}", "actif", "désactivé", at=entrance.now())
        if last:
            return one(request, number, 422, error=LAST)
        return RedirectResponse(f"{HOME}/{number}?fait=ferme", 303)

    @router.post("/{number}/reactiver")
    def enable(request: Request, number: int) -> Response:
        with sessions.begin() as session:
            account = wanted(session, number)
            account.disabled = False
            note(session, request.state.agent, What.ACCOUNT_CHANGED, f"compte {account.login}", "désactivé", "actif", at=entrance.now())
        return RedirectResponse(f"{HOME}/{number}?fait=ouvert", 303)

    @router.post("/{number}/second-facteur")
    def reset_factor(request: Request, number: int) -> Response:
        with sessions.begin() as session:
            account = wanted(session, number)
            before = "actif" if account.totp_secret else "aucun"
            store.drop_second_factor(session, account)
            kept.close_all(session, number)
            note(session, request.state.agent, What.SECOND_FACTOR, f"compte {account.login}", before, "aucun", at=entrance.now())
        return RedirectResponse(f"{HOME}/{number}?fait=facteur", 303)

    @router.post("/{number}/sessions")
    def close_sessions(request: Request, number: int) -> Response:
        with sessions.begin() as session:
            account = wanted(session, number)
            kept.close_all(session, number)
            note(session, request.state.agent, What.SESSION_CLOSED, f"compte {account.login}", after="toutes", at=entrance.now())
        return RedirectResponse(f"{HOME}/{number}?fait=sessions", 303)

    @router.post("/{number}/delier")
    def unlink(request: Request, number: int) -> Response:
        with sessions.begin() as session:
            account = wanted(session, number)
            account.subject = None
            said = "délié du fournisseur d'identité"
            note(session, request.state.agent, What.ACCOUNT_CHANGED, f"compte {account.login}", after=said, at=entrance.now())
        return RedirectResponse(f"{HOME}/{number}?fait=delie", 303)

    return router


def _by_value() -> dict[str, str]:
    return {role.value: name for role, name in ROLE_NAMES.items()}


def _role(value: str) -> Role:
    """Raises ValueError, in words."""
    if value not in set(Role):
        raise ValueError("Choisissez un rôle dans la liste.")
    return Role(value)


def _scopes(commitments: list[str], services: str) -> list[str]:
    names = [" ".join(line.replace("\x00", "").split())[:100] for line in services.splitlines()]
    return [slug for slug in COMMITMENTS if slug in commitments] + [name for name in names if name][:MOST_SERVICES]


def _told(account: AgentAccountRow) -> str:
    """The account in a line of the history."""
    parts = [account.name, _by_value()[account.role], *account.scopes, account.email or ""]
    return ", ".join(part for part in parts if part)


def _link(request: Request, site: str, token: str) -> str:
    return f"{(site or str(request.base_url)).rstrip('/')}/connexion/premiere/{token}"
