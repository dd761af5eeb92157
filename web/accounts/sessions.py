"""Every query on sessions, known browsers and failed sign-ins. The caller commits."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from people.rights import Role
from web.accounts.model import Agent, Stage, plain_login
from web.accounts.tables import AgentAccountRow, AgentDeviceRow, AgentSessionRow, LoginFailureRow
from web.accounts.throttle import MEMORY, Try

DEVICE_LIFE = timedelta(days=180)
HALFWAY = timedelta(minutes=15)
"""A sign-in that is not finished by then begins anew."""
TOUCH = timedelta(minutes=1)
"""How precisely it is known when a session was last used: not every click is a write."""


@dataclass(frozen=True)
class Came:
    """Where a sign-in comes from: its network, its browser in words, and the token of a known browser if it showed one."""

    network: str
    browser: str
    device: str = ""


def open_session(
    session: Session, account_id: int, now: datetime, life: timedelta, came: Came, stage: Stage = Stage.OPEN, id_token: str | None = None
) -> str:
    """Token of a new session, for the cookie; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    ends = now + (life if stage is Stage.OPEN else min(life, HALFWAY))
    session.add(
        AgentSessionRow(
            token_hash=digest(token),
            handle=secrets.token_urlsafe(16),
            account_id=account_id,
            stage=stage.value,
            created_at=now,
            seen_at=now,
            expires_at=ends,
            network=came.network,
            browser=came.browser[:80],
            id_token=id_token,
        )
    )
    return token


def find_session(session: Session, token: str, now: datetime, idle: timedelta) -> tuple[AgentSessionRow, AgentAccountRow] | None:
    """The session and its account; None when it is over, unused for `idle`, or unknown, or when the account is disabled."""
    found = session.execute(
        select(AgentSessionRow, AgentAccountRow)
        .join(AgentAccountRow, AgentSessionRow.account_id == AgentAccountRow.id)
        .where(
            AgentSessionRow.token_hash == digest(token),
            AgentSessionRow.expires_at > now,
            AgentSessionRow.seen_at > now - idle,
            AgentAccountRow.disabled.is_(False),
        )
    ).first()
    return (found[0], found[1]) if found else None


def find_agent(session: Session, token: str, now: datetime, idle: timedelta, active: bool = True) -> Agent | None:
    """Who this is, once signed in entirely; `active`: the session is being used, which is noted."""
    found = find_session(session, token, now, idle)
    if found is None or found[0].stage != Stage.OPEN:
        return None
    kept, account = found
    if active and now - kept.seen_at >= TOUCH:
        kept.seen_at = now
    return agent_of(account, kept.handle)


def agent_of(account: AgentAccountRow, handle: str = "") -> Agent:
    """The person of an account."""
    return Agent(account.id, account.login, account.name, Role(account.role), tuple(account.scopes), handle)


def close_session(session: Session, token: str) -> AgentSessionRow | None:
    """Ends a session; gives what it was."""
    row = session.get(AgentSessionRow, digest(token))
    if row is not None:
        session.delete(row)
    return row


def close_one(session: Session, account_id: int, handle: str) -> bool:
    """Ends the session of this handle when it belongs to the account."""
    done = session.execute(delete(AgentSessionRow).where(AgentSessionRow.account_id == account_id, AgentSessionRow.handle == handle))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def close_all(session: Session, account_id: int, keep: str = "") -> None:
    """Ends the sessions of an account, but the one whose handle is `keep`."""
    session.execute(delete(AgentSessionRow).where(AgentSessionRow.account_id == account_id, AgentSessionRow.handle != keep))


def sessions_of(session: Session, account_id: int, now: datetime, idle: timedelta) -> Sequence[AgentSessionRow]:
    """Open sessions of an account, the last used first."""
    live = (AgentSessionRow.expires_at > now) & (AgentSessionRow.seen_at > now - idle) & (AgentSessionRow.stage == Stage.OPEN.value)
    return session.scalars(
        select(AgentSessionRow).where(AgentSessionRow.account_id == account_id, live).order_by(AgentSessionRow.seen_at.desc())
    ).all()


def known_device(session: Session, account_id: int, token: str) -> str:
    """Mark of this browser when the owner of the account has signed in with it, else empty."""
    row = session.get(AgentDeviceRow, digest(token)) if token else None
    return row.token_hash if row is not None and row.account_id == account_id else ""


def remember_device(session: Session, account_id: int, token: str, now: datetime) -> str:
    """Token of this browser, known from now on: the one it has, or a new one."""
    if known := known_device(session, account_id, token):
        row = session.get(AgentDeviceRow, known)
        if row is not None:
            row.seen_at = now
        return token
    token = secrets.token_urlsafe(32)
    session.add(AgentDeviceRow(token_hash=digest(token), account_id=account_id, seen_at=now))
    return token


def forget_devices(session: Session, account_id: int) -> None:
    """No browser is known any more."""
    session.execute(delete(AgentDeviceRow).where(AgentDeviceRow.account_id == account_id))


def tries(session: Session, login: str, network: str, now: datetime) -> list[Try]:
    """Failures that count for this login or this network."""
    mine = or_(LoginFailureRow.login == plain_login(login), LoginFailureRow.network == network)
    rows = session.scalars(select(LoginFailureRow).where(mine, LoginFailureRow.at > now - MEMORY))
    return [Try(row.login, row.network, row.device, row.at) for row in rows]


def count_failure(session: Session, login: str, network: str, device: str, now: datetime) -> int:
    """Counts a try as failed, and gives its id; `forget_failures` takes it back when the sign-in succeeds."""
    row = LoginFailureRow(login=plain_login(login), network=network, device=device, at=now)
    session.add(row)
    session.flush()
    return row.id


def forget_failures(session: Session, login: str, network: str | None = None, device: str = "") -> None:
    """Forgets the failures of a login: all, or those of one network, or of one known browser."""
    chosen = delete(LoginFailureRow).where(LoginFailureRow.login == plain_login(login))
    if network is not None:
        own = (LoginFailureRow.network == network) & (LoginFailureRow.device == "")
        chosen = chosen.where(LoginFailureRow.device == device if device else own)
    session.execute(chosen)


def purge_sessions(session: Session, now: datetime, idle: timedelta = timedelta(days=1)) -> None:
    """Forgets sessions that are over, failures that no longer count, browsers not seen for long."""
    session.execute(delete(AgentSessionRow).where(or_(AgentSessionRow.expires_at <= now, AgentSessionRow.seen_at <= now - idle)))
    session.execute(delete(LoginFailureRow).where(LoginFailureRow.at <= now - MEMORY))
    session.execute(delete(AgentDeviceRow).where(AgentDeviceRow.seen_at <= now - DEVICE_LIFE))


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
