"""Has Rasa read sentences with the trained model, outside any conversation."""

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from ecoute.settings import ROOT, Settings
from ecoute.training import bot_environment


class ReadingFailed(OSError):
    """L'assistant n'a pas pu lire ces phrases."""


def parse_with_rasa(settings: Settings, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Rasa's reading of each text, in order: `text`, `intent`, `entities`… Raises ReadingFailed."""
    model = settings.models / "bot.tar.gz"
    if not model.exists():
        raise ReadingFailed("L'assistant n'est pas entraîné. Lancez : ecoute train bot")
    done = subprocess.run(  # noqa: S603 - our own command
        [str(settings.bot_python), "-m", "bot.read", str(model)],
        cwd=ROOT,
        env=bot_environment(settings),
        input="\n".join(json.dumps(text) for text in texts),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ReadingFailed(f"La lecture a échoué : {done.stderr.strip().splitlines()[-1:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
