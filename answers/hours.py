"""Opening hours in words. Pure."""

from collections.abc import Mapping, Sequence


def hours_in_words(hours: Mapping[str, Sequence[str]], weekdays: Sequence[str]) -> str:
    """Days with the same hours are told together: "du lundi au jeudi de 9 h à 12 h 30 et de 13 h 30 à 17 h, …, fermé du samedi au dimanche"."""
    groups: list[tuple[list[str], Sequence[str]]] = []
    for day in weekdays:
        spans = tuple(hours.get(day, ()))
        if groups and tuple(groups[-1][1]) == spans:
            groups[-1][0].append(day)
        else:
            groups.append(([day], spans))
    opened = [f"{_days(days)} {_spans(spans)}" for days, spans in groups if spans]
    closed = [f"fermé {_days(days)}" for days, spans in groups if not spans]
    return ", ".join(opened + closed) if opened else "fermé"


def closing_in_words(spans: Sequence[str]) -> str:
    """When a day's last span ends ("17 h"); "la fin de la journée" when the day has none."""
    return _clock(max(span.split("-")[1] for span in spans)) if spans else "la fin de la journée"


def _days(days: list[str]) -> str:
    return f"le {days[0]}" if len(days) == 1 else f"du {days[0]} au {days[-1]}"


def _spans(spans: Sequence[str]) -> str:
    return " et ".join("de {} à {}".format(*map(_clock, span.split("-"))) for span in spans)


def _clock(time: str) -> str:
    hour, minute = time.split(":")
    return f"{int(hour)}\u00a0h" + ("" if minute == "00" else f"\u00a0{minute}")


def is_open(hours: Mapping[str, Sequence[str]], weekday: str, minute: int, holiday: bool) -> bool:
    """Whether `minute` of the day (0–1439) of this weekday falls in its spans; never on a public holiday."""
    spans = () if holiday else hours.get(weekday, ())
    return any(_minute(start) <= minute < _minute(end) for start, end in (span.split("-") for span in spans))


def _minute(time: str) -> int:
    hour, minute = time.split(":")
    return int(hour) * 60 + int(minute)
