"""Tables of accounts and of what opens them. Tokens and codes are kept as hashes; secrets that must be read again, sealed."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, UtcDateTime


class AgentAccountRow(Base):
    """`password_hash` is empty when there is no password yet. `subject`: who it is at the identity provider; `email`: the address by which
    an administrator invites to sign in there; `totp_step`: step of the last code accepted; `totp_pending`: a secret not yet confirmed."""

    __tablename__ = "agent_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled: Mapped[bool] = mapped_column(default=False)
    role: Mapped[str] = mapped_column(String(20), default="agent", server_default="agent")
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    unit: Mapped[str] = mapped_column(String(200), default="", server_default="")
    subject: Mapped[str | None] = mapped_column(String(255), unique=True)
    totp_secret: Mapped[str | None] = mapped_column(Text)
    totp_pending: Mapped[str | None] = mapped_column(Text)
    totp_step: Mapped[int | None]


class AgentSessionRow(Base):
    """`handle` names it on pages; `id_token`, sealed, closes the session at the identity provider."""

    __tablename__ = "agent_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    handle: Mapped[str] = mapped_column(String(22), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("agent_account.id", ondelete="CASCADE"), index=True)
    stage: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    network: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(80))
    id_token: Mapped[str | None] = mapped_column(Text)


class LoginFailureRow(Base):
    __tablename__ = "login_failure"
    __table_args__ = (Index("ix_login_failure_login_at", "login", "at"), Index("ix_login_failure_network_at", "network", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(100))
    network: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class AgentDeviceRow(Base):
    """A browser in which this person has signed in."""

    __tablename__ = "agent_device"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("agent_account.id", ondelete="CASCADE"), index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCodeRow(Base):
    """A code that has not been used; it is erased when it is."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("agent_account.id", ondelete="CASCADE"), index=True)


class OneTimeLinkRow(Base):
    """Lets its holder choose a password, once."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("agent_account.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
