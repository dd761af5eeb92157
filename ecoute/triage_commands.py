"""`ecoute triage …`: settle the mailboxes, replay and reconcile, read mails given as files."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecoute.settings import Settings
from ecoute.told import fail, told
from triage.addresses import SHAPE, Address

if TYPE_CHECKING:
    from ecoute.wire import Parts
    from triage.worker import Report

app = typer.Typer(help="Trie la boîte des avis.", no_args_is_help=True)


@app.command()
def run(once: Annotated[bool, typer.Option(help="S'arrête quand les boîtes sont vides.")] = False) -> None:
    """Range chaque message des boîtes dans sa file. Attend les suivants, sauf avec --once."""
    from ecoute import intake
    from ecoute.wire import Parts

    settings = Settings()
    with told():
        addresses = _addresses(settings)
        parts = Parts(settings)
        _ = parts.classifier
        if not once:
            intake.watch(parts, addresses)
            return
        report, failed = intake.settle_once(parts, addresses)
    _tell(report, failed)


@app.command()
def replay(
    ids: Annotated[list[int] | None, typer.Argument(help="Numéros des messages, comme la page « Quarantaine » les donne.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Tous les messages en quarantaine.")] = False,
) -> None:
    """Relit des messages mis en quarantaine, et range ceux qui se lisent."""
    from ecoute import intake
    from ecoute.wire import Parts

    if bool(ids) == every:
        fail("Donnez les numéros des messages à relire, ou --all")
    settings = Settings()
    with told():
        addresses = _addresses(settings)
        parts = Parts(settings)
        _ = parts.classifier
        opened, unknown = intake.reopen(parts, ids or [])
        for number in unknown:
            typer.echo(f"Le message {number} n'est pas en quarantaine.", err=True)
        report, failed = intake.settle_once(parts, addresses, opened)
        if left := intake.unsettled(parts, opened):
            failed.append(f"Messages à finir, leur boîte n'est pas dans les réglages ou ne répond pas : {', '.join(map(str, left))}")
    _tell(report, failed, wrong=bool(unknown))


@app.command()
def reconcile(as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON sur la sortie.")] = False) -> None:
    """Vérifie que le registre et les boîtes s'accordent : aucun message perdu, oublié ou en attente."""
    from ecoute import intake
    from ecoute.wire import Parts

    settings = Settings()
    with told():
        checked = intake.check(Parts(settings), _addresses(settings))
    if as_json:
        typer.echo(json.dumps(checked.as_dict(), ensure_ascii=False))
    else:
        for line in checked.lines():
            typer.echo(line)
    if not checked.holds:
        raise typer.Exit(1)


def _addresses(settings: Settings) -> list[Address]:
    addresses = settings.mailboxes()
    if not addresses:
        fail(f"Aucune boîte à trier : réglez ECOUTE_IMAP_URL ({SHAPE})")
    return addresses


def _tell(report: "Report", failed: list[str], wrong: bool = False) -> None:
    for line in failed:
        typer.echo(line, err=True)
    typer.echo(json.dumps({str(outcome): count for outcome, count in report.outcomes.items()} | {"unmoved": report.unmoved}))
    if failed or wrong or not report.settled:
        raise typer.Exit(1)


@app.command()
def classify(files: list[str], as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON par ligne.")] = False) -> None:
    """Lit des messages (.eml, ou - pour l'entrée) et dit ce que la machine y comprend."""
    from ecoute.wire import Parts

    parts = Parts(Settings())
    with told():
        _ = parts.classifier
        for name in files:
            typer.echo(json.dumps(_classified(parts, name), ensure_ascii=False, indent=None if as_json else 1))


def _classified(parts: "Parts", name: str) -> dict[str, Any]:
    from triage.automatic import SURE
    from triage.parse import parse

    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        message = parse(raw)
    except (OSError, ValueError) as error:
        return {"file": name, "error": str(error) or (type(error).__doc__ or type(error).__name__)}
    reading = parts.read(message)
    found, _due = parts.route(message, reading)
    return {
        "file": name,
        "text": message.text,
        "kind": "automatique" if message.automatic in SURE else str(reading.kind),
        "commitments": [
            {"slug": str(label.slug), "confidence": round(label.confidence, 3), "evidence": list(label.evidence)}
            for label in reading.commitments
        ],
        "sentiment": {"label": str(reading.sentiment), "confidence": round(reading.sentiment_confidence, 3)},
        "urgent": reading.urgent,
        "queue": "Automatique" if message.automatic in SURE else found.queue,
        "autonomy": str(found.autonomy),
    }
