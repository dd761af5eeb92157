"""Every query on the mails to be sent. The caller commits."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from outbox.model import Attached, Claimed, Outgoing, State
from outbox.tables import OutboxFileRow, OutboxRow

LEASE = timedelta(minutes=20)
"""Longer than any exchange with a server may last (`outbox.smtp`): within it no other sender takes the mail."""


def put(
    session: Session, mail: Outgoing, about: str, purpose: str, domain: str, now: datetime, not_before: datetime | None = None
) -> OutboxRow:
    """Keeps a mail to be sent, in the transaction of what it is about. Gives the one already kept for this purpose, if any.

    Raises IntegrityError (at the flush) when another transaction has just kept it.
    """
    row = session.scalar(select(OutboxRow).filter_by(about=about, purpose=purpose))
    if row is not None:
        return row
    row = OutboxRow(
        about=about,
        purpose=purpose,
        # Chosen once: whatever happens, this mail never goes under another name.
        message_id=f"<{secrets.token_hex(16)}@{domain}>",
        recipient=mail.to.strip()[:254],
        subject=mail.subject[:500],
        text=mail.text,
        headers=[list(pair) for pair in mail.headers],
        state=State.DUE.value,
        written_at=now,
        next_try=max(not_before or now, now),
        attachments=[
            OutboxFileRow(place=place, name=file.name[:200], media_type=file.media_type[:100], content=file.content)
            for place, file in enumerate(mail.attachments)
        ],
    )
    session.add(row)
    session.flush()
    return row


def cancel(session: Session, row_id: int, now: datetime) -> bool:
    """Gives up a mail that no sender has in hand. False when it may have gone, or is settled."""
    free = (OutboxRow.id == row_id, OutboxRow.state == State.DUE.value, OutboxRow.lease.is_(None))
    return _changed(session, update(OutboxRow).where(*free).values(state=State.CANCELLED.value, settled_at=now))


def claim(session: Session, now: datetime) -> Claimed | None:
    """Takes the mail that has waited longest, for this sender alone until the lease ends. None when nothing is due."""
    due = (
        select(OutboxRow)
        .where(OutboxRow.state == State.DUE.value, OutboxRow.next_try <= now)
        .where(or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until <= now))
        .order_by(OutboxRow.next_try, OutboxRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite, which lets one transaction write at a time, needs no more
    )
    row = session.scalar(due)
    if row is None:
        return None
    row.lease, row.leased_until = secrets.token_hex(16), now + LEASE
    row.tries, row.first_try = row.tries + 1, row.first_try or now
    session.flush()
    return Claimed(row.id, row.lease, row.message_id, row.written_at, row.first_try, row.tries, outgoing(row))


def outgoing(row: OutboxRow) -> Outgoing:
    """The mail of a row."""
    files = tuple(Attached(file.name, file.media_type, file.content) for file in row.attachments)
    return Outgoing(row.recipient, row.subject, row.text, files, tuple((name, value) for name, value in row.headers))


def settle(session: Session, claimed: Claimed, state: State, now: datetime, reason: str = "") -> bool:
    """Notes what became of a mail in hand. False when the lease has ended and another sender has it."""
    return _release(session, claimed, state=state.value, settled_at=now, reason=reason[:500])


def try_again(session: Session, claimed: Claimed, at: datetime, reason: str) -> bool:
    """Gives back a mail in hand, to be tried later."""
    return _release(session, claimed, next_try=at, reason=reason[:500])


def came_back(session: Session, message_id: str, reason: str, now: datetime) -> bool:
    """Notes that a mail which a server had taken was not delivered. False when there is no such mail."""
    sent = update(OutboxRow).where(OutboxRow.message_id == message_id, OutboxRow.state == State.SENT.value)
    return _changed(session, sent.values(state=State.FAILED.value, settled_at=now, reason=reason[:500]))


def of_ours(session: Session, message_ids: Iterable[str]) -> OutboxRow | None:
    """The latest of our mails that has one of these Message-IDs."""
    return session.scalar(select(OutboxRow).where(OutboxRow.message_id.in_(list(message_ids))).order_by(OutboxRow.id.desc()).limit(1))


def sent_to(session: Session, recipient: str, purpose: str, since: datetime) -> int:
    """Mails of this purpose written to a person since then, the failed and the cancelled left out. `someone+anything@…` is one person."""
    user, _, domain = person(recipient).rpartition("@")
    to = func.lower(OutboxRow.recipient)
    same = or_(to == f"{user}@{domain}", to.startswith(f"{user}+", autoescape=True) & to.endswith(f"@{domain}", autoescape=True))
    alive = OutboxRow.state.in_((State.DUE.value, State.SENT.value))
    given = (OutboxRow.purpose == purpose, same, OutboxRow.written_at > since, alive)
    return session.scalar(select(func.count()).select_from(OutboxRow).where(*given)) or 0


def person(address: str) -> str:
    """Who reads an address: what follows a "+" is the reader's own sorting, and anyone may make it up."""
    user, at, domain = address.strip().lower().rpartition("@")
    return f"{user.partition('+')[0] or user}{at}{domain}"


def by_state(session: Session) -> dict[State, int]:
    """How many mails stand in each state."""
    counts = session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state))
    return {State(state): count for state, count in counts}


def _release(session: Session, claimed: Claimed, **values: object) -> bool:
    held = update(OutboxRow).where(OutboxRow.id == claimed.id, OutboxRow.lease == claimed.token)
    return _changed(session, held.values(lease=None, leased_until=None, **values))


def _changed(session: Session, change: object) -> bool:
    return bool(session.execute(change).rowcount)  # type: ignore[call-overload]
