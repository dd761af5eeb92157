"""From what was measured to ratios, verdicts and a table. Pure.

What was measured is a JSON object, one part a key (`training`, `starts`, `turns`, `gateway`), each with the load of the machine meanwhile
(`load`) and with its runs by recipe (`ours`, `stock`), in pairs: the first of ours ran next to the first of stock's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Any

GATEWAY_MS = 5.0
SLOW_MS = 1000.0
"""A turn that takes longer is felt as waiting: how many visitors a server bears is counted up to here."""

Measured = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A measure of both recipes, one value a run, in pairs. `goal`: greatest share of stock's that ours may take."""

    name: str
    unit: str
    ours: Sequence[float]
    stock: Sequence[float]
    goal: float | None = None

    @property
    def ratio(self) -> float:
        """Ours as a share of stock's: the median of the pairs, so that what slows down the machine for a while weighs on both."""
        return median(one / other for one, other in zip(self.ours, self.stock))

    @property
    def met(self) -> bool | None:
        return None if self.goal is None else self.ratio <= self.goal


def percentile(values: Sequence[float], share: float) -> float:
    """The least of the values that `share` of them (0 to 1) do not exceed. Raises ValueError when there is none."""
    if not values:
        raise ValueError("no value")
    ranked = sorted(values)
    # Rounded first: 0.07 * 100 is a little more than 7 in floating point.
    return ranked[max(0, ceil(round(share * len(ranked), 9)) - 1)]


def rows(measured: Measured) -> list[Row]:
    """Every measure of both recipes that was made."""
    found = []
    for count, runs in measured.get("training", {}).get("sizes", {}).items():
        found.append(_row(f"training, {count} sentences", "s", runs, "wall", 1 / 8))
        found.append(_row(f"training, {count} sentences, time of processors", "s", runs, "cpu"))
        found.append(_row(f"training, {count} sentences, most memory", "MB", runs, "memory"))
    if starts := measured.get("starts"):
        found.append(_row("server ready, first answer given", "s", starts, "ready", 1 / 3))
        found.append(_row("memory after the first answer", "MB", starts, "memory", 1 / 3))
    if turns := measured.get("turns"):
        found.append(_row("memory after load", "MB", turns["memory"], "after", 1 / 3))
        for visitors, rounds in turns["rounds"].items():
            who = "1 visitor" if visitors == "1" else f"{visitors} visitors"
            found.append(_row(f"a turn, {who}, p50", "ms", rounds, "p50"))
            found.append(_row(f"a turn, {who}, p95", "ms", rounds, "p95", 1.0))
        for visitors, rounds in turns["rounds"].items():
            if visitors == "1":
                found.append(_row("time of processors of Rasa in a turn", "ms", rounds, "cpu"))
    return found


def sustained(raised: Sequence[Mapping[str, float]]) -> tuple[int, float]:
    """Most visitors at once whose turns stay under SLOW_MS (p95), and turns a second then; (0, 0) when none do."""
    borne = [step for step in raised if step["p95"] <= SLOW_MS and not step["failed"]]
    best = max(borne, key=lambda step: step["visitors"], default=None)
    return (int(best["visitors"]), best["rate"]) if best else (0, 0.0)


def table(measured: Measured) -> str:
    """Markdown: medians of both recipes, the ratio, the goal and whether it was met."""
    lines = ["| what | ours | stock | ours ÷ stock | goal | |", "|---|---|---|---|---|---|"]
    for row in rows(measured):
        goal, verdict = ("", "") if row.goal is None else (f"≤ {row.goal:.3g}", "met" if row.met else "**missed**")
        lines.append(
            f"| {row.name} | {_told(median(row.ours), row.unit)} | {_told(median(row.stock), row.unit)} | {row.ratio:.2f} | {goal} | {verdict} |"
        )
    if turns := measured.get("turns"):
        (ours, our_rate), (stock, stock_rate) = (sustained(turns["raised"][recipe]) for recipe in ("ours", "stock"))
        lines.append(f"| most visitors at once with p95 ≤ 1 s | {ours} | {stock} | | | |")
        lines.append(f"| turns a second then | {our_rate:.0f} | {stock_rate:.0f} | | | |")
        ours_failed, stock_failed = (_failed(turns, recipe) for recipe in ("ours", "stock"))
        lines.append(f"| turns without an answer | {ours_failed} | {stock_failed} | | | |")
    if gateway := measured.get("gateway"):
        added = median(pair["through"] - pair["straight"] for pair in gateway["pairs"])
        verdict = "met" if added <= GATEWAY_MS else "**missed**"
        lines.append(f"| added to a turn by the gateway, median | {added:.1f} ms | | | ≤ {GATEWAY_MS:.0f} ms | {verdict} |")
        lines.append(f"| time of processors of the gateway in a turn | {gateway['cpu']:.1f} ms | | | | |")
    return "\n".join(lines)


def circumstances(measured: Measured) -> str:
    """A sentence on the machine, and on how busy it was in each part."""
    parts = [f"{part} {_span(measured[part]['load'])}" for part in ("training", "starts", "turns", "gateway") if part in measured]
    return f"{measured['cores']} cores shared with other work; load average, least to most: {', '.join(parts)}."


MARK, END = "<!-- written by bench/bot.py -->", "<!-- end -->"


def _row(name: str, unit: str, runs: Mapping[str, Sequence[Mapping[str, float]]], key: str, goal: float | None = None) -> Row:
    return Row(name, unit, [run[key] for run in runs["ours"]], [run[key] for run in runs["stock"]], goal)


def _failed(turns: Measured, recipe: str) -> int:
    steps = [run for rounds in turns["rounds"].values() for run in rounds[recipe]] + list(turns["raised"][recipe])
    return sum(int(step["failed"]) for step in steps)


def _told(value: float, unit: str) -> str:
    return f"{value:.0f} {unit}" if value >= 20 else f"{value:.1f} {unit}"


def _span(values: Sequence[float]) -> str:
    return f"{min(values):.1f}–{max(values):.1f}"
