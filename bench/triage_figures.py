"""What the bench of triage measured, in words and tables. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

Measured = Mapping[str, Any]

LEAST_SHARE = 0.70
MOST_SLOWER = 1.15
"""Time for a mail among the last of a load, as a share of the time among the first."""
MOST_GROWTH = 2.0
"""Megabytes for a thousand mails."""
MARK, END = "<!-- written by bench/triage.py -->", "<!-- end of bench/triage.py -->"


def per_second(moments: Sequence[datetime]) -> float:
    """Mails a second between the first and the last of these moments. Raises ValueError with fewer than two."""
    if len(moments) < 2:
        raise ValueError("fewer than two moments")
    return (len(moments) - 1) / (max(moments) - min(moments)).total_seconds()


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least squares: by how much the second grows when the first grows by one. Raises ValueError with fewer than two."""
    if len(points) < 2:
        raise ValueError("fewer than two points")
    middle_x, middle_y = (sum(values) / len(points) for values in zip(*points))
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


def table(measured: Measured) -> str:
    """Markdown: what was measured, the goals and whether they were met, then the faults."""
    lines = ["| what | measured | goal | |", "|---|---|---|---|"]
    if load := measured.get("load"):
        lost = load["mails"] - load["agreed"]
        lines.append(f"| mails on Dovecot, fast encoder | {load['mails']} | | |")
        lines.append(f"| not settled, or not where the ledger says | {lost} | 0 | {_met(lost == 0 and load['holds'])} |")
        lines.append(
            f"| opinions kept for {load['different']} different mails | {load['imported'] + load['automatic']} | {load['different']} | "
            f"{_met(load['imported'] + load['automatic'] == load['different'])} |"
        )
        first, last = load["first"], load["last"]
        lines.append(f"| time for a mail, first thousand | {first:.1f} ms | | |")
        lines.append(
            f"| time for a mail, last thousand | {last:.1f} ms ({last / first:.2f} of the first) | ≤ {MOST_SLOWER} of the first | "
            f"{_met(last / first <= MOST_SLOWER)} |"
        )
        lines.append(f"| memory of the worker and its readers, most | {max(weight for _, weight in load['memory']):.0f} MB | | |")
        lines.append(
            f"| memory gained by a thousand mails, second half | {load['growth']:.2f} MB | ≤ {MOST_GROWTH:.0f} MB | {_met(load['growth'] <= MOST_GROWTH)} |"
        )
    if rate := measured.get("rate"):
        share = rate["pipeline"] / rate["encoder"]
        lines.append(f"| {rate['mails']} mails, default models: the encoders alone | {rate['encoder']:.1f} a second | | |")
        lines.append(
            f"| the whole pipeline on the same texts | {rate['pipeline']:.1f} a second ({share:.0%}) | ≥ {LEAST_SHARE:.0%} | {_met(share >= LEAST_SHARE)} |"
        )
        for name, key in (("the encoders alone", "encoder_cores"), ("triage, the mail server left out,", "cores")):
            lines.append(f"| cores that {name} had, of {measured['cores']} | {rate[key]:.2f} | | |")
        alone, whole = (1000 * rate[cores] / rate[speed] for cores, speed in (("encoder_cores", "encoder"), ("cores", "pipeline")))
        lines.append(f"| time of processors for a mail, encoders alone → triage | {alone:.0f} → {whole:.0f} ms | | |")
    if faults := measured.get("faults"):
        lines += ["", "| fault | times | mails | lost | doubled | acknowledged twice |", "|---|---|---|---|---|---|"]
        for name, one in faults["found"].items():
            lines.append(f"| {name} | {one['times']} | {one['mails']} | {one['lost']} | {one['doubled']} | {one['twice']} |")
    return "\n".join(lines)


def circumstances(measured: Measured) -> str:
    """How busy the machine was in each part."""
    parts = [
        f"{part} {min(measured[part]['machine']):.1f}–{max(measured[part]['machine']):.1f} ({measured[part]['on']})"
        for part in ("load", "rate", "faults")
        if part in measured
    ]
    return f"{measured['cores']} cores shared with other work; load average, least to most: {', '.join(parts)}."


def _met(holds: bool) -> str:
    return "met" if holds else "**missed**"
