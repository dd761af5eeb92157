"""Trains what is missing or whose data has changed, showing how far it is."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

from rich.console import Console
from rich.progress import Progress

from ecoute.settings import ROOT, Settings
from triage.trained import load_card
from triage.versions import Versions
from triage.views import MessageFeatures

console = Console(stderr=True)


class TrainingFailed(RuntimeError):
    """L'entraînement a échoué."""


BOT_SOURCES = ("config.yml", "bot/domain", "bot/data", "bot/components", "language")
TRIAGE_SOURCES = (
    "triage/data",
    "triage/train.py",
    "triage/views.py",
    "triage/calibrate.py",
    "triage/autonomy.py",
    "triage/sentences.py",
    "language",
)


def train_triage(settings: Settings, features: MessageFeatures) -> dict[str, Any]:
    """Fits and saves the triage model; gives its card."""
    # scikit-learn takes seconds to load: only who trains waits for it.
    from triage import train as triage_train

    rows = triage_train.read_data()
    today = datetime.now().astimezone().date()
    sources = sources_hash(TRIAGE_SOURCES)
    versions = Versions(settings.models)
    # One that learnt from agents can be returned to.
    versions.keep_current()
    with Progress(console=console) as bar:
        task = bar.add_task("Tri : lecture des messages", total=len(rows))
        card = triage_train.train(rows, features, versions.in_force, sources, today, lambda done: bar.advance(task, done))
    _write_card(settings, "triage", card)
    return card


def start_training(settings: Settings, number: int) -> None:
    """Lets triage learn from agents in a process of its own, behind those that serve people. `number`: of the training begun."""
    log_path = settings.var / "log" / "train-triage.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    command = [
        "nice",
        "-n",
        "15",
        str(Path(sys.executable).parent / "ecoute"),
        "train",
        "triage",
        "--with-corrections",
        "--training",
        str(number),
    ]
    with log_path.open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603 - our own command
    # Its end is taken note of, or it would stay among the processes for as long as the site runs.
    Thread(target=process.wait, daemon=True).start()


def triage_is_current(settings: Settings) -> bool:
    """Whether the triage model was trained on the data as it is."""
    path = settings.models / "triage.npz"
    return path.exists() and load_card(path).get("sources_hash") == sources_hash(TRIAGE_SOURCES)


def train_bot(settings: Settings) -> None:
    """Has Rasa train the assistant in its own environment. Raises TrainingFailed."""
    console.print("Assistant : entraînement (trois à cinq minutes)")
    settings.models.mkdir(parents=True, exist_ok=True)
    settings.var.mkdir(parents=True, exist_ok=True)
    log_path = settings.var / "train-bot.log"
    # As the files are before: what is edited meanwhile asks for another training.
    sources = sources_hash(BOT_SOURCES)
    command = [str(settings.bot_python), "-m", "rasa", "train", "--config", "config.yml", "--domain", "bot/domain", "--data", "bot/data"]
    with log_path.open("w") as log, console.status("Assistant : entraînement en cours"):
        done = subprocess.run(  # noqa: S603 - our own command
            [*command, "--out", str(settings.models), "--fixed-model-name", "bot"],
            cwd=ROOT,
            env=bot_environment(settings),
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise TrainingFailed(f"L'entraînement de l'assistant a échoué. Son journal : {log_path}")
    (settings.models / "bot.json").write_text(json.dumps({"sources_hash": sources}))


def bot_is_current(settings: Settings) -> bool:
    """Whether the assistant was trained on its files as they are."""
    card, model = settings.models / "bot.json", settings.models / "bot.tar.gz"
    return card.exists() and model.exists() and json.loads(card.read_text())["sources_hash"] == sources_hash(BOT_SOURCES)


def sources_hash(sources: Sequence[str]) -> str:
    """Names all that a trained model depends on: it is trained again when one of them changes."""
    digest = hashlib.sha256()
    for source in sources:
        base = ROOT / source
        for path in sorted([base] if base.is_file() else [p for p in base.rglob("*") if p.suffix in (".yml", ".py", ".jsonl")]):
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def bot_environment(settings: Settings) -> dict[str, str]:
    """Environment of every Rasa process: no telemetry, our packages on its path, addresses for endpoints.yml."""
    return os.environ | {
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "ECOUTE_ACTIONS_URL": f"http://127.0.0.1:{settings.actions_port}/webhook",
        "ECOUTE_AIDS": str(settings.aids),
        "ECOUTE_ANSWERS": str(settings.answers),
        "ECOUTE_RASA_DATABASE": str(settings.rasa_database()),
    }


def _write_card(settings: Settings, name: str, card: dict[str, Any]) -> None:
    folder: Path = settings.models / "cards"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
