"""`ecoute triage …`: settle the mailbox, read mails given as files."""

import json
import sys
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
            run_forever(lambda: Mailbox(settings.imap_url), parts.sessions, parts.read, parts.route, now, Event(), open_mail=open_mail)
            return
        with Mailbox(settings.imap_url) as box:
            report = settle_mailbox(box, parts.sessions, parts.read, parts.route, now, open_mail=open_mail)
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
