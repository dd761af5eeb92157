"""Every setting of the system, read from the environment or from `.env` (names in upper case, prefix ECOUTE_)."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from people.rights import Role
from triage.addresses import Address, read_addresses
from triage.oauth import Grant

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Defaults suit one machine. Documented in docs/settings.md, which a test compares with this class."""

    model_config = SettingsConfigDict(env_prefix="ECOUTE_", env_file=ROOT / ".env", extra="ignore")

    var: Path = Field(ROOT / "var", description="Dossier des données : base SQLite, journaux, secret, comptes d'essai.")
    models: Path = Field(ROOT / "models", description="Dossier des modèles entraînés.")
    aids: Path = Field(ROOT / "aids" / "content", description="Dossier des fiches d'aide.")
    answers: Path = Field(ROOT / "answers" / "content", description="Dossier des réponses écrites.")
    quality: Path = Field(ROOT / "quality" / "content", description="Dossier des actions publiées : ce qui a changé grâce aux avis.")
    routing: Path = Field(ROOT / "triage" / "routing.yml", description="Table de routage des messages.")
    automated_wrong: float = Field(
        0.03, ge=0, le=1, description="Part d’erreurs admise parmi les étiquettes que la machine pose seule, de 0 à 1."
    )
    learn_days: int = Field(
        0,
        ge=0,
        description="Le tri apprend des corrections des agents tous les N jours, avec « ecoute up ». 0 : seulement quand une personne le lance.",
    )
    triage_encoders: Literal["full", "fast"] = Field(
        "full",
        description="Encodeurs du tri. « fast » ne connaît aucune langue : pour mesurer de grands nombres de messages, jamais pour trier. "
        "Chaque choix a son modèle : relancez ecoute train triage, avec un autre ECOUTE_MODELS.",
    )
    database_url: str = Field("", description="Base de données (URL SQLAlchemy). Vide : SQLite dans ECOUTE_VAR.")
    imap_url: str = Field(
        "",
        description="Boîte des avis : imaps://utilisateur:motdepasse@hote:port/INBOX. Plusieurs dossiers : /INBOX,Avis ; plusieurs boîtes : "
        "adresses séparées par des espaces ; sans mot de passe : OAuth 2. Vide : boîte d'exemple.",
    )
    imap_oauth_token_url: str = Field("", description="Serveur de jetons OAuth 2 des boîtes sans mot de passe, en https.")
    imap_oauth_client_id: str = Field("", description="Identifiant de l'application auprès du serveur de jetons.")
    imap_oauth_client_secret: str = Field("", description="Secret de l'application auprès du serveur de jetons.")
    imap_oauth_refresh_token: str = Field("", description="Jeton de renouvellement du compte. Vide : l'application agit en son nom.")
    imap_oauth_scope: str = Field("", description="Droits demandés au serveur de jetons, séparés par des espaces.")
    mail_most_bytes: int = Field(
        35_000_000, gt=0, description="Taille d'un message, en octets, au-delà de laquelle seul son début est lu ; il est conservé entier."
    )
    smtp_url: str = Field("", description="Envoi de courriel : smtp://hote:port, ou smtps://utilisateur:motdepasse@hote:port.")
    mail_from: str = Field("ne-pas-repondre@region.exemple.fr", description="Adresse d'expédition des courriels.")
    mail_replies: str = Field(
        "",
        description="Adresse de la boîte des avis, où arrivent les réponses à nos courriels. Vide : celle d'ECOUTE_IMAP_URL, "
        "si c'en est une ; sinon ECOUTE_MAIL_FROM.",
    )
    mail_plus: bool = Field(
        True,
        description="Réponses attendues à avis+référence@…, pour qu'elles rejoignent leur message. À mettre à false si le serveur de la "
        "boîte ne livre pas ces adresses.",
    )
    mail_domain: str = Field("", description="Domaine de nos identifiants de courriel (Message-ID). Vide : celui d'ECOUTE_MAIL_FROM.")
    secret: str = Field(
        "", description="Secret qui scelle les codes et les adresses de réponse. Vide : tiré au premier lancement dans ECOUTE_VAR."
    )
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
    agent_names: bool = Field(
        False, description="Prénom de l'agent dans la signature des réponses. À mettre à true si les agents l'acceptent."
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
    chats_each: int = Field(
        3, ge=1, description="Conversations en direct qu'un agent peut mener à la fois. Au-delà, le visiteur laisse un message."
    )
    secure_cookies: bool = Field(False, description="Cookies réservés à HTTPS. À mettre à true derrière HTTPS.")
    attachments_mb: int = Field(10, description="Poids des fichiers joints à un avis, en tout, en Mo.")
    session_hours: int = Field(10, description="Durée d'une session d'agent, en heures.")
    session_idle_minutes: int = Field(60, ge=5, description="Une session d'agent sans activité se ferme après ce temps, en minutes.")
    second_factor_roles: str = Field(
        "superviseur,administrateur", description="Rôles qui doivent avoir un second facteur, séparés par des virgules."
    )
    public_url: str = Field(
        "",
        description="Adresse publique du site, comme https://ecoute.region.fr : les liens envoyés y mènent. Nécessaire avec ECOUTE_OIDC_ISSUER.",
    )
    oidc_issuer: str = Field(
        "", description="Fournisseur d'identité OpenID Connect, comme ProConnect : son adresse « issuer ». Vide : mots de passe seulement."
    )
    oidc_client_id: str = Field("", description="Identifiant de ce service chez le fournisseur d'identité.")
    oidc_client_secret: str = Field("", description="Secret de ce service chez le fournisseur d'identité.")
    oidc_label: str = Field("ProConnect", description="Nom du fournisseur d'identité, sur la page de connexion.")
    oidc_scopes: str = Field(
        "openid given_name usual_name email siret", description="Données demandées au fournisseur d'identité (scopes)."
    )
    oidc_sirets: str = Field("", description="SIRET des établissements admis, séparés par des virgules. Vide : tous, sur invitation.")
    oidc_strong: str = Field(
        "eidas2,eidas3,https://proconnect.gouv.fr/assurance/self-asserted-2fa,https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
        description="Niveaux « acr » du fournisseur qui valent un second facteur, séparés par des virgules.",
    )
    oidc_trusts_email: bool = Field(
        False, description="À mettre à true si le fournisseur garantit les adresses sans le dire (sans email_verified)."
    )
    history_days: int = Field(365, ge=180, description="Durée de conservation de l'historique, en jours ; 180 au moins.")
    retention_days: int = Field(30, description="Durée de conservation des conversations, en jours.")
    bot_python: Path = Field(ROOT / ".venv-bot" / "bin" / "python", description="Python de l'environnement de Rasa.")

    def mailboxes(self) -> list[Address]:
        """Folders of mails to take. Raises ValueError, in words that hold no password."""
        return read_addresses(self.imap_url)

    def imap_grant(self) -> Grant | None:
        """What mailboxes without password sign in with. Raises ValueError, in words."""
        if not self.imap_oauth_token_url:
            return None
        parts = urlsplit(self.imap_oauth_token_url)
        if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("ECOUTE_IMAP_OAUTH_TOKEN_URL : l'adresse doit commencer par https://, des secrets y sont envoyés")
        secrets_given = (self.imap_oauth_client_secret, self.imap_oauth_refresh_token, self.imap_oauth_scope)
        return Grant(self.imap_oauth_token_url, self.imap_oauth_client_id, *secrets_given)

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

    def second_factors(self) -> frozenset[Role]:
        """Roles that need a second factor. Raises ValueError, in words."""
        try:
            return frozenset(Role(name) for name in _listed(self.second_factor_roles))
        except ValueError as error:
            raise ValueError(f"ECOUTE_SECOND_FACTOR_ROLES : {error} ; rôles possibles : {', '.join(Role)}") from None

    def database(self) -> str:
        """URL of the database in force."""
        return self.database_url or f"sqlite:///{self.var / 'ecoute.db'}"

    def kept(self) -> tuple[timedelta, timedelta]:
        """How long conversations, and lines of the history, are kept."""
        return timedelta(days=self.retention_days), timedelta(days=self.history_days)

    def replies_to(self) -> str:
        """Address of the mailbox that answers to our mails come to."""
        user = unquote(urlsplit(self.imap_url).username or "")
        return self.mail_replies or (user if "@" in user else self.mail_from)

    def message_domain(self) -> str:
        """Right part of our Message-IDs."""
        return self.mail_domain or self.mail_from.rpartition("@")[2]

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
