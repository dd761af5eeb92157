"""`ecoute outbox …`: send the mails that are due."""

from threading import Event
from typing import Annotated

import typer

from ecoute.settings import Settings
from ecoute.told import fail, told

app = typer.Typer(help="Envoie les courriels en attente.", no_args_is_help=True)


@app.command()
def run(once: Annotated[bool, typer.Option(help="S'arrête quand rien n'est plus à envoyer.")] = False) -> None:
    """Envoie les accusés de réception et les réponses. Attend les suivants, sauf avec --once."""
    from ecoute.wire import Parts, now
    from outbox.sender import run_forever, send_due

    settings = Settings()
    if not settings.smtp_url:
        fail("Aucun serveur d'envoi : réglez ECOUTE_SMTP_URL (smtps://utilisateur:motdepasse@hote:port)")
    parts = Parts(settings)
    with told():
        if not once:
            run_forever(parts.sessions, parts.open_post, parts.identity, now, Event())
            return
        report = send_due(parts.sessions, parts.open_post, parts.identity, now)
    typer.echo(f"{report.sent} envoyés, {report.later} à retenter, {report.failed} en échec")
    if report.away:
        fail("Le serveur d'envoi n'est pas joignable. Lancez : ecoute doctor")
