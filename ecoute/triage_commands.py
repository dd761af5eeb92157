"""`ecoute triage …`: settle the mailbox, read mails given as files."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecoute.settings import Settings
from ecoute.told import fail, told

if TYPE_CHECKING:
    from ecoute.wire import Parts

app = typer.Typer(help="Trie la boîte des avis.", no_args_is_help=True)


@app.command()
def run(once: Annotated[bool, typer.Option(help="S'arrête quand la boîte est vide.")] = False) -> None:
    """Range chaque message de la boîte dans sa file. Attend les suivants, sauf avec --once."""
    from ecoute.wire import Parts, now
    from outbox.sender import send_due
    from triage.imap import Mailbox
    from triage.isolated import IsolatedParser
    from triage.watch import run_forever
    from triage.worker import settle_mailbox

    settings = Settings()
    if not settings.imap_url:
        fail("Aucune boîte à trier : réglez ECOUTE_IMAP_URL (imaps://utilisateur:motdepasse@hote:port/INBOX)")
    parts, open_mail = Parts(settings), IsolatedParser()
    with told():
        _ = parts.classifier
        if not once:
            work = (parts.sessions, parts.read, parts.route, now)
            run_forever(lambda: Mailbox(settings.imap_url), *work, Event(), open_mail=open_mail, letters=parts.letters)
            return
        with Mailbox(settings.imap_url) as box:
            report = settle_mailbox(box, parts.sessions, parts.read, parts.route, now, open_mail=open_mail, letters=parts.letters)
        if settings.smtp_url:
            mails = send_due(parts.sessions, parts.open_post, parts.identity, now)
            # Not on standard output, which counts the mailbox; mails that wait for a server leave nothing unsettled there.
            typer.echo(f"{mails.sent} courriels envoyés, {mails.later} à retenter, {mails.failed} en échec", err=True)
    typer.echo(json.dumps({str(outcome): count for outcome, count in report.outcomes.items()} | {"unmoved": report.unmoved}))
    if not report.settled:
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
            {"slug": str(label.slug), "confidence": round(label.confidence, 3), "evidence": list(label.evidence)}
            for label in reading.commitments
        ],
        "sentiment": {"label": str(reading.sentiment), "confidence": round(reading.sentiment_confidence, 3)},
        "urgent": reading.urgent,
        "queue": "Automatique" if message.automatic in SURE else found.queue,
        "autonomy": str(found.autonomy),
    }
