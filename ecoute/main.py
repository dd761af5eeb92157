"""The command `ecoute`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ecoute import evaluate, processes, training, triage_commands
from ecoute import sample as sample_content
from ecoute.settings import ROOT, Settings
from ecoute.told import fail, told
from ecoute.wire import Parts
from store import migrate
from store.engine import open_engine

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


@app.command()
def prepare(sample: Annotated[bool, typer.Option(help="Ajoute les dossiers et le compte d'essai.")] = False) -> None:
    """Met la base à jour et entraîne ce qui doit l'être."""
    settings = Settings()
    parts = Parts(settings)
    with told():
        migrate.upgrade(open_engine(settings.database()))
        if sample:
            sample_content.make_account(parts)
            sample_content.import_files(parts, (sample_content.SAMPLES / "dossiers.csv").read_bytes())
        if not training.triage_is_current(settings):
            training.train_triage(settings, parts.embedder)
        if (ROOT / "config.yml").exists() and not training.bot_is_current(settings):
            training.train_bot(settings)


@app.command("import-dossiers")
def import_dossiers(file: Path) -> None:
    """Importe des dossiers d'un CSV et dit les lignes refusées."""
    with told():
        count, refused = sample_content.import_files(Parts(Settings()), file.read_bytes())
    typer.echo(f"{count} dossiers importés, {len(refused)} lignes refusées")
    for line in refused:
        typer.echo(f"  {line}")


@app.command()
def up(sample: Annotated[bool, typer.Option(help="Avec une boîte d'exemple sur cette machine.")] = False) -> None:
    """Lance tous les processus ; Ctrl-C les arrête tous."""
    settings = Settings()
    with told():
        processes.run_all(settings, sample)


def main() -> None:
    """Entry point of the command."""
    app()
