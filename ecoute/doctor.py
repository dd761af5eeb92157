"""Checks each part of the system, and says how to mend what is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from sqlalchemy import text

import history.store
import outbox.store
from dossiers.errors import ProviderError
from ecoute import training
from ecoute.processes import listens
from ecoute.settings import Settings
from ecoute.wire import Parts, now
from outbox.model import State
from outbox.smtp import connect
from quality.actions import Actions
from store import migrate
from store.content import ContentError, read_content
from store.engine import open_engine
from triage.errors import MailboxLost, MailboxRefused
from triage.route import Table
from web.accounts.oidc import Provider, ProviderDown


@dataclass(frozen=True)
class Finding:
    """What a check found. `mend`: what to do, when it is not well."""

    part: str
    well: bool
    found: str
    mend: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Checks one part after the other, each whatever became of the others."""
    checks: list[tuple[str, Callable[[Settings], Finding]]] = [
        ("Base de données", _database),
        ("Historique", _history),
        ("Fournisseur d'identité", _identity),
        ("Fiches d'aide", _aids),
        ("Réponses écrites", _answers),
        ("Actions publiées", _actions),
        ("Table de routage", _routing),
        ("Modèle de tri", _triage_model),
        ("Modèle de l'assistant", _bot_model),
        ("Environnement de Rasa", _bot_environment),
        ("Boîte des avis", _mailbox),
        ("Envoi de courriel", _smtp),
        ("Courriels en attente", _outbox),
        ("Démarche numérique", _demarche_numerique),
        ("Site", lambda s: _answering("Site", f"http://{s.host}:{s.web_port}/sante")),
        ("Actions", lambda s: _answering("Actions", f"http://127.0.0.1:{s.actions_port}/health")),
        ("Assistant", lambda s: _answering("Assistant", f"http://127.0.0.1:{s.rasa_port}/")),
    ]
    for part, check in checks:
        try:
            yield check(settings)
        except Exception as error:  # a check that falls is a finding, not an end
            yield Finding(part, False, f"{type(error).__name__} : {error}", "voyez docs/settings.md pour le réglage de cette partie")


def _database(settings: Settings) -> Finding:
    engine = open_engine(settings.database())
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    here, newest = migrate.current_revision(engine), migrate.latest_revision()
    if here != newest:
        return Finding("Base de données", False, f"version {here or 'aucune'}, attendue {newest}", "lancez : ecoute prepare")
    return Finding("Base de données", True, f"{engine.dialect.name}, version {here}")


def _history(settings: Settings) -> Finding:
    """Tells the last number and seal: noted elsewhere, they show later that the end was not cut off."""
    with Parts(settings).sessions() as session:
        flaws = history.store.examine(session)
        number, seal = history.store.last_entry(session)
    if flaws:
        some = " ; ".join(flaws[:5])
        return Finding(
            "Historique", False, some, "quelqu'un a modifié la base : comparez avec une sauvegarde, prévenez le responsable de la sécurité"
        )
    return Finding("Historique", True, f"chaîne entière, dernière ligne {number}, empreinte {seal[:16]}")


def _identity(settings: Settings) -> Finding:
    part = "Fournisseur d'identité"
    parts = Parts(settings)
    try:
        parts.account_rules()
        oidc = parts.oidc()
    except ValueError as error:
        return Finding(part, False, "mal réglé", f"corrigez : {error}")
    if oidc is None:
        return Finding(part, True, "aucun (ECOUTE_OIDC_ISSUER est vide)")
    try:
        Provider(oidc, settings.secret_in_force(), now).check()
    except ProviderDown as down:
        return Finding(part, False, str(down), "vérifiez ECOUTE_OIDC_ISSUER, et que cette machine peut le joindre")
    return Finding(part, True, f"{oidc.label} répond")


def _aids(settings: Settings) -> Finding:
    catalogue = Parts(settings).catalogue
    problems = catalogue.problems()
    return Finding("Fiches d'aide", not problems, f"{len(catalogue.aids())} fiches", "corrigez : " + " ; ".join(map(str, problems)))


def _answers(settings: Settings) -> Finding:
    parts = Parts(settings)
    book = parts.answers
    problems = book.problems() + parts.templates.problems() + parts.forwarding.problems()
    return Finding("Réponses écrites", not problems, f"{len(book.intents())} réponses", "corrigez : " + " ; ".join(map(str, problems)))


def _actions(settings: Settings) -> Finding:
    actions = Actions(settings.quality)
    problems = actions.problems()
    return Finding("Actions publiées", not problems, f"{len(actions.all())} actions", "corrigez : " + " ; ".join(map(str, problems)))


def _routing(settings: Settings) -> Finding:
    try:
        table: Table = read_content(settings.routing, Table)
    except ContentError as error:
        return Finding("Table de routage", False, "non valide", f"corrigez : {error}")
    texts = Parts(settings).mail_texts
    if texts.problems():
        return Finding("Table de routage", False, "accusés de réception", "corrigez : " + " ; ".join(map(str, texts.problems())))
    lost = sorted({row.acknowledgement for row in table.rows if row.acknowledgement} - texts.names())
    if lost:
        mend = f"écrivez ces textes dans {settings.answers / 'acknowledgements'}, ou corrigez leur nom"
        return Finding("Table de routage", False, f"accusés de réception sans texte : {', '.join(lost)}", mend)
    return Finding("Table de routage", True, f"{len(table.rows)} lignes, {len(texts.names())} accusés de réception")


def _triage_model(settings: Settings) -> Finding:
    current = training.triage_is_current(settings)
    return Finding("Modèle de tri", current, "à jour" if current else "absent ou d'anciennes données", "lancez : ecoute train triage")


def _bot_model(settings: Settings) -> Finding:
    current = training.bot_is_current(settings)
    return Finding("Modèle de l'assistant", current, "à jour" if current else "absent ou d'anciennes données", "lancez : ecoute train bot")


def _bot_environment(settings: Settings) -> Finding:
    there = settings.bot_python.exists()
    return Finding("Environnement de Rasa", there, str(settings.bot_python), "lancez : make run, qui l'installe")


def _mailbox(settings: Settings) -> Finding:
    if not settings.imap_url:
        return _sample_part("Boîte des avis", settings.sample_imap_port, "ECOUTE_IMAP_URL")
    well, found = True, []
    for address in settings.mailboxes():
        try:
            with Parts(settings).mailbox(address) as box:
                found.append(f"{address.label} : {len(box.uids())} messages à trier")
        except (MailboxLost, MailboxRefused) as error:
            well = False
            found.append(f"{address.label} : {error}")
    return Finding("Boîte des avis", well, " ; ".join(found), "vérifiez l'adresse, le mot de passe ou les droits (ECOUTE_IMAP_URL)")


def _sample_part(part: str, port: int, setting: str) -> Finding:
    """A part that is not set: well only while the sample mailbox stands in for it."""
    return Finding(part, listens(port), "celle d'exemple" if listens(port) else "aucune", f"réglez {setting}, ou lancez ecoute up --sample")


def _smtp(settings: Settings) -> Finding:
    if not settings.smtp_url:
        return _sample_part("Envoi de courriel", settings.sample_smtp_port, "ECOUTE_SMTP_URL")
    where = urlsplit(settings.smtp_url)
    with connect(settings.smtp_url) as server:
        server.ehlo_or_helo_if_needed()
        server.mail(settings.mail_from)
        code, _ = server.rcpt(Parts(settings).answer_address.of("AV-2000-000000"))
        server.rset()
    if code >= 500 and settings.mail_plus:
        mend = "réglez ECOUTE_MAIL_REPLIES, ou mettez ECOUTE_MAIL_PLUS à false"
        return Finding("Envoi de courriel", False, "l'adresse des réponses (avec +) est refusée", mend)
    return Finding("Envoi de courriel", True, f"{where.hostname}:{where.port} répond")


def _outbox(settings: Settings) -> Finding:
    with Parts(settings).sessions() as session:
        counts = outbox.store.by_state(session)
    failed = counts.get(State.FAILED, 0)
    found = f"{counts.get(State.DUE, 0)} à envoyer, {counts.get(State.SENT, 0)} envoyés, {failed} en échec"
    return Finding("Courriels en attente", True, found)


def _demarche_numerique(settings: Settings) -> Finding:
    part = "Démarche numérique"
    parts = Parts(settings)
    try:
        platform = parts.demarche_numerique
    except ValueError as error:
        return Finding(part, False, "mal réglée", f"corrigez : {error}")
    if platform is None:
        return Finding(part, True, "non suivie (ECOUTE_DN_TOKEN est vide)")
    try:
        closed = platform.check()
    except ProviderError as error:
        return Finding(part, False, str(error), error.mend)
    finally:
        platform.close()
    aids = settings.dn_aids()
    if closed:
        numbers = ", ".join(map(str, closed))
        return Finding(part, False, f"le jeton n'ouvre pas : {numbers}", "corrigez ECOUTE_DN_DEMARCHES, ou donnez ces démarches au jeton")
    unknown = sorted({slug for slug in aids.values() if parts.catalogue.get(slug) is None})
    if unknown:
        return Finding(part, False, f"aides inconnues : {', '.join(unknown)}", "corrigez ECOUTE_DN_DEMARCHES")
    stray = sorted(settings.dn_receipts() - aids.keys()) if aids else []
    if stray:
        return Finding(part, False, f"démarches non suivies : {', '.join(map(str, stray))}", "corrigez ECOUTE_DN_READ_RECEIPTS")
    return Finding(part, True, f"répond ; démarches suivies : {', '.join(map(str, aids)) or 'toutes celles du jeton'}")


def _answering(part: str, url: str) -> Finding:
    try:
        status = httpx.get(url, timeout=5).status_code
    except httpx.HTTPError:
        return Finding(part, False, f"{url} ne répond pas", "lancez : ecoute up, puis voyez son journal dans ECOUTE_VAR/log")
    return Finding(part, status == 200, f"{url} répond {status}", "voyez son journal dans ECOUTE_VAR/log")
