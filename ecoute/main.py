"""The command `ecoute`.

Each command imports what it alone needs: scikit-learn and the database take seconds to load, and no command uses everything.
"""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from ecoute import model_commands, outbox_commands, training, triage_commands
from ecoute.settings import Settings
from ecoute.told import fail, told

app = typer.Typer(help="Écoute+ : écouter les usagers d'une Région et leur répondre.", no_args_is_help=True, add_completion=False)
evaluate_app = typer.Typer(help="Mesure les modèles sur des lignes annotées.", no_args_is_help=True)
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(triage_commands.app, name="triage")
app.add_typer(outbox_commands.app, name="outbox")
app.add_typer(model_commands.app, name="models")

JsonOption = Annotated[bool, typer.Option("--json", help="Un objet JSON sur la sortie.")]
SampleOption = Annotated[bool, typer.Option("--sample", help="Avec le contenu d'exemple.")]


@app.command()
def train(
    what: Annotated[str, typer.Argument(help="bot ou triage ; les deux sinon")] = "",
    needed: Annotated[bool, typer.Option("--needed", help="Seulement ce qui manque ou dont les données ont changé.")] = False,
    with_corrections: Annotated[
        bool, typer.Option("--with-corrections", help="Le tri apprend aussi des agents, et n'entre en service que s'il lit mieux.")
    ] = False,
    training_number: Annotated[int | None, typer.Option("--training", hidden=True)] = None,
) -> None:
    """Entraîne les modèles."""
    if with_corrections:
        if what != "triage":
            fail("Les corrections des agents portent sur le tri. Lancez : ecoute train triage --with-corrections")
        model_commands.train_with_corrections(training_number)
        return
    if what not in ("", "bot", "triage"):
        fail(f"« {what} » ne s'entraîne pas : bot ou triage")
    settings = Settings()
    with told():
        if what in ("", "triage") and not (needed and training.triage_is_current(settings)):
            from ecoute.wire import Parts

            card = training.train_triage(settings, Parts(settings).features)
            typer.echo(json.dumps({key: card["writers_left_out"][key] for key in ("kind", "sentiment", "commitments", "urgent")}))
        if what in ("", "bot") and not (needed and training.bot_is_current(settings)):
            training.train_bot(settings)


@evaluate_app.command("triage")
def evaluate_triage(file: Path, as_json: JsonOption = False) -> None:
    """Mesure le tri des messages."""
    from ecoute import evaluate
    from ecoute.wire import Parts

    with told():
        report = evaluate.score_triage(evaluate.read_lines(file), Parts(Settings()).classifier)
    typer.echo(json.dumps(report, ensure_ascii=False, indent=None if as_json else 1))


@evaluate_app.command("nlu")
def evaluate_nlu(file: Path, as_json: JsonOption = False) -> None:
    """Mesure ce que l'assistant comprend, avec le modèle entraîné, dans l'environnement de Rasa."""
    from ecoute import evaluate
    from ecoute.reading import parse_with_rasa

    with told():
        lines = evaluate.read_lines(file)
        report = evaluate.score_nlu(lines, parse_with_rasa(Settings(), [line["text"] for line in lines]))
    typer.echo(json.dumps(report, ensure_ascii=False, indent=None if as_json else 1))


@app.command()
def prepare(sample: SampleOption = False) -> None:
    """Met la base à jour et entraîne ce qui doit l'être."""
    from ecoute import sample as sample_content
    from ecoute.wire import Parts
    from store import migrate
    from store.engine import open_engine

    settings = Settings()
    with told():
        migrate.upgrade(open_engine(settings.database()))
        _index(settings)
        if sample:
            sample_content.add_content(Parts(settings))
    train(needed=True)


def _index(settings: Settings) -> None:
    """Lets the search know messages that came before it."""
    from ecoute.wire import Parts
    from triage.store import index_missing

    more = 1
    while more:
        with Parts(settings).sessions.begin() as session:
            more = index_missing(session)


@app.command()
def demo(
    items: Annotated[int, typer.Option(min=1, help="Nombre de messages.")] = 1000,
    seed: Annotated[int, typer.Option(help="La même graine donne la même console.")] = 1,
) -> None:
    """Remplit une base vide de messages inventés, sur deux ans, pour essayer la console et la mesurer.

    Les textes viennent des données d'apprentissage. Leurs étiquettes sont celles des annotateurs, pas une lecture du modèle, qui serait longue.
    """
    from rich.progress import Progress

    from ecoute import demo as demonstration
    from ecoute.wire import FRENCH_HOLIDAYS, Parts, now
    from store import migrate
    from store.engine import open_engine

    settings = Settings()
    parts = Parts(settings)
    with told():
        migrate.upgrade(open_engine(settings.database()))
        try:
            with Progress(transient=True) as bar:
                task = bar.add_task("Messages", total=items)
                demonstration.fill(
                    parts.sessions, items, parts.table(), now(), FRENCH_HOLIDAYS.__contains__, seed, lambda count: bar.advance(task, count)
                )
        except demonstration.NotDemo as error:
            fail(str(error))
    typer.echo(f"{items} messages de démonstration ajoutés")


@app.command("import-dossiers")
def import_dossiers(file: Path) -> None:
    """Importe des dossiers d'un CSV et dit les lignes refusées."""
    from ecoute import sample as sample_content
    from ecoute.wire import Parts

    with told():
        count, refused = sample_content.import_files(Parts(Settings()), file.read_bytes())
    typer.echo(f"{count} dossiers importés, {len(refused)} lignes refusées")
    for line in refused:
        typer.echo(f"  {line}")


@app.command("add-agent")
def add_agent(
    login: str,
    name: str,
    role: Annotated[str, typer.Option("--role", help="agent, referent, superviseur ou administrateur")] = "agent",
    email: Annotated[str, typer.Option("--email", help="Adresse pour la connexion par ProConnect.")] = "",
) -> None:
    """Ouvre un compte et donne son mot de passe, une seule fois."""
    from ecoute import sample as sample_content
    from ecoute.wire import Parts

    with told():
        password = sample_content.open_account(Parts(Settings()), login, name, role, email)
    typer.echo(f"Identifiant {login}, mot de passe {password}")


@app.command("reset-password")
def reset_password(login: str) -> None:
    """Donne un nouveau mot de passe à un agent, une seule fois, et ferme ses sessions."""
    from ecoute import sample as sample_content
    from ecoute.wire import Parts

    with told():
        password = sample_content.new_password(Parts(Settings()), login)
    typer.echo(f"Identifiant {login}, mot de passe {password}")


@app.command()
def up(
    sample: SampleOption = False,
    prepared: Annotated[bool, typer.Option("--prepare", help="Fait d'abord « ecoute prepare ».")] = False,
) -> None:
    """Lance tous les processus ; Ctrl-C les arrête tous."""
    from ecoute import processes
    from ecoute.wire import Parts

    settings = Settings()
    with told():
        _ = Parts(settings).demarche_numerique  # a wrong setting is said here rather than in the log of a process that falls
    if prepared:
        prepare(sample)
    taken = processes.taken_ports(settings, sample)
    if taken:
        fail(f"Un autre programme écoute déjà sur {', '.join(map(str, taken))}. Arrêtez-le, ou changez de port : voyez docs/settings.md")
    if not (settings.models / "bot.tar.gz").exists() or not (settings.models / "triage.npz").exists():
        fail("Les modèles ne sont pas entraînés. Lancez d'abord : ecoute prepare")
    processes.run_all(settings, sample)


@app.command("purge")
def purge_old() -> None:
    """Efface les conversations et les lignes d'historique trop anciennes. « ecoute up » le fait chaque jour."""
    from ecoute.purge import purge
    from ecoute.wire import Parts, now

    settings = Settings()
    erased = purge(Parts(settings).sessions, settings.rasa_database(), now(), *settings.kept())
    typer.echo(f"{erased} conversations effacées")


@app.command()
def doctor() -> None:
    """Vérifie chaque partie et dit comment réparer."""
    from ecoute.doctor import examine

    ill = 0
    for finding in examine(Settings()):
        typer.echo(f"{'bien     ' if finding.well else 'à réparer'}  {finding.part} : {finding.found}")
        if not finding.well:
            ill += 1
            typer.echo(f"           → {finding.mend}")
    raise typer.Exit(1 if ill else 0)


def main() -> None:
    """Entry point of the command. What it writes (messages, files, logs) is for its own account only."""
    os.umask(0o077)
    app()
