"""`ecoute triage …`: settle the mailboxes, replay and reconcile, read mails given as files."""

import json
import sys
from collections.abc import Iterator
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
    from ecoute.wire import Parts, now
    from outbox.sender import send_due

    settings = Settings()
    with told():
        addresses = _addresses(settings)
        parts = Parts(settings)
        _ = parts.classifier
        if not once:
            intake.watch(parts, addresses)
            return
        report, failed = intake.settle_once(parts, addresses)
        if settings.smtp_url:
            mails = send_due(parts.sessions, parts.open_post, parts.identity, now)
            # Not on standard output, which counts the mailboxes; mails that wait for a server leave nothing unsettled there.
            typer.echo(f"{mails.sent} courriels envoyés, {mails.later} à retenter, {mails.failed} en échec", err=True)
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


@app.command("import")
def import_messages(
    files: list[Path],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Dit ce qui serait importé, et n'écrit rien.")] = False,
    answered: Annotated[bool, typer.Option("--answered", help="Ces messages ont déjà eu leur réponse : rangés comme traités.")] = False,
) -> None:
    """Importe des messages : mbox, Maildir, .eml, zip de .eml, export CSV de Services Publics+. Deux fois le même fichier n'ajoute rien."""
    from ecoute.imports import import_files

    import_files(files, dry_run, answered)


@app.command()
def classify(files: list[str], as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON par ligne.")] = False) -> None:
    """Lit des messages (.eml, ou - pour l'entrée) et dit ce que la machine y comprend."""
    from ecoute.wire import Parts

    parts = Parts(Settings())
    with told():
        _ = parts.classifier
        for name in files:
            typer.echo(json.dumps(_classified(parts, name), ensure_ascii=False, indent=None if as_json else 1))


@app.command()
def route(
    mail: Annotated[str, typer.Argument(help="Un message (.eml), ou - pour l'entrée.")],
    explain: Annotated[bool, typer.Option("--explain", help="Dit ligne par ligne pourquoi.")] = False,
) -> None:
    """Dit où va un message, sans rien ranger ni envoyer."""
    from ecoute.wire import Parts

    parts = Parts(Settings())
    with told():
        _ = parts.classifier
        for line in _routed(parts, mail, explain):
            typer.echo(line)


def _routed(parts: "Parts", name: str, explained: bool) -> Iterator[str]:
    from ecoute.wire import now
    from language.dates import in_words
    from outbox.compose import is_address
    from triage.acknowledge import why_not
    from triage.automatic import SURE
    from triage.explain import explain
    from triage.model import Channel
    from triage.parse import parse

    message = parse(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())
    if message.automatic in SURE:
        yield f"Message automatique ({message.automatic}) : rangé dans Automatique, la table n'est pas consultée. Elle dirait :"
    reading = parts.read(message)
    found, due = parts.route(message, reading)
    if explained:
        yield from explain(parts.table(), reading, Channel.MAIL, message)
        yield ""
    yield f"File : {found.queue}. Dossier : {found.folder}. Priorité : {found.priority}. Ligne : {found.rule}."
    yield f"Réponse : {f'le {in_words(due, weekday=True)} au plus tard' if due else 'aucune n’est due'}."
    why = why_not(found.acknowledgement, message, message.received_at(now()), now(), parts.answer_address.is_ours, is_address)
    if why is None and found.acknowledgement not in parts.mail_texts.names():
        why = f"le texte « {found.acknowledgement} » manque"
    yield f"Accusé de réception : {f'aucun, {why}' if why else f'texte « {found.acknowledgement} »'}."


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
            {
                "slug": str(label.slug),
                "confidence": round(label.confidence, 3),
                "evidence": list(label.evidence),
                "sentiment": str(label.sentiment),
            }
            for label in reading.commitments
        ],
        "sentiment": {
            "label": str(reading.sentiment),
            "confidence": round(reading.sentiment_confidence, 3),
            "evidence": list(reading.sentiment_evidence),
        },
        "urgent": reading.urgent,
        "queue": "Automatique" if message.automatic in SURE else found.queue,
        "autonomy": str(found.autonomy),
    }
