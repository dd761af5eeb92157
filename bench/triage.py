"""Triage under load, on a real Dovecot: thousands of mails settled once, and the whole pipeline's rate beside the encoder's alone.

Run: .venv/bin/python -m bench.triage, or parts of it: --parts rate. The load is read with the fast encoder (ECOUTE_TRIAGE_ENCODERS=fast),
whose model is trained in --work; the rate is measured with the models in force. Results: docs/measures/triage.json and the table of
docs/measures.md.
"""

import argparse
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, TaskID, TimeElapsedColumn

from bench import triage_faults
from bench import triage_figures as figures
from bench.document import place
from bench.running import Ended
from bench.triage_mails import mails
from bench.triage_places import SEED, Place, put
from ecoute.settings import ROOT, Settings
from language.embed import MAX_CHARACTERS, E5Embedder, UseEmbedder
from language.normalise import gist
from tests.servers.dovecot import dovecot
from tests.servers.relay import relay
from tests.servers.smtp import post_office
from triage.parse import parse
from triage.train import read_data
from triage.views import whole

PARTS = ("load", "rate", "faults")
EVERY_SECONDS = 2.0

console = Console(stderr=True, highlight=False)


def measure_load(given: argparse.Namespace, step: "Step") -> dict[str, Any]:
    """Many mails with the fast encoder: each settled once, memory and time for a mail from the first to the last."""
    models = given.work / "models-fast"
    raws = list(mails(read_data(), given.mails, SEED))
    weights: list[tuple[int, float]] = []
    with dovecot() as server, post_office() as office:
        place = Place(given.work / "load", server, office.url, models, "fast")
        if not (models / "triage.npz").exists():
            place.run("train", "triage")
        step("load: model of the fast encoder")
        put(server, raws)
        step(f"load: {len(raws)} mails put in the inbox")
        with place.sorting() as worker:
            while (done := place.count()) < len(raws):
                if done:
                    weights.append((done, worker.weigh().memory))
                worker.check()
                time.sleep(EVERY_SECONDS)
        step("load: settled")
        checked = json.loads(place.run("triage", "reconcile", "--json"))
        step("load: held against the ledger")
        moments, outcomes = place.settled(), place.outcomes()
        if place.items() != outcomes["imported"]:
            raise Ended(f"{place.items()} opinions for {outcomes['imported']} mails imported")
    slice_ = min(1000, len(raws) // 4)
    half = [(done / 1000, weight) for done, weight in weights if done > len(raws) / 2]
    return {
        "mails": len(raws),
        "different": len(set(raws)),
        "holds": checked["holds"],
        "agreed": checked["mailboxes"][0]["agreed"],
        **{name: outcomes[name] for name in ("imported", "duplicate", "automatic", "failed")},
        "first": 1000 / figures.per_second(moments[:slice_]),
        "last": 1000 / figures.per_second(moments[-slice_:]),
        "memory": weights,
        "growth": figures.slope(half),
    }


def measure_rate(given: argparse.Namespace, step: "Step") -> dict[str, Any]:
    """The encoders of the default models alone on half of the texts, the pipeline on all, the encoders on the other half."""
    raws = list(dict.fromkeys(mails(read_data(), given.rated, SEED)))
    opened = [parse(raw) for raw in raws]
    texts = [gist(whole(message.subject, message.text), MAX_CHARACTERS) for message in opened]
    deep, quick = E5Embedder(), UseEmbedder()
    deep.embed(texts[:4])

    def encode(some: list[str]) -> tuple[float, float]:
        """Seconds, and seconds of processors."""
        began, before = time.perf_counter(), time.process_time()
        deep.embed(some)
        with ThreadPoolExecutor(2) as pool:  # on both cores, as the deep one
            list(pool.map(quick.embed, (some[::2], some[1::2])))
        return time.perf_counter() - began, time.process_time() - before

    with dovecot() as server, post_office() as office:
        place = Place(given.work / "rate", server, office.url, Settings().models)
        put(server, raws)
        first = encode(texts[::2])
        step("rate: the encoders alone, first half")
        with place.sorting() as worker:
            while not place.count():
                worker.check()
                time.sleep(0.05)
            began, before, already = time.perf_counter(), worker.weigh().cpu, place.count()
            while (done := place.count()) < len(raws):
                worker.check()
                time.sleep(0.2)
            wall, cpu = time.perf_counter() - began, worker.weigh().cpu - before
        step(f"rate: the pipeline, {(done - already) / wall:.1f} mails a second")
        second = encode(texts[1::2])
        step("rate: the encoders alone, second half")
        if not json.loads(place.run("triage", "reconcile", "--json"))["holds"]:
            raise Ended("the ledger and the mailbox do not agree")
    took, busy = (one + other for one, other in zip(first, second))
    return {
        "mails": len(raws),
        "encoder": len(texts) / took,
        "encoder_cores": busy / took,
        "pipeline": (len(raws) - already) / wall,
        "cores": cpu / wall,
    }


def measure_faults(given: argparse.Namespace, step: "Step") -> dict[str, Any]:
    """Each fault on a system of its own, with the fast encoder."""
    models, found = given.work / "models-fast", {}
    for number, (name, fault, times) in enumerate(triage_faults.times_of(given.kills)):
        with (
            triage_faults.surroundings(fault, given.work) as around,
            dovecot() as server,
            post_office() as office,
            relay(server.imap_port) as link,
        ):
            place = Place(around.folder, server, office.url, models, "fast", link.port, around.database_url)
            if not (models / "triage.npz").exists():
                place.run("train", "triage")
            found[name] = triage_faults.suffer(place, link, office, around, fault, times, SEED + number)
        step(f"faults: {name}: {found[name]}")
    return {"found": found}


class Step:
    """Tells how far it is."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task
        self.machine = [os.getloadavg()[0]]

    def __call__(self, what: str) -> None:
        self.machine.append(os.getloadavg()[0])
        self._bar.console.print(what)
        self._bar.advance(self._task)


MEASURES = {"load": (measure_load, 4), "rate": (measure_rate, 3), "faults": (measure_faults, len(triage_faults.FAULTS))}
"""Each with its steps."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--parts", default=",".join(PARTS), help="among " + ", ".join(PARTS))
    arguments.add_argument("--mails", type=int, default=10_000, help="of the load")
    arguments.add_argument("--rated", type=int, default=1_000, help="mails whose rate is measured")
    arguments.add_argument("--kills", type=int, default=50, help="of the worker and of the sender; other faults in proportion")
    arguments.add_argument("--work", type=Path, default=ROOT / "var" / "bench-triage", help="models, logs, databases")
    arguments.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of measures.md")
    given = arguments.parse_args()
    parts = [part for part in PARTS if part in given.parts.split(",")]
    source, document = given.out / "measures" / "triage.json", given.out / "measures.md"
    measured = json.loads(source.read_text(encoding="utf-8")) if source.exists() else {}
    with Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=console) as bar:
        step = Step(bar, bar.add_task("Mesure", total=sum(MEASURES[part][1] for part in parts)))
        for part in parts:
            step.machine = [os.getloadavg()[0]]
            found = MEASURES[part][0](given, step)
            found |= {"machine": step.machine, "on": datetime.now().astimezone().date().isoformat()}
            measured |= {"cores": os.cpu_count(), part: found}
            # What was measured is kept, whatever comes next.
            source.parent.mkdir(exist_ok=True)
            source.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
            text = f"{figures.table(measured)}\n\n{figures.circumstances(measured)}"
            place(document, text, figures.MARK, figures.END)
    console.print(figures.table(measured))


if __name__ == "__main__":
    main()
