"""`ecoute models …`: which model reads the mail, which others could, and what the watch found."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ecoute.settings import Settings
from ecoute.told import fail, told

if TYPE_CHECKING:
    from ecoute.wire import Parts
    from web.accounts.tables import AgentAccountRow

app = typer.Typer(help="Choisit le modèle de tri en service, et le surveille.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="Identifiant de la personne qui décide.")]
Because = Annotated[str, typer.Option("--because", help="Pourquoi.")]


@app.command("list")
def list_versions() -> None:
    """Montre les versions gardées, celle qui est en service d'une étoile."""
    from desk.learning_words import card_told
    from triage.versions import Versions

    versions = Versions(Settings().models)
    current = versions.current()
    for card in versions.cards():
        typer.echo(f"{'*' if card['version'] == current else ' '} {card['version']} : {card_told(card)}")


@app.command()
def promote(version: str, by: By, because: Because) -> None:
    """Met une version en service, par la décision d'une personne. Rien n'est à relancer."""
    from desk.learning_store import DECIDED
    from ecoute.wire import Parts

    with told():
        parts = Parts(Settings())
        parts.learning.put_in_force(version, DECIDED, *_person(parts, by), _reason(because))
    typer.echo(f"{version} est en service.")


@app.command()
def rollback(by: By, because: Because) -> None:
    """Remet en service la version que celle d'aujourd'hui a remplacée."""
    from ecoute.wire import Parts

    with told():
        parts = Parts(Settings())
        version = parts.learning.roll_back(*_person(parts, by), _reason(because))
    typer.echo(f"{version} est de nouveau en service.")


@app.command("watch")
def watch_models() -> None:
    """Regarde ce qui arrive et comment c'est lu : accord des agents, changements, sujets nouveaux. « ecoute up » le fait chaque jour."""
    from desk.learning_store import last_training
    from desk.learning_watch import keep, watch
    from ecoute.wire import Parts, now

    settings = Settings()
    parts = Parts(settings)
    with told():
        model = parts.classifier.model
        with parts.sessions() as session:
            found = watch(session, model.curves, settings.automated_wrong, parts.meanings, now())
            last = last_training(session)
        with parts.sessions.begin() as session:
            keep(session, found)
        typer.echo(f"{found.alerts} alertes. Le détail est dans la console, page « Modèles ».")
        every = timedelta(days=settings.learn_days)
        if every and (last is None or last.started_at <= now() - every):
            train_with_corrections(None)


def train_with_corrections(number: int | None) -> None:
    """Trains a challenger; says what it is worth. `number`: of a training that the console has begun."""
    from rich.progress import Progress

    from desk.learning_words import verdict_told
    from ecoute.learning import MACHINE
    from ecoute.training import console
    from ecoute.wire import Parts

    with told(), Progress(console=console) as bar:
        task = bar.add_task("Tri : lecture des messages", total=None)
        found = Parts(Settings()).learning.train(MACHINE, number, lambda done, total: bar.update(task, completed=done, total=total))
    typer.echo(verdict_told(found))


def _person(parts: "Parts", login: str) -> "tuple[AgentAccountRow, str]":
    """An open account with the right to change models, and its login."""
    from people.rights import Right, Role, may
    from web.accounts.store import find_account

    with parts.sessions() as session:
        account = find_account(session, login)
    if account is None or account.disabled:
        fail(f"Aucun compte ouvert ne s'appelle « {login} ».")
    if not may(Role(account.role), Right.MODELS):
        fail(f"Le rôle de {account.name} ne permet pas de changer de modèle.")
    return account, account.login


def _reason(because: str) -> str:
    if not because.strip():
        fail("Dites pourquoi, avec --because.")
    return because.strip()
