"""The day that an answer promises, found in its words. Pure."""

import re
from collections.abc import Iterator
from datetime import date

from language.dates import in_words

_MONTHS = {in_words(date(2026, month, 2)).split("\u00a0")[1]: month for month in range(1, 13)}
_WORDS = re.compile(rf"\b(1er|\d{{1,2}})[\s\u00a0]+({'|'.join(_MONTHS)})(?:[\s\u00a0]+(\d{{4}}))?\b", re.IGNORECASE)
_FIGURES = re.compile(r"(?<![\d/.-])(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?![\d/])")
LONGEST_DAYS = 366
"""A day later than this is not a promise of an answer."""


def promised_day(text: str, today: date) -> date | None:
    """The latest day to come that the text names, within a year; None when it names none. A day without its year is the next such day."""
    coming = [day for day in _days(text, today) if 0 < (day - today).days <= LONGEST_DAYS]
    return max(coming, default=None)


def _days(text: str, today: date) -> Iterator[date]:
    for number, month, year in _WORDS.findall(text):
        yield from _made(int(number.removesuffix("er").removesuffix("ER")), _MONTHS[month.lower()], int(year) if year else None, today)
    for number, month, year in _FIGURES.findall(text):
        yield from _made(int(number), int(month), int(year), today)


def _made(number: int, month: int, year: int | None, today: date) -> Iterator[date]:
    try:
        day = date(year or today.year, month, number)
        yield day if year or day >= today else day.replace(year=today.year + 1)
    except ValueError:  # 31 novembre
        return
