"""Every query on accounts, their second factor and their one-time links. The caller commits, and tells the history."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from people.rights import Role
from web.accounts.model import password_fault, plain_email, plain_login
from web.accounts.passwords import hash_password
from web.accounts.second_factor import new_recovery_codes, recovery_hash
from web.accounts.sessions import close_all, digest, forget_devices, forget_failures
from web.accounts.tables import AgentAccountRow, OneTimeLinkRow, RecoveryCodeRow

LINK_LIFE = timedelta(days=7)


def create_account(
    session: Session,
    login: str,
    name: str,
    password: str | None,
    now: datetime,
    role: Role = Role.AGENT,
    email: str = "",
    scopes: Sequence[str] = (),
) -> int:
    """Id of a new account; without a password, a one-time link or the identity provider opens it.

    Raises ValueError, in words to show, for an empty or taken login or address, or a password that cannot be taken.
    """
    login, name = plain_login(login), " ".join(name.replace("\x00", "").split())[:200]
    if not login:
        raise ValueError("L'identifiant est vide.")
    if not name:
        raise ValueError("Le nom est vide.")
    if fault := password_fault(password, login) if password is not None else "":
        raise ValueError(fault)
    if find_account(session, login):
        raise ValueError(f"L'identifiant « {login} » est déjà pris.")
    row = AgentAccountRow(
        login=login,
        name=name,
        password_hash="" if password is None else hash_password(password),
        created_at=now,
        disabled=False,
        role=role.value,
        email=free_email(session, email, None),
        scopes=list(scopes),
    )
    session.add(row)
    session.flush()
    return row.id


def free_email(session: Session, email: str, account_id: int | None) -> str | None:
    """The address as kept, None when empty. Raises ValueError, in words, when another account has it or it is no address."""
    plain = plain_email(email)
    if not plain:
        return None
    local, at, domain = plain.rpartition("@")
    if not (local and at and "." in domain) or " " in plain:
        raise ValueError("Vérifiez l'adresse e-mail. Elle doit ressembler à nom@exemple.fr.")
    taken = session.scalar(select(AgentAccountRow.id).where(AgentAccountRow.email == plain))
    if taken is not None and taken != account_id:
        raise ValueError(f"Un autre compte a déjà l'adresse « {plain} ».")
    return plain


def set_password(session: Session, account: AgentAccountRow, password: str, keep: str = "") -> None:
    """Gives a new password and ends the sessions, but the one whose handle is `keep`. Links that would give another are void.

    Raises ValueError, in words, when it cannot be taken.
    """
    if fault := password_fault(password, account.login):
        raise ValueError(fault)
    account.password_hash = hash_password(password)
    close_all(session, account.id, keep)
    forget_failures(session, account.login)
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.account_id == account.id))


def replace_password(session: Session, login: str, password: str) -> bool:
    """Gives an account a new password and ends its sessions; False when there is no such account."""
    account = find_account(session, login)
    if account is None:
        return False
    set_password(session, account, password)
    return True


def find_account(session: Session, login: str) -> AgentAccountRow | None:
    """The account with this login, disabled or not."""
    return session.scalar(select(AgentAccountRow).where(AgentAccountRow.login == plain_login(login)))


def get_account(session: Session, number: int) -> AgentAccountRow | None:
    """The account with this id, disabled or not."""
    return session.get(AgentAccountRow, number)


def find_subject(session: Session, subject: str) -> AgentAccountRow | None:
    """The account of somebody known to the identity provider."""
    return session.scalar(select(AgentAccountRow).where(AgentAccountRow.subject == subject))


def find_email(session: Session, email: str) -> AgentAccountRow | None:
    """The account that an administrator invited at this address."""
    return session.scalar(select(AgentAccountRow).where(AgentAccountRow.email == plain_email(email)))


def accounts(session: Session) -> Sequence[AgentAccountRow]:
    """All accounts: those in use first, by name."""
    return session.scalars(select(AgentAccountRow).order_by(AgentAccountRow.disabled, func.lower(AgentAccountRow.name))).all()


def names(session: Session) -> dict[int, str]:
    """Names of the agents by number, of disabled accounts too: what they did stays theirs."""
    return {number: name for number, name in session.execute(select(AgentAccountRow.id, AgentAccountRow.name))}


def logins(session: Session) -> dict[str, int]:
    """Numbers of the accounts in use by login."""
    row = AgentAccountRow
    return {login: number for login, number in session.execute(select(row.login, row.id).where(row.disabled.is_(False)))}


def is_last_administrator(session: Session, account: AgentAccountRow) -> bool:
    """Whether nobody else could keep the accounts."""
    others = select(func.count()).where(
        AgentAccountRow.role == Role.ADMINISTRATOR.value, AgentAccountRow.disabled.is_(False), AgentAccountRow.id != account.id
    )
    return account.role == Role.ADMINISTRATOR and not account.disabled and not session.scalar(others)


def disable(session: Session, account: AgentAccountRow) -> None:
    """Closes an account: sessions, links and known browsers end with it. What its person did stays told."""
    account.disabled = True
    close_all(session, account.id)
    forget_devices(session, account.id)
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.account_id == account.id))


def drop_second_factor(session: Session, account: AgentAccountRow) -> None:
    """Forgets the second factor and its recovery codes."""
    account.totp_secret = account.totp_pending = account.totp_step = None
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account.id))


def take_step(session: Session, account: AgentAccountRow, step: int) -> bool:
    """Marks the step of a code as used; False when it was meanwhile, by a request that came at the same time."""
    table = AgentAccountRow.__table__
    free = (table.c.totp_step.is_(None)) | (table.c.totp_step < step)
    done = session.execute(update(AgentAccountRow).where(AgentAccountRow.id == account.id, free).values(totp_step=step))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def renew_recovery_codes(session: Session, account: AgentAccountRow) -> list[str]:
    """New recovery codes, shown once; the old ones serve no more."""
    codes = new_recovery_codes()
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account.id))
    session.add_all(RecoveryCodeRow(code_hash=recovery_hash(code), account_id=account.id) for code in codes)
    return codes


def use_recovery_code(session: Session, account: AgentAccountRow, code: str) -> bool:
    """Whether the code is one of theirs; it is erased then."""
    used = delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account.id, RecoveryCodeRow.code_hash == recovery_hash(code))
    return bool(session.execute(used).rowcount)  # type: ignore[attr-defined]


def recovery_codes_left(session: Session, account_ids: Iterable[int]) -> dict[int, int]:
    """How many recovery codes are left, by account."""
    counted = select(RecoveryCodeRow.account_id, func.count()).where(RecoveryCodeRow.account_id.in_(account_ids))
    return {number: count for number, count in session.execute(counted.group_by(RecoveryCodeRow.account_id))}


def make_link(session: Session, account: AgentAccountRow, now: datetime) -> str:
    """Token of a link by which the person chooses a password, once, within 7 days. It voids the link before."""
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.account_id == account.id))
    token = secrets.token_urlsafe(32)
    session.add(OneTimeLinkRow(token_hash=digest(token), account_id=account.id, expires_at=now + LINK_LIFE))
    return token


def find_link(session: Session, token: str, now: datetime) -> AgentAccountRow | None:
    """Whose link this is; None when it was used, is too old or unknown, or when the account is disabled."""
    return session.scalar(
        select(AgentAccountRow)
        .join(OneTimeLinkRow, OneTimeLinkRow.account_id == AgentAccountRow.id)
        .where(OneTimeLinkRow.token_hash == digest(token), OneTimeLinkRow.expires_at > now, AgentAccountRow.disabled.is_(False))
    )
