"""How fast the desk is: each page at each number of messages, through the real site, on SQLite or on the database given.

Run: .venv/bin/python -m bench.desk --items 10000 100000, and --database postgresql+psycopg://… --items 1000000 for PostgreSQL (an empty
database). Results: docs/measures/desk.json, desk.svg and the table of docs/measures.md.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from rich.console import Console
from sqlalchemy import func, select, text

from bench.bot import free_port
from bench.document import place
from bench.figures import percentile
from bench.running import run_to_end, running
from ecoute.processes import listens
from ecoute.settings import ROOT, Settings
from ecoute.wire import Parts
from triage.tables import FeedbackItemRow

MARK, END = "<!-- written by bench/desk.py -->", "<!-- end of bench/desk.py -->"
GOAL_MS = 150.0
LOGIN = "mesure"
console = Console(stderr=True, highlight=False)
PAGES = {
    "to do, by risk": "/console",
    "a queue": "/console?file=D%C3%A9lais",
    "a queue, last page": "/console?file=D%C3%A9lais&avant=99999999.99999999",
    "mine (none)": "/console?qui=moi",
    "late": "/console?retard=1",
    "closed, by date": "/console?etat=closed",
    "closed, one commitment, displeased": "/console?etat=closed&engagement=environnement&ressenti=negatif",
    "closed, rare (urgent queue, by form, positive)": "/console?etat=closed&file=Urgent&canal=formulaire&ressenti=positif",
    "a month of two years ago": "/console?etat=tous&du=2024-12-01&au=2024-12-31",
    "search, a common word": "/console?q=dossier",
    "search, three words": "/console?q=d%C3%A9lai+paiement+subvention",
    "search, words in quotes": "/console?q=%22mon+dossier%22",
    "search, beginning of a word": "/console?q=rembours*",
    "search, nothing found": "/console?q=hippopotame",
    "one message": "",
    "one message within a search": "",
    "steering, twelve months": "/console/pilotage",
    "steering, two years by week, one commitment": "/console/pilotage?du=2024-12-01&pas=semaine&engagement=delais",
    "steering, three months by day": "/console/pilotage?du=2026-09-01&pas=jour",
}


def measure(items: int, database: str, work: Path, rounds: int) -> dict[str, Any]:
    """Fills a desk unless it is there, runs the site on it, and asks for each page `rounds` times."""
    folder = work / f"desk-{'postgresql' if database else 'sqlite'}-{items}"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    own = {"ECOUTE_VAR": str(folder), "ECOUTE_WEB_PORT": str(port)} | ({"ECOUTE_DATABASE_URL": database} if database else {})
    env = {name: value for name, value in os.environ.items() if not name.startswith("ECOUTE_")} | own
    parts = Parts(Settings(var=folder, database_url=database))
    command = str(Path(sys.executable).parent / "ecoute")
    filled = None
    if not (folder / "ready").exists():
        filled = run_to_end([command, "demo", "--items", str(items)], env, ROOT, folder / "demo.log")["wall"]
        (folder / "ready").touch()
    with parts.sessions() as session:
        engine = session.get_bind().dialect.name
        size = (
            (folder / "ecoute.db").stat().st_size
            if engine == "sqlite"
            else int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
        )
        opened = session.scalar(select(func.count()).select_from(FeedbackItemRow).where(FeedbackItemRow.status == "open")) or 0
        reference = session.scalar(select(FeedbackItemRow.reference).where(FeedbackItemRow.status == "open").order_by(FeedbackItemRow.rank))
    password = new_account(command, env)
    site = [sys.executable, "-m", "uvicorn", "ecoute.serve:build_app", "--factory", "--host", "127.0.0.1", "--port", str(port)]
    with running([*site, "--no-access-log"], env, ROOT, folder / "site.log") as server:
        while not listens(port):
            server.check()
            time.sleep(0.2)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            signed = client.post("/connexion", data={"identifiant": LOGIN, "mot_de_passe": password, "suite": "/console"})
            assert signed.status_code == 303, signed.text
            pages = {
                name: ask(client, address or f"/console/messages/{reference}{'?q=dossier' if 'search' in name else ''}", rounds)
                for name, address in PAGES.items()
            }
    return {"items": items, "open": opened, "engine": engine, "bytes": size, "filled": filled, "load": os.getloadavg()[0], "pages": pages}


def new_account(command: str, env: dict[str, str]) -> str:
    """Password of the account that asks."""
    for verb in (["add-agent", LOGIN, "Mesure", "--role", "referent"], ["reset-password", LOGIN]):
        done = subprocess.run([command, *verb], env=env, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
        if done.returncode == 0:
            return done.stdout.split()[-1]
    raise SystemExit(done.stderr)


def ask(client: httpx.Client, address: str, rounds: int) -> dict[str, float]:
    """Milliseconds and bytes of a page, after two that warm up."""
    times, weight = [], 0
    for turn in range(rounds + 2):
        began = time.perf_counter()
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        weight = len(answer.content)
        if turn >= 2:
            times.append((time.perf_counter() - began) * 1000)
    return {"p50": percentile(times, 0.5), "p95": percentile(times, 0.95), "bytes": weight}


def table(runs: Sequence[dict[str, Any]]) -> str:
    """Markdown: p50 and p95 of each page in each run, its weight, and how the database grows."""
    heads = [f"{run['items']:,} on {'SQLite' if run['engine'] == 'sqlite' else 'PostgreSQL'}" for run in runs]
    lines = [f"| page, p50 / p95 in ms | {' | '.join(heads)} | kB |", "|---" * (len(runs) + 2) + "|"]
    for name in PAGES:
        cells = [f"{run['pages'][name]['p50']:.0f} / {_told(run['pages'][name]['p95'])}" for run in runs]
        lines.append(f"| {name} | {' | '.join(cells)} | {runs[-1]['pages'][name]['bytes'] / 1000:.0f} |")
    lines.append(f"| messages to do | {' | '.join(str(run['open']) for run in runs)} | |")
    lines.append(
        f"| database, MB (kB a message) | {' | '.join(f'{run["bytes"] / 1e6:.0f} ({run["bytes"] / run["items"] / 1000:.1f})' for run in runs)} | |"
    )
    cores, loads = os.cpu_count(), ", ".join(f"{run['load']:.1f}" for run in runs)
    lines.append(f"\n{cores} cores shared with other work; load average at the end of each run: {loads}. Bold: over {GOAL_MS:.0f} ms.")
    return "\n".join(lines)


def publish(runs: Sequence[dict[str, Any]], out: Path) -> None:
    """The figures, the table in docs/measures.md and the plot."""
    source, document = out / "measures" / "desk.json", out / "measures.md"
    source.parent.mkdir(exist_ok=True)
    source.write_text(
        json.dumps({"on": datetime.now().astimezone().date().isoformat(), "runs": list(runs)}, indent=1) + "\n", encoding="utf-8"
    )
    place(document, table(runs), MARK, END)
    chart = [str(Settings().bot_python), "-m", "bench.desk_chart", str(source), str(source.with_suffix(".svg"))]
    if Path(chart[0]).exists():
        subprocess.run(chart, cwd=ROOT, check=True)  # noqa: S603 - our own command


def _told(value: float) -> str:
    return f"**{value:.0f}**" if value > GOAL_MS else f"{value:.0f}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--items", type=int, nargs="+", default=[10_000, 100_000])
    arguments.add_argument("--database", default="", help="SQLAlchemy URL of an empty database; SQLite otherwise")
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--work", type=Path, default=ROOT / "var" / "bench")
    arguments.add_argument("--out", type=Path, default=ROOT / "docs")
    given = arguments.parse_args()
    kept = given.out / "measures" / "desk.json"
    runs = json.loads(kept.read_text(encoding="utf-8"))["runs"] if kept.exists() else []
    for items in given.items:
        found = measure(items, given.database, given.work, given.rounds)
        runs = [run for run in runs if (run["engine"], run["items"]) != (found["engine"], items)] + [found]
        runs.sort(key=lambda run: (run["engine"] != "sqlite", run["items"]))
        publish(runs, given.out)
        console.print(f"{items}: median page {median(page['p50'] for page in found['pages'].values()):.0f} ms")
    console.print(table(runs))


if __name__ == "__main__":
    main()
