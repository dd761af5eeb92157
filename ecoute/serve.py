"""The web process: the application, with what it needs from the settings."""

from fastapi import FastAPI

from desk.original import open_original
from ecoute.contents import shelves
from ecoute.reception import Reception
from ecoute.settings import Settings
from ecoute.wire import FRENCH_HOLIDAYS, Parts, now
from quality.actions import Actions
from triage.isolated import Isolated
from web.app import Deps, create_app
from web.region import Region


def build_app() -> FastAPI:
    """The application of this machine (factory for uvicorn)."""
    settings = Settings()
    parts = Parts(settings)
    return create_app(
        Deps(
            sessions=parts.sessions,
            rasa_url=f"http://127.0.0.1:{settings.rasa_port}",
            answers=parts.answers,
            receive=Reception(parts),
            forget=parts.forget_at_rasa,
            letters=parts.letters,
            templates=parts.templates,
            forwarding=parts.forwarding,
            agent_names=settings.agent_names,
            routing=parts.table,
            actions=Actions(settings.quality),
            models=parts.learning,
            open_original=Isolated(open_original),
            holiday=FRENCH_HOLIDAYS.__contains__,
            clock=now,
            chats_each=settings.chats_each,
            secret=settings.secret_in_force(),
            attachments=settings.attachments_mb * 1_000_000,
            widget_sites=settings.widget_origins(),
            rules=parts.account_rules(),
            oidc=parts.oidc(),
            contents=shelves(parts),
            region=Region(settings.region_name, settings.primary, settings.primary_soft, settings.accent),
        )
    )
