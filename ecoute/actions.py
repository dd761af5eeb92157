"""The actions process: answers Rasa's calls, in the service environment."""

from rasa_sdk.endpoint import create_app

from bot.actions.registry import build_executor
from bot.actions.services import Services
from ecoute.settings import Settings
from ecoute.wire import Parts, now


def main() -> None:
    """Serves until stopped."""
    settings = Settings()
    parts = Parts(settings)
    services = Services(
        catalogue=parts.catalogue,
        answers=parts.answers,
        sessions=parts.sessions,
        dossiers=parts.dossiers,
        mail=parts.mail,
        secret=settings.secret_in_force(),
        clock=now,
    )
    services.catalogue.aids()  # read now rather than while someone waits for the first answer
    app = create_app(build_executor(services), cors_origins=[])
    # One process: its services hold open connections, which another could not be handed.
    app.run(host="127.0.0.1", port=settings.actions_port, single_process=True, access_log=False)


if __name__ == "__main__":
    main()
