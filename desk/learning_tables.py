"""Tables of learning: trainings that were started, models put in force and by whom, what the daily watch found."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, UtcDateTime


class ModelTrainingRow(Base):
    """A training with corrections. `seen_at`: last sign of life; `done` of `total` messages are read; `told`: how it ended, in words."""

    __tablename__ = "model_training"

    id: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    told: Mapped[str] = mapped_column(String(500), default="")


class ModelChangeRow(Base):
    """A version of the triage model put in force. `action`: gagne, decision or retour; `because`: a person's reason, or the figures."""

    __tablename__ = "model_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(String(100))
    previous: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(20))
    author: Mapped[str] = mapped_column(String(100))
    because: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ModelWatchRow(Base):
    """What the watch found on a day: `desk.learning_watch.Watch` as JSON, without any words of messages but those that tell topics apart."""

    __tablename__ = "model_watch"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    alerts: Mapped[int]
    found: Mapped[dict[str, Any]] = mapped_column(JSON)
