"""Draws what bench/bot.py measured: ours as a share of stock's. Run: .venv-bot/bin/python -m bench.chart docs/measures/bot.json docs/measures/bot.svg

In Rasa's environment, since matplotlib comes with Rasa.
"""

import io
import json
import re
import sys
from html import escape
from pathlib import Path
from statistics import median

import matplotlib
from matplotlib.figure import Figure

from bench.figures import Row, circumstances, rows

TOKENS = Path(__file__).parents[1] / "web" / "static" / "tokens.css"
TITLE = "What our assistant takes, as a share of what the stock recipe takes"


def main(source: Path, target: Path) -> None:
    """Writes an SVG with its title and description."""
    measured = json.loads(source.read_text(encoding="utf-8"))
    shown = [row for row in rows(measured) if row.goal is not None]
    told = ". ".join(f"{row.name}: {row.ratio:.0%} ({_values(row)}), goal at most {row.goal:.0%}" for row in shown)
    target.write_text(_titled(draw(shown), f"{told}. {circumstances(measured)}"), encoding="utf-8")


def draw(shown: list[Row]) -> str:
    """Bars from zero; a line where stock stands, a mark at each goal."""
    tokens = _tokens()
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "ecoute", "font.size": 10, "text.color": tokens["ink"]})
    height = 0.5 * len(shown) + 0.8
    figure = Figure(figsize=(9, height), facecolor=tokens["paper"])
    axes = figure.add_axes([0.27, 0.3 / height, 0.48, 1 - 0.8 / height], facecolor=tokens["paper"])
    places = range(len(shown), 0, -1)
    most = max(1.0, *(row.ratio for row in shown))
    axes.barh(places, [row.ratio for row in shown], height=0.55, color=[tokens["primary" if row.met else "accent"] for row in shown])
    axes.axvline(1, color=tokens["control"], linewidth=1)
    for place, row in zip(places, shown):
        axes.plot([row.goal, row.goal], [place - 0.4, place + 0.4], color=tokens["ink"], linewidth=2)
        verdict = "met" if row.met else "missed"
        axes.text(most * 1.03, place, f"{row.ratio:.0%}, goal {verdict}\n{_values(row)}", va="center", fontsize=8.5)
    axes.set_yticks(list(places), [row.name for row in shown])
    axes.set_xlim(0, most)
    axes.set_ylim(0.4, len(shown) + 0.6)
    axes.set_xticks([0, 1], ["0", "stock"])
    axes.tick_params(length=0, colors=tokens["ink"])
    for spine in axes.spines.values():
        spine.set_visible(False)
    figure.text(0.02, 1 - 0.3 / height, f"{TITLE} (black mark: goal)", fontsize=11, weight="bold")
    out = io.StringIO()
    figure.savefig(out, format="svg", facecolor=tokens["paper"], metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return out.getvalue()


def _values(row: Row) -> str:
    ours, stock = (f"{value:.0f}" if value >= 20 else f"{value:.1f}" for value in (median(row.ours), median(row.stock)))
    return f"{ours} against {stock} {row.unit}"


def _titled(svg: str, told: str, title: str = TITLE) -> str:
    """Named and described for who does not see it."""
    inside = f'<title id="title">{escape(title)}</title><desc id="desc">{escape(told)}</desc>'
    named = re.sub(r"(<svg [^>]*)>", rf'\1 role="img" aria-labelledby="title desc">{inside}', svg[svg.index("<svg") :], count=1)
    return re.sub(r"font: ([^;\"']*)'[^;\"]*", r"font: \1system-ui, sans-serif", named)


def _tokens() -> dict[str, str]:
    """Colours of the light theme."""
    light = TOKENS.read_text(encoding="utf-8").partition("@media")[0]
    return dict(re.findall(r"--([\w-]+): (#\w+);", light))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
