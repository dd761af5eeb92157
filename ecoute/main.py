"""The command `ecoute`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ecoute import evaluate, training
from ecoute.settings import Settings
from ecoute.wire import Parts
from triage.errors import ModelMissing

app = typer.Typer(help="Écoute+ : écouter les usagers d'une Région et leur répondre.", no_args_is_help=True, add_completion=False)
evaluate_app = typer.Typer(help="Mesure les modèles sur des lignes annotées.", no_args_is_help=True)
app.add_typer(evaluate_app, name="evaluate")

JsonOption = Annotated[bool, typer.Option("--json", help="Un objet JSON sur la sortie.")]


@app.command()
def train(what: Annotated[str, typer.Argument(help="bot ou triage ; les deux sinon")] = "") -> None:
    """Entraîne les modèles."""
    if what not in ("", "bot", "triage"):
        _fail(f"« {what} » ne s'entraîne pas : bot ou triage")
    settings = Settings()
    if what in ("", "triage"):
        card = training.train_triage(settings, Parts(settings).embedder)
        typer.echo(json.dumps(card["cross_validated"], ensure_ascii=False))
    if what in ("", "bot"):
        training.train_bot(settings)


@evaluate_app.command("triage")
def evaluate_triage(file: Path, as_json: JsonOption = False) -> None:
    """Mesure le tri des messages."""
    with _told():
        report = evaluate.score_triage(evaluate.read_lines(file), Parts(Settings()).classifier)
    typer.echo(json.dumps(report, ensure_ascii=False, indent=None if as_json else 1))


class _told:
    """Turns our own errors into one clear line and exit status 1."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ModelMissing | OSError):
            _fail(str(error) or (type(error).__doc__ or ""))


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    sys.exit(1)


def main() -> None:
    """Entry point of the command."""
    app()
