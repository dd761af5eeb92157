"""The web process: the application, with what it needs from the settings."""

from fastapi import FastAPI

from ecoute.settings import Settings
from ecoute.wire import Parts, now
from triage import store as triage_store
from triage.model import Channel, Message
from web.app import Deps, create_app


def build_app() -> FastAPI:
    """The application of this machine (factory for uvicorn)."""
    settings = Settings()
    parts = Parts(settings)

    def receive_opinion(name: str, email: str, subject: str, text: str) -> str:
        message = Message(None, subject, name, email, now(), text, "", (), None)
        # The form's own title says what it is for; what is stored keeps the longer subject.
        reading = parts.classifier.read("Avis", text)
        route, due = parts.route(message, reading, Channel.FORM)
        with parts.sessions.begin() as session:
            return triage_store.add_item(session, message, reading, route, due, Channel.FORM, None, now()).reference

    return create_app(
        Deps(
            sessions=parts.sessions,
            rasa_url=f"http://127.0.0.1:{settings.rasa_port}",
            answers=parts.answers,
            receive_opinion=receive_opinion,
            clock=now,
            secure_cookies=settings.secure_cookies,
            session_hours=settings.session_hours,
        )
    )
