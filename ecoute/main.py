"""The command `ecoute`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ecoute import evaluate, training, triage_commands
from ecoute.settings import Settings
from ecoute.told import fail, told
from ecoute.wire import Parts

app = typer.Typer(help="Écoute+ : écouter les usagers d'une Région et leur répondre.", no_args_is_help=True, add_completion=False)
evaluate_app = typer.Typer(help="Mesure les modèles sur des lignes annotées.", no_args_is_help=True)
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(triage_commands.app, name="triage")

JsonOption = Annotated[bool, typer.Option("--json", help="Un objet JSON sur la sortie.")]


@app.command()
def train(what: Annotated[str, typer.Argument(help="bot ou triage ; les deux sinon")] = "") -> None:
    """Entraîne les modèles."""
    if what not in ("", "bot", "triage"):
        fail(f"« {what} » ne s'entraîne pas : bot ou triage")
    settings = Settings()
    if what in ("", "triage"):
        card = training.train_triage(settings, Parts(settings).embedder)
        typer.echo(json.dumps(card["cross_validated"], ensure_ascii=False))
    if what in ("", "bot"):
        training.train_bot(settings)


@evaluate_app.command("triage")
def evaluate_triage(file: Path, as_json: JsonOption = False) -> None:
    """Mesure le tri des messages."""
    with told():
        report = evaluate.score_triage(evaluate.read_lines(file), Parts(Settings()).classifier)
    typer.echo(json.dumps(report, ensure_ascii=False, indent=None if as_json else 1))


def main() -> None:
    """Entry point of the command."""
    app()
