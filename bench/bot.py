"""Our recipe beside Rasa's stock one, in turn on the same machine: training, start, memory, turns under load, and what the gateway adds.

Run: .venv/bin/python -m bench.bot (about forty minutes on two cores), or parts of it: --parts starts,turns,gateway. A part takes the
models trained before it in --work. Results: docs/measures/bot.json, bot.svg and the table of docs/measures.md.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import Progress, TaskID, TimeElapsedColumn

from bench import figures
from bench.document import place
from bench.running import Ended, Running, run_to_end, running
from bench.sampling import read_sentences, split, training_file
from bench.visitors import Round, ask, from_place, open_client, visit
from ecoute.processes import programs
from ecoute.settings import ROOT, Settings
from ecoute.training import bot_environment
from store import migrate
from store.engine import open_engine

RECIPES = {"ours": ["config.yml"], "stock": ["bench/stock_config.yml", "bench/stock_rules.yml"]}
"""Configuration of each, then the rules that it alone needs."""
PARTS = ("training", "starts", "turns", "gateway")
SEED = 20251125
READY_SECONDS = 400
CROWDS = (1, 10, 30)
RAISED = (3, 6, 10, 15, 20, 30, 40, 55, 75, 100, 130, 170, 220)
TURNS_OF_PAIR = 12
"""Messages of a conversation through the gateway: it takes twenty a minute."""

console = Console(stderr=True, highlight=False)


class Bench:
    """The two recipes on this machine. Everything it writes but the results is in `work`."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given, self.work = given, given.work
        self.work.mkdir(parents=True, exist_ok=True)
        nlu = ROOT / "bot" / "data"
        files = [*sorted((nlu / "nlu").glob("*/*.yml")), nlu / "buttons.yml"]
        self.sentences = read_sentences(path.read_text(encoding="utf-8") for path in files)
        self.unseen = [sentence.spoken() for sentence in split(self.sentences, max(given.sentences), SEED)[1][:400]]
        actions_port = free_port()
        self.settings = {
            recipe: Settings(var=self.work / recipe, models=self.work / recipe, rasa_port=free_port(), actions_port=actions_port)
            for recipe in RECIPES
        }
        for settings in self.settings.values():
            settings.var.mkdir(exist_ok=True)
        self.load: list[float] = []

    def note_load(self) -> None:
        self.load.append(round(os.getloadavg()[0], 2))

    def train(self, recipe: str, count: int) -> dict[str, float]:
        """Trains on `count` sentences, with nothing kept from a training before."""
        self.note_load()
        settings, data = self.settings[recipe], self.work / f"sentences-{count}"
        data.mkdir(exist_ok=True)
        (data / "nlu.yml").write_text(training_file(split(self.sentences, count, SEED)[0]), encoding="utf-8")
        config, *rules = RECIPES[recipe]
        files = ["--config", config, "--domain", "bot/domain", "--data", str(data), "bot/data/rules", *rules]
        command = [str(settings.bot_python), "-m", "rasa", "train", *files, "--out", str(settings.models), "--fixed-model-name", "bot"]
        env = bot_environment(settings) | {"RASA_CACHE_DIRECTORY": str(self.work / "cache" / uuid.uuid4().hex)}
        return run_to_end(command, env, ROOT, self.work / f"train-{recipe}.log")

    @contextmanager
    def actions(self) -> Iterator[None]:
        """The actions server, for both."""
        settings = self.settings["ours"]
        migrate.upgrade(open_engine(settings.database()))
        own = {"ECOUTE_VAR": str(settings.var), "ECOUTE_ACTIONS_PORT": str(settings.actions_port)}
        with self._program(settings, "actions", own) as server:
            wait_for(server, f"http://127.0.0.1:{settings.actions_port}/health")
            yield

    @contextmanager
    def site(self) -> Iterator[tuple[Running, str]]:
        """The site in front of our assistant, and its address."""
        settings = self.settings["ours"].model_copy(update={"web_port": free_port()})
        own = {"ECOUTE_VAR": str(settings.var), "ECOUTE_RASA_PORT": str(settings.rasa_port), "ECOUTE_MODELS": str(settings.models)}
        with self._program(settings, "site", own) as server:
            wait_for(server, f"http://127.0.0.1:{settings.web_port}/sante")
            yield server, f"http://127.0.0.1:{settings.web_port}"

    @contextmanager
    def assistant(self, recipe: str) -> Iterator[tuple[Running, float]]:
        """Rasa as the system runs it; seconds from the start of its process to the first answer to a message."""
        settings = self.settings[recipe]
        if not (settings.models / "bot.tar.gz").exists():
            raise SystemExit(f"{settings.models}/bot.tar.gz manque : lancez d'abord --parts training")
        with self._program(settings, "assistant", {}) as server:
            asyncio.run(self._first_answer(server, self.url(recipe)))
            yield server, time.perf_counter() - server.started

    def url(self, recipe: str) -> str:
        return f"http://127.0.0.1:{self.settings[recipe].rasa_port}"

    async def _first_answer(self, server: Running, url: str) -> None:
        async with open_client() as client:
            while time.perf_counter() - server.started < READY_SECONDS:
                server.check()
                try:
                    if await ask(client, url, uuid.uuid4().hex, "Bonjour"):
                        return
                except httpx.HTTPError:
                    pass  # not listening yet
                await asyncio.sleep(0.1)
        raise Ended(f"no answer within {READY_SECONDS} s; its log: {server.log}")

    @contextmanager
    def _program(self, settings: Settings, name: str, own: dict[str, str]) -> Iterator[Running]:
        program = next(program for program in programs(settings, sample=False) if program.name == name)
        # The stock recipe runs in Rasa as it comes.
        command = ["rasa" if part == "bot.rasa" and settings is self.settings["stock"] else part for part in program.command]
        with running(command, dict(program.env) | own, ROOT, settings.var / f"{name}.log") as server:
            yield server


def measure_training(bench: Bench, step: "Step") -> dict[str, Any]:
    """At each size ours, stock, ours: the two of ours stand around stock's, and their mean beside it."""
    sizes = {}
    for count in sorted(bench.given.sentences):
        runs = []
        for recipe in ("ours", "stock", "ours"):
            runs.append(bench.train(recipe, count))
            step(f"training, {count} sentences, {recipe}: {runs[-1]['wall']:.0f} s")
        before, stock, after = runs
        sizes[str(count)] = {"ours": [{key: (before[key] + after[key]) / 2 for key in before}], "stock": [stock]}
    return {"sizes": sizes}


def measure_starts(bench: Bench, step: "Step") -> dict[str, Any]:
    """Each started alone, in turn."""
    found = defaultdict(list)
    with bench.actions():
        for number in range(bench.given.starts):
            for recipe in in_turn(number):
                bench.note_load()
                with bench.assistant(recipe) as (server, ready):
                    found[recipe].append({"ready": ready, "memory": server.weigh().memory})
                step(f"start, {recipe}: {ready:.1f} s")
    return dict(found)


def measure_turns(bench: Bench, step: "Step") -> dict[str, Any]:
    """Both up, one asked at a time: rounds of each crowd in turn, then crowds raised until turns are slow."""
    rounds: dict[str, dict[str, list[dict[str, float]]]] = {str(crowd): defaultdict(list) for crowd in CROWDS}
    raised: dict[str, list[dict[str, float]]] = {recipe: [] for recipe in RECIPES}
    with bench.actions(), ExitStack() as up:
        servers = {recipe: up.enter_context(bench.assistant(recipe))[0] for recipe in RECIPES}
        step("both are up")
        for recipe in RECIPES:
            asyncio.run(visit(bench.url(recipe), bench.unseen, 2, 3))  # what is loaded at the first turns
        for number in range(bench.given.rounds):
            for crowd in CROWDS:
                for recipe in in_turn(number):
                    rounds[str(crowd)][recipe].append(one_round(bench, servers[recipe], recipe, crowd))
                    step(f"{crowd} visitors, {recipe}: p95 {rounds[str(crowd)][recipe][-1]['p95']:.0f} ms")
        for number, crowd in enumerate(RAISED):
            for recipe in in_turn(number):
                if not raised[recipe] or raised[recipe][-1]["p95"] <= figures.SLOW_MS:
                    raised[recipe].append(one_round(bench, servers[recipe], recipe, crowd))
            step(f"raised to {crowd} visitors")
        memory = {recipe: [{"after": server.weigh().memory}] for recipe, server in servers.items()}
    return {"rounds": rounds, "raised": raised, "memory": memory}


def one_round(bench: Bench, server: Running, recipe: str, crowd: int) -> dict[str, float]:
    """Figures of a round; `cpu`: milliseconds of processors that Rasa takes for a turn."""
    bench.note_load()
    before = server.weigh().cpu
    done: Round = asyncio.run(visit(bench.url(recipe), bench.unseen, crowd, bench.given.seconds))
    return done.figures() | {"cpu": (server.weigh().cpu - before) * 1000 / len(done.took)}


def measure_gateway(bench: Bench, step: "Step") -> dict[str, Any]:
    """The same message through the site and straight to Rasa, one after the other, in twin conversations."""
    pairs: list[tuple[float, float]] = []
    with bench.actions(), bench.assistant("ours"), bench.site() as (server, site):
        texts = from_place(bench.unseen, 0)
        asyncio.run(twin_conversations(site, bench.url("ours"), texts))  # what is loaded at the first turns
        before = server.weigh().cpu
        while len(pairs) < bench.given.pairs:
            bench.note_load()
            pairs += asyncio.run(twin_conversations(site, bench.url("ours"), texts))
            step(f"{len(pairs)} pairs through the gateway")
        cpu = (server.weigh().cpu - before) * 1000 / len(pairs)
    told = [{"through": round(through, 2), "straight": round(straight, 2)} for through, straight in pairs]
    return {"pairs": told, "cpu": cpu}


async def twin_conversations(site: str, rasa: str, texts: Iterator[str]) -> list[tuple[float, float]]:
    """Milliseconds (through the site, straight) of each message that the assistant answered; ends once it hands over."""
    pairs: list[tuple[float, float]] = []
    async with open_client() as client:
        token = (await client.post(f"{site}/api/conversations")).raise_for_status().json()["token"]
        path, sender = f"{site}/api/conversations/{token}/messages", uuid.uuid4().hex
        await client.get(f"{rasa}/")
        for turn in range(TURNS_OF_PAIR):
            text, took, told = next(texts), {}, {}
            for way in ("through", "straight") if turn % 2 else ("straight", "through"):
                asked = time.perf_counter()
                if way == "through":
                    told = (await client.post(path, json={"text": text})).raise_for_status().json()
                else:
                    await ask(client, rasa, sender, text)
                took[way] = (time.perf_counter() - asked) * 1000
            if told["state"] != "bot":
                break
            if told["speaker"] == "bot":
                pairs.append((took["through"], took["straight"]))
    return pairs


def in_turn(number: int) -> Sequence[str]:
    """Ours first, then stock first."""
    return tuple(RECIPES) if number % 2 == 0 else tuple(reversed(RECIPES))


def wait_for(server: Running, url: str) -> None:
    """Returns when `url` answers 200. Raises Ended."""
    while time.perf_counter() - server.started < READY_SECONDS:
        server.check()
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass  # not listening yet
        time.sleep(0.2)
    raise Ended(f"{url} does not answer; its log: {server.log}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Step:
    """Tells how far it is."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task

    def __call__(self, what: str) -> None:
        self._bar.console.print(what)
        self._bar.advance(self._task)


MEASURES = {"training": measure_training, "starts": measure_starts, "turns": measure_turns, "gateway": measure_gateway}


def steps_of(part: str, given: argparse.Namespace) -> int:
    """Steps of a part, for the progress bar."""
    steps: dict[str, int] = {
        "training": 3 * len(given.sentences),
        "starts": 2 * given.starts,
        "turns": 1 + 2 * given.rounds * len(CROWDS) + len(RAISED),
        "gateway": given.pairs // TURNS_OF_PAIR + 1,
    }
    return steps[part]


def publish(measured: dict[str, Any], out: Path) -> None:
    """The figures, the table in docs/measures.md and the plot."""
    source, document = source_in(out), out / "measures.md"
    source.parent.mkdir(exist_ok=True)
    source.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    text = f"{figures.table(measured)}\n\n{figures.circumstances(measured)}"
    place(document, text, figures.MARK, figures.END)
    chart = [str(Settings().bot_python), "-m", "bench.chart", str(source), str(source.with_suffix(".svg"))]
    subprocess.run(chart, cwd=ROOT, check=True)  # noqa: S603 - our own command


def source_in(docs: Path) -> Path:
    return docs / "measures" / "bot.json"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--parts", default=",".join(PARTS), help="among " + ", ".join(PARTS))
    arguments.add_argument("--sentences", type=int, nargs="+", default=[500, 1500], help="sizes of training; servers run the largest")
    arguments.add_argument("--starts", type=int, default=4)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=6, help="of a round of visitors")
    arguments.add_argument("--pairs", type=int, default=300, help="of the same message through the gateway and straight to Rasa")
    arguments.add_argument("--work", type=Path, default=ROOT / "var" / "bench", help="trained models, logs, databases")
    arguments.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of measures.md")
    given = arguments.parse_args()
    parts = [part for part in PARTS if part in given.parts.split(",")]
    bench = Bench(given)
    source = source_in(given.out)
    measured = json.loads(source.read_text(encoding="utf-8")) if source.exists() else {}
    with Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=console) as bar:
        step = Step(bar, bar.add_task("Mesure", total=sum(steps_of(part, given) for part in parts)))
        for part in parts:
            bench.load = []
            found = MEASURES[part](bench, step)
            bench.note_load()
            measured |= {"on": datetime.now().astimezone().date().isoformat(), "cores": os.cpu_count(), part: found | {"load": bench.load}}
            publish(measured, given.out)  # what was measured is kept, whatever comes next
    console.print(figures.table(measured))


if __name__ == "__main__":
    main()
