"""Tables of sharing: how each queue is shared, what each agent serves, absences, and what was given back."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.sharing import MOST_OPEN
from store.base import Base, UtcDateTime


class QueueSharingRow(Base):
    """A queue without a row is shared by hand. `way`: one of `desk.sharing.Way`."""

    __tablename__ = "queue_sharing"

    queue: Mapped[str] = mapped_column(String(100), primary_key=True)
    way: Mapped[str] = mapped_column(String(10))
    by_commitment: Mapped[bool]


class AgentSharingRow(Base):
    """An agent without a row serves no queue. `turn`: see `desk.sharing.Sharer`."""

    __tablename__ = "agent_sharing"

    agent_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    queues: Mapped[list[str]] = mapped_column(JSON, default=list)
    most: Mapped[int] = mapped_column(default=MOST_OPEN)
    turn: Mapped[int] = mapped_column(default=0)


class AbsenceRow(Base):
    """Days away, the first and the last included."""

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(index=True)
    first_day: Mapped[date]
    last_day: Mapped[date] = mapped_column(index=True)
    substitute_id: Mapped[int | None]


class GivenBackRow(Base):
    """An agent gave a message back to its queue."""

    __tablename__ = "given_back"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("feedback_item.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    reason: Mapped[str] = mapped_column(String(200))
