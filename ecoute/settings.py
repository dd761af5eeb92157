"""Every setting of the system, read from the environment or from `.env` (names in upper case, prefix ECOUTE_)."""

import secrets
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Defaults suit one machine. Documented in docs/settings.md, which a test compares with this class."""

    model_config = SettingsConfigDict(env_prefix="ECOUTE_", env_file=ROOT / ".env", extra="ignore")

    var: Path = Field(ROOT / "var", description="Dossier des données : base SQLite, journaux, secret, comptes d'essai.")
    models: Path = Field(ROOT / "models", description="Dossier des modèles entraînés.")
    aids: Path = Field(ROOT / "aids" / "content", description="Dossier des fiches d'aide.")
    answers: Path = Field(ROOT / "answers" / "content", description="Dossier des réponses écrites.")
    routing: Path = Field(ROOT / "triage" / "routing.yml", description="Table de routage des messages.")
    database_url: str = Field("", description="Base de données (URL SQLAlchemy). Vide : SQLite dans ECOUTE_VAR.")
    imap_url: str = Field("", description="Boîte des avis : imaps://utilisateur:motdepasse@hote:port/INBOX. Vide : boîte d'exemple.")
    smtp_url: str = Field("", description="Envoi de courriel : smtp://hote:port, ou smtps://utilisateur:motdepasse@hote:port.")
    mail_from: str = Field("ne-pas-repondre@region.exemple.fr", description="Adresse d'expédition des courriels.")
    secret: str = Field("", description="Secret qui scelle les codes. Vide : tiré au premier lancement dans ECOUTE_VAR.")
    host: str = Field("127.0.0.1", description="Adresse d'écoute du site.")
    web_port: int = Field(8000, description="Port du site.")
    rasa_port: int = Field(5005, description="Port de Rasa, sur la machine seulement.")
    actions_port: int = Field(5055, description="Port du serveur d'actions, sur la machine seulement.")
    sample_imap_port: int = Field(4143, description="Port IMAP de la boîte d'exemple.")
    sample_smtp_port: int = Field(4025, description="Port SMTP de la boîte d'exemple.")
    sample_http_port: int = Field(4080, description="Port de la page web de la boîte d'exemple.")
    region_name: str = Field("Région Exemple", description="Nom de la Région, en tête des pages.")
    primary: str = Field("#0b5d5e", description="Couleur principale (thème clair).")
    primary_soft: str = Field("#e3f0ef", description="Couleur principale adoucie, en fond.")
    accent: str = Field("#b4491a", description="Couleur d'accent.")
    widget_sites: str = Field("", description="Sites qui portent l'assistant, séparés par des virgules (https://www.region.fr).")
    secure_cookies: bool = Field(False, description="Cookies réservés à HTTPS. À mettre à true derrière HTTPS.")
    session_hours: int = Field(10, description="Durée d'une session d'agent, en heures.")
    retention_days: int = Field(30, description="Durée de conservation des conversations, en jours.")
    bot_python: Path = Field(ROOT / ".venv-bot" / "bin" / "python", description="Python de l'environnement de Rasa.")

    def widget_origins(self) -> tuple[str, ...]:
        """Origins of the sites that carry the widget."""
        return tuple(site.strip().rstrip("/") for site in self.widget_sites.split(",") if site.strip())

    def database(self) -> str:
        """URL of the database in force."""
        return self.database_url or f"sqlite:///{self.var / 'ecoute.db'}"

    def rasa_database(self) -> Path:
        """Rasa's own copy of conversations."""
        return self.var / "rasa.db"

    def secret_in_force(self) -> str:
        """The secret set, or the one made at first use and kept in a file that only the owner reads."""
        if self.secret:
            return self.secret
        path = self.var / "secret"
        if not path.exists() or not path.read_text().strip():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".new")
            partial.touch(mode=0o600)
            partial.write_text(secrets.token_urlsafe(32))
            partial.replace(path)  # whole or not at all: an empty secret would seal nothing
        return path.read_text()
