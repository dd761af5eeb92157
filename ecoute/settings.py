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
    automated_wrong: float = Field(
        0.03, ge=0, le=1, description="Part d’erreurs admise parmi les étiquettes que la machine pose seule, de 0 à 1."
    )
    database_url: str = Field("", description="Base de données (URL SQLAlchemy). Vide : SQLite dans ECOUTE_VAR.")
    imap_url: str = Field("", description="Boîte des avis : imaps://utilisateur:motdepasse@hote:port/INBOX. Vide : boîte d'exemple.")
    smtp_url: str = Field("", description="Envoi de courriel : smtp://hote:port, ou smtps://utilisateur:motdepasse@hote:port.")
    mail_from: str = Field("ne-pas-repondre@region.exemple.fr", description="Adresse d'expédition des courriels.")
    secret: str = Field("", description="Secret qui scelle les codes. Vide : tiré au premier lancement dans ECOUTE_VAR.")
    dn_url: str = Field(
        "https://demarche.numerique.gouv.fr/api/v2/graphql", description="Adresse de l'API GraphQL de Démarche numérique, en https."
    )
    dn_token: str = Field("", description="Jeton de l'API de Démarche numérique, en lecture seule. Vide : ses dossiers ne sont pas lus.")
    dn_demarches: str = Field(
        "",
        description="Démarches dont les dossiers sont suivis, avec l'aide de chacune : 12345=contrat-export,67890=prim-export. "
        "Vide : toutes celles que le jeton ouvre, sans délai annoncé.",
    )
    dn_read_receipts: str = Field(
        "",
        description="Démarches avec accusé de lecture, séparées par des virgules : leur décision n'est dite qu'une fois lue sur le site.",
    )
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
        return tuple(site.rstrip("/") for site in _listed(self.widget_sites))

    def dn_aids(self) -> dict[int, str]:
        """Slug of the scheme of each procedure followed. Raises ValueError, in words."""
        found: dict[int, str] = {}
        for pair in _listed(self.dn_demarches):
            number, equal, slug = (part.strip() for part in pair.partition("="))
            if not (number.isdecimal() and equal and slug):
                raise ValueError(f"ECOUTE_DN_DEMARCHES : « {pair} » illisible ; écrivez numéro=aide, comme 12345=contrat-export")
            found[int(number)] = slug
        return found

    def dn_receipts(self) -> frozenset[int]:
        """Procedures whose decision is read on the platform first. Raises ValueError, in words."""
        numbers = _listed(self.dn_read_receipts)
        wrong = [number for number in numbers if not number.isdecimal()]
        if wrong:
            raise ValueError(f"ECOUTE_DN_READ_RECEIPTS : « {wrong[0]} » n'est pas un numéro de démarche")
        return frozenset(map(int, numbers))

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


def _listed(setting: str) -> list[str]:
    return [part.strip() for part in setting.split(",") if part.strip()]
