"""Tables of files and of the codes sent for them, and every query on them."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Index, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from dossiers.identity import Challenge
from dossiers.model import Correction, Dossier, State
from store.base import Base, UtcDateTime


class DossierRow(Base):
    __tablename__ = "dossier"

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    aid_slug: Mapped[str] = mapped_column(String(80))
    applicant: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    filed_on: Mapped[date | None]
    state_since: Mapped[date]
    correction: Mapped[str | None] = mapped_column(String(20))
    missing: Mapped[str] = mapped_column(String(500))
    expected_decision_on: Mapped[date | None]


class IdentityCodeRow(Base):
    """A request for a code, kept whether or not the file exists: limits must not tell the two apart."""

    __tablename__ = "identity_code"
    __table_args__ = (Index("ix_identity_code_number_sent_at", "number", "sent_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    conversation: Mapped[str] = mapped_column(String(64), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    used: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = mapped_column(String(64), default="")


def get(session: Session, number: str) -> Dossier | None:
    """The file with this number."""
    row = session.get(DossierRow, number)
    return _dossier(row) if row else None


def of_email(session: Session, email: str, limit: int = 5) -> list[Dossier]:
    """Files whose applicant has this address, the latest change first."""
    rows = session.scalars(select(DossierRow).where(DossierRow.email == email).order_by(DossierRow.state_since.desc()).limit(limit))
    return [_dossier(row) for row in rows] if email else []


def put(session: Session, dossier: Dossier) -> None:
    """Adds the file, or replaces what was known of it."""
    values = asdict(dossier) | {"state": str(dossier.state), "correction": dossier.correction and str(dossier.correction)}
    session.merge(DossierRow(**{column.key: values[column.key] for column in DossierRow.__table__.columns}))


def count(session: Session) -> int:
    """Number of files."""
    return session.scalar(select(func.count()).select_from(DossierRow)) or 0


def decisions_since(session: Session, day: date, aid_slug: str | None = None) -> list[tuple[date, date]]:
    """(filed on, decided on) of the files accepted or refused on or after `day`, of one scheme or of all."""
    wanted = select(DossierRow.filed_on, DossierRow.state_since).where(
        DossierRow.state.in_([State.ACCEPTE.value, State.REFUSE.value]), DossierRow.state_since >= day
    )
    if aid_slug:
        wanted = wanted.where(DossierRow.aid_slug == aid_slug)
    return [(filed, decided) for filed, decided in session.execute(wanted) if filed]


def count_by_state(session: Session) -> dict[str, int]:
    """Files by state."""
    return {state: n for state, n in session.execute(select(DossierRow.state, func.count()).group_by(DossierRow.state))}


def remember_challenge(session: Session, challenge: Challenge, sent_at: datetime) -> None:
    """Keeps the hash of a code just sent; codes asked for before in the same conversation no longer serve."""
    for row in session.scalars(select(IdentityCodeRow).where(IdentityCodeRow.conversation == challenge.conversation)):
        row.used = True
    session.add(IdentityCodeRow(**asdict(challenge), sent_at=sent_at))


def mark_sent(session: Session, challenge: Challenge, owner: str) -> bool:
    """Keeps to whom the code is about to be mailed; False when it no longer serves, another having been asked for since."""
    marked = session.execute(
        update(IdentityCodeRow)
        .where(
            IdentityCodeRow.conversation == challenge.conversation,
            IdentityCodeRow.code_hash == challenge.code_hash,
            IdentityCodeRow.used.is_(False),
        )
        .values(owner=owner)
    )
    return cast("CursorResult[Any]", marked).rowcount > 0


def last_asked(session: Session, conversation: str) -> str | None:
    """The number of the file for which this conversation last asked a code; None when it asked none, or long ago."""
    row = IdentityCodeRow
    return session.scalar(select(row.number).where(row.conversation == conversation).order_by(row.id.desc()).limit(1))


def codes_asked(session: Session, since: datetime, *, number: str | None = None, conversation: str | None = None) -> int:
    """Codes asked for since a moment: for this file, by this conversation, or in all."""
    wanted = select(func.count()).select_from(IdentityCodeRow).where(IdentityCodeRow.sent_at > since)
    if number is not None:
        wanted = wanted.where(IdentityCodeRow.number == number)
    if conversation is not None:
        wanted = wanted.where(IdentityCodeRow.conversation == conversation)
    return session.scalar(wanted) or 0


def tries_made(session: Session, since: datetime, number: str) -> int:
    """Codes typed for this file since a moment, in all conversations."""
    wanted = select(func.sum(IdentityCodeRow.tries)).where(IdentityCodeRow.sent_at > since, IdentityCodeRow.number == number)
    return session.scalar(wanted) or 0


def take_try(session: Session, conversation: str) -> Challenge | None:
    """The code in force in this conversation, as it was before the try that is counted here."""
    row = session.scalar(
        select(IdentityCodeRow)
        .where(IdentityCodeRow.conversation == conversation, IdentityCodeRow.used.is_(False))
        .order_by(IdentityCodeRow.id.desc())
        .limit(1)
        .with_for_update()
    )
    if row is None:
        return None
    before = Challenge(row.number, row.conversation, row.code_hash, row.expires_at, row.tries, row.used, row.owner)
    row.tries += 1
    return before


def give_back_try(session: Session, challenge: Challenge) -> None:
    """The try of a right code that could not serve does not count."""
    session.execute(
        update(IdentityCodeRow)
        .where(
            IdentityCodeRow.conversation == challenge.conversation,
            IdentityCodeRow.code_hash == challenge.code_hash,
            IdentityCodeRow.tries > 0,
        )
        .values(tries=IdentityCodeRow.tries - 1)
    )


def spend(session: Session, conversation: str) -> None:
    """A code serves once."""
    for row in session.scalars(select(IdentityCodeRow).where(IdentityCodeRow.conversation == conversation)):
        row.used = True


def purge_codes(session: Session, before: datetime) -> None:
    """Forgets codes sent before a moment."""
    for row in session.scalars(select(IdentityCodeRow).where(IdentityCodeRow.sent_at < before)):
        session.delete(row)


def _dossier(row: DossierRow) -> Dossier:
    return Dossier(
        row.number,
        row.aid_slug,
        row.applicant,
        row.email,
        State(row.state),
        row.filed_on,
        row.state_since,
        Correction(row.correction) if row.correction else None,
        row.missing,
        row.expected_decision_on,
    )
