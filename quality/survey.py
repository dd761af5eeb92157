"""Answers to the two questions at the end of an exchange, kept without anything that tells who answered. Every query."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from quality.results import SMALL, shown, shown_total
from quality.tally import FEWEST
from store.base import Base


class SurveyAnswerRow(Base):
    """`satisfaction` and `comprehension` out of ten; `with_agent`: a person answered, not only the assistant."""

    __tablename__ = "survey_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    answered_on: Mapped[date] = mapped_column(index=True)
    satisfaction: Mapped[int]
    comprehension: Mapped[float | None]
    with_agent: Mapped[bool]


@dataclass(frozen=True)
class Rating:
    """`answers` in all, how many are satisfied (ten out of ten) and, of the `understanding` that were given, how many are clear (7.5 or more)."""

    answers: int
    satisfied: int
    understanding: int
    clear: int

    def sentence(self) -> str:
        """The result in one sentence; no percentage of a handful."""
        if not self.answers:
            return "Personne n'a encore répondu à l'enquête de fin de conversation."
        if self.answers < FEWEST:
            received = f"{self.answers} réponses" if self.answers >= SMALL else f"Moins de {SMALL} réponses"
            return f"{received} à l'enquête de fin de conversation : c'est trop peu pour en tirer un pourcentage."
        satisfied, _ = shown([self.satisfied, self.answers - self.satisfied])
        if satisfied is None:
            return f"{self.answers} réponses à l'enquête de fin de conversation. La part de personnes satisfaites n'est pas publiée : l'un des nombres est trop petit."
        share = round(100 * satisfied / self.answers)
        return f"{share}\u00a0% des personnes trouvent que l'échange s'est très bien passé, sur {self.answers} réponses."

    def published(self) -> dict[str, int | None]:
        """Its counts; None when too small to be published."""
        satisfied, _ = shown([self.satisfied, self.answers - self.satisfied])
        clear, _ = shown([self.clear, self.understanding - self.clear])
        answers, asked = shown_total([self.answers]), shown_total([self.understanding])
        return {
            "reponses": answers,
            "satisfaits": None if answers is None else satisfied,
            "reponses_clarte": asked,
            "claires": None if asked is None else clear,
        }


def add(session: Session, satisfaction: int, comprehension: float | None, with_agent: bool, today: date) -> None:
    session.add(SurveyAnswerRow(answered_on=today, satisfaction=satisfaction, comprehension=comprehension, with_agent=with_agent))


def answers(session: Session) -> list[tuple[date, int, float | None]]:
    """Day, satisfaction and understanding of each answer."""
    row = SurveyAnswerRow
    found = session.execute(select(row.answered_on, row.satisfaction, row.comprehension).order_by(row.id))
    return [(day, satisfaction, clear) for day, satisfaction, clear in found]


def rating(session: Session) -> Rating:
    """All answers so far."""
    row = SurveyAnswerRow

    def count(*conditions: object) -> int:
        return session.scalar(select(func.count()).select_from(row).where(*conditions)) or 0  # type: ignore[arg-type]

    return Rating(count(), count(row.satisfaction == 10), count(row.comprehension.is_not(None)), count(row.comprehension >= 7.5))
