"""Which messages to read first, as one number that time does not change: it is kept, indexed, and never has to be counted again. Pure."""

from datetime import date

URGENT_DAYS = 10_000_000
NO_ANSWER_DAYS = 10_000
DISPLEASED_DAYS = 2
UNSURE_DAYS = 1
STRONG, UNSURE = 0.8, 0.5

IN_WORDS = (
    "Triés par urgence, puis par date de réponse. Un message très mécontent passe comme s'il était dû deux jours plus tôt, "
    "un message que la machine a mal compris un jour plus tôt. Ceux qui n'attendent pas de réponse viennent à la fin."
)
"""What `rank` does, as agents read it."""


def rank(urgent: bool, due_on: date | None, received_on: date, negative: float, kind_confidence: float) -> int:
    """Smaller comes first. The day by which to answer (else 10,000 days after it came), brought forward.

    `negative`: confidence that the author is displeased, 0 when read otherwise. Urgent comes before all the rest, whatever its day.
    """
    day = due_on.toordinal() if due_on else received_on.toordinal() + NO_ANSWER_DAYS
    day -= DISPLEASED_DAYS * (negative >= STRONG) + UNSURE_DAYS * (kind_confidence < UNSURE)
    return day - URGENT_DAYS * urgent
