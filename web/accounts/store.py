"""Tables of accounts, sessions and failed logins, and every query on them."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from store.base import Base, UtcDateTime
from web.accounts.model import MIN_PASSWORD, WINDOW, Agent, plain_login
from web.accounts.passwords import hash_password


class AgentAccountRow(Base):
    __tablename__ = "agent_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled: Mapped[bool] = mapped_column(default=False)


class AgentSessionRow(Base):
    __tablename__ = "agent_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("agent_account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class LoginFailureRow(Base):
    __tablename__ = "login_failure"
    __table_args__ = (Index("ix_login_failure_login_at", "login", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def create_account(session: Session, login: str, name: str, password: str, now: datetime) -> int:
    """Id of a new account. Raises ValueError, in words to show, for an empty or taken login or a short password."""
    login = plain_login(login)
    if not login:
        raise ValueError("L'identifiant est vide.")
    if len(password) < MIN_PASSWORD:
        raise ValueError(f"Le mot de passe est trop court : {MIN_PASSWORD} caractères au moins.")
    if find_account(session, login):
        raise ValueError(f"L'identifiant « {login} » est déjà pris.")
    row = AgentAccountRow(login=login, name=name, password_hash=hash_password(password), created_at=now, disabled=False)
    session.add(row)
    session.flush()
    return row.id


def replace_password(session: Session, login: str, password: str) -> bool:
    """Gives an account a new password and ends its sessions; False when there is no such account."""
    account = find_account(session, plain_login(login))
    if account is None:
        return False
    account.password_hash = hash_password(password)
    session.execute(delete(AgentSessionRow).where(AgentSessionRow.account_id == account.id))
    forget_failures(session, account.login)
    return True


def find_account(session: Session, login: str) -> AgentAccountRow | None:
    """The account with this login, disabled or not."""
    return session.scalar(select(AgentAccountRow).where(AgentAccountRow.login == plain_login(login)))


def names(session: Session) -> dict[int, str]:
    """Names of the agents by number, of disabled accounts too: what they did stays theirs."""
    return {number: name for number, name in session.execute(select(AgentAccountRow.id, AgentAccountRow.name))}


def failures(session: Session, login: str, now: datetime) -> int:
    """Failed tries of a login within the window, whether or not it has an account."""
    return (
        session.scalar(
            select(func.count())
            .select_from(LoginFailureRow)
            .where(LoginFailureRow.login == plain_login(login), LoginFailureRow.at > now - WINDOW)
        )
        or 0
    )


def count_failure(session: Session, login: str, now: datetime) -> None:
    """Counts a try as failed; `forget_failures` takes it back when the password proves right."""
    session.add(LoginFailureRow(login=plain_login(login), at=now))


def forget_failures(session: Session, login: str) -> None:
    session.execute(delete(LoginFailureRow).where(LoginFailureRow.login == plain_login(login)))


def open_session(session: Session, account_id: int, now: datetime, life: timedelta) -> str:
    """Token of a new session, for the agent's cookie; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    session.add(AgentSessionRow(token_hash=_hash(token), account_id=account_id, created_at=now, expires_at=now + life))
    return token


def find_agent(session: Session, token: str, now: datetime) -> Agent | None:
    """Whose session this is; None when it is over, unknown, or the account is disabled."""
    row = session.scalar(
        select(AgentAccountRow)
        .join(AgentSessionRow, AgentSessionRow.account_id == AgentAccountRow.id)
        .where(AgentSessionRow.token_hash == _hash(token), AgentSessionRow.expires_at > now, AgentAccountRow.disabled.is_(False))
    )
    return Agent(row.id, row.login, row.name) if row else None


def close_session(session: Session, token: str) -> None:
    session.execute(delete(AgentSessionRow).where(AgentSessionRow.token_hash == _hash(token)))


def purge_sessions(session: Session, now: datetime) -> None:
    """Forgets sessions that are over, and failures that no longer count."""
    session.execute(delete(AgentSessionRow).where(AgentSessionRow.expires_at <= now))
    session.execute(delete(LoginFailureRow).where(LoginFailureRow.at <= now - WINDOW))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
