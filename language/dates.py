"""Dates and delays in French words."""

from __future__ import annotations

from datetime import date

_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre")


def in_words(day: date, weekday: bool = False) -> str:
    """ "4 décembre 2026", or "vendredi 4 décembre 2026"; the first of a month is "1er"."""
    number = "1er" if day.day == 1 else str(day.day)
    name = f"{_WEEKDAYS[day.weekday()]}\u00a0" if weekday else ""
    return f"{name}{number}\u00a0{_MONTHS[day.month - 1]}\u00a0{day.year}"
