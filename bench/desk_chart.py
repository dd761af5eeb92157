"""Draws what bench/desk.py measured: p95 of each page at each size. Run: .venv-bot/bin/python -m bench.desk_chart docs/measures/desk.json desk.svg

In Rasa's environment, since matplotlib comes with Rasa.
"""

import io
import json
import sys
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from bench.chart import _titled, _tokens

GOAL_MS = 150
TITLE = f"The desk's pages, p95 (line: goal, {GOAL_MS} ms)"


def main(source: Path, target: Path) -> None:
    """Writes an SVG with its title and description."""
    runs = json.loads(source.read_text(encoding="utf-8"))["runs"]
    told = ". ".join(
        f"{name}, {run['items']} messages on {run['engine']}: p95 {page['p95']:.0f} ms"
        for run in runs
        for name, page in run["pages"].items()
    )
    target.write_text(_titled(draw(runs), told, TITLE), encoding="utf-8")


def draw(runs: list) -> str:
    """Bars from zero, a line at the goal."""
    tokens = _tokens()
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "ecoute", "font.size": 10, "text.color": tokens["ink"]})
    names = list(runs[0]["pages"])
    height = 0.4 * len(names) + 1.2
    figure = Figure(figsize=(9, height), facecolor=tokens["paper"])
    axes = figure.add_axes([0.36, 0.5 / height, 0.6, 1 - 1.2 / height], facecolor=tokens["paper"])
    colours = [tokens["control"], tokens["primary"], tokens["accent"]]
    width = 0.8 / len(runs)
    for i, run in enumerate(runs):
        places = [len(names) - n - i * width for n in range(len(names))]
        label = f"{run['items']:,} messages, {run['engine']}"
        axes.barh(places, [run["pages"][name]["p95"] for name in names], height=width * 0.9, color=colours[i % 3], label=label)
    axes.axvline(GOAL_MS, color=tokens["ink"], linewidth=1)
    axes.set_yticks([len(names) - n - 0.4 + width / 2 for n in range(len(names))], names)
    axes.set_xlabel("ms")
    axes.tick_params(length=0, colors=tokens["ink"])
    axes.legend(loc="lower right", frameon=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    figure.text(0.02, 1 - 0.35 / height, TITLE, fontsize=11, weight="bold")
    out = io.StringIO()
    figure.savefig(out, format="svg", facecolor=tokens["paper"], metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return out.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
