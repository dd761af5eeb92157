"""Sign-in at an identity provider by OpenID Connect (authorization code, PKCE, state, nonce). Written for ProConnect's claims.

Sources: OpenID Connect Core 1.0, RP-Initiated Logout 1.0, and ProConnect's documentation for service providers.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlencode

import httpx2
from authlib.integrations.httpx_client import OAuth2Client, OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from web.accounts.seal import Seal

RETURN = "/connexion/fournisseur/retour"
LEFT = "/connexion/fournisseur/sortie"
VISIT_SECONDS = 600
KEPT = timedelta(hours=1)
ALGORITHMS = ["RS256", "ES256"]
"""Signatures accepted, those that ProConnect signs with. Never "none", and no shared secret: one that leaks would open every account."""
STRONG = (
    "eidas2",
    "eidas3",
    "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
    "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
)
"""Levels (`acr`) by which ProConnect says that two factors were asked."""


class ProviderDown(Exception):
    """Le fournisseur d'identité ne répond pas. Réessayez dans quelques minutes, ou connectez-vous avec votre mot de passe."""


class VisitRefused(Exception):
    """La connexion n'a pas abouti. Reprenez-la depuis le début."""


@dataclass(frozen=True)
class OidcSettings:
    """How the provider is reached. `public_url`: of this site, as registered there; `sirets`: establishments let in, all when empty;
    `trusts_email`: the provider answers for every address, though it does not say `email_verified`."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    label: str = "ProConnect"
    scopes: str = "openid given_name usual_name email siret"
    sirets: frozenset[str] = frozenset()
    strong: frozenset[str] = frozenset(STRONG)
    trusts_email: bool = False


@dataclass(frozen=True)
class Identity:
    """Who the provider says it is. `email`: empty unless it is verified; `strong`: two factors were asked."""

    subject: str
    email: str
    name: str
    siret: str
    unit: str
    strong: bool
    id_token: str = field(repr=False)


class Provider:
    """The identity provider."""

    def __init__(self, settings: OidcSettings, secret: str, clock: Callable[[], datetime]) -> None:
        self.settings, self.label = settings, settings.label
        self._seal, self._clock = Seal(secret, "visite"), clock
        self._lock = Lock()
        self._known: tuple[datetime, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    def start(self, next_path: str) -> tuple[str, str]:
        """Address at the provider, and what to keep, sealed, in a cookie until the way back. Raises ProviderDown."""
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(32)
        with self._client() as client:
            # amr, by which a second factor is known, comes only when it is asked for.
            claims = json.dumps({"id_token": {"amr": {"essential": True}}})
            where = self._metadata()["authorization_endpoint"]
            url, state = client.create_authorization_url(
                where, state=secrets.token_urlsafe(32), code_verifier=verifier, nonce=nonce, claims=claims
            )
        visit = {"state": state, "nonce": nonce, "verifier": verifier, "next": next_path}
        return str(url), self._seal.close(json.dumps(visit), self._clock())

    def finish(self, sealed: str, query: Mapping[str, str]) -> tuple[Identity, str]:
        """Who came back, and the page that was wanted. Raises VisitRefused, ProviderDown."""
        opened = self._seal.open(sealed, self._clock(), VISIT_SECONDS)
        if opened is None:
            raise VisitRefused
        visit = json.loads(opened)
        if not secrets.compare_digest(query.get("state", "").encode(), str(visit["state"]).encode()) or "code" not in query:
            raise VisitRefused
        metadata = self._metadata()
        try:
            with self._client() as client:
                token = client.fetch_token(
                    metadata["token_endpoint"], grant_type="authorization_code", code=query["code"], code_verifier=visit["verifier"]
                )
                proved = self._id_claims(token, visit["nonce"])
                told = self._user_claims(client, proved["sub"])
        except (httpx2.HTTPError, OAuthError) as error:
            raise (ProviderDown if isinstance(error, httpx2.TransportError) else VisitRefused) from error
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise VisitRefused from error
        return self._identity(proved, told, str(token["id_token"])), str(visit["next"])

    def leave(self, id_token: str | None) -> str | None:
        """Address at which the session at the provider ends; None without one. It never fails: one leaves here in any case."""
        if not id_token:
            return None
        try:
            end = self._metadata().get("end_session_endpoint")
        except ProviderDown:
            return None
        back = {
            "id_token_hint": id_token,
            "state": secrets.token_urlsafe(32),
            "post_logout_redirect_uri": self.settings.public_url + LEFT,
        }
        return f"{end}{'&' if '?' in end else '?'}{urlencode(back)}" if end else None

    def admits(self, identity: Identity) -> bool:
        """Whether the person works in an establishment that is let in."""
        return not self.settings.sirets or identity.siret in self.settings.sirets

    def check(self) -> None:
        """Asks the provider for its description and its keys. Raises ProviderDown."""
        self._metadata()
        self._read_keys()

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self.settings.client_id,
            self.settings.client_secret,
            scope=self.settings.scopes,
            redirect_uri=self.settings.public_url + RETURN,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the name of a method
            timeout=5,
        )

    def _metadata(self) -> dict[str, Any]:
        with self._lock:
            if self._known is None or self._known[0] < self._clock() - KEPT:
                found = self._get(self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
                if found.get("issuer") != self.settings.issuer:
                    raise ProviderDown(f"il se nomme {found.get('issuer')}, et non {self.settings.issuer}")
                self._known, self._keys = (self._clock(), found), None
            return self._known[1]

    def _read_keys(self) -> KeySet:
        self._keys = KeySet.import_key_set(self._get(self._metadata()["jwks_uri"]))  # type: ignore[arg-type]
        return self._keys

    def _get(self, url: str) -> dict[str, Any]:
        try:
            answer = httpx2.get(url, timeout=5)
            answer.raise_for_status()
            found = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderDown(f"{url} ne répond pas comme attendu") from error
        return found if isinstance(found, dict) else {}

    def _decode(self, token: str) -> Any:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        try:
            return jwt.decode(token, self._keys or self._read_keys(), registry=registry)
        except InvalidKeyIdError:  # the provider has changed its keys
            return jwt.decode(token, self._read_keys(), registry=registry)

    def _id_claims(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        decoded = self._decode(str(token["id_token"]))
        wanted = {"iss": {"essential": True, "value": self.settings.issuer}, "aud": {"essential": True, "value": self.settings.client_id}}
        about = {"nonce": nonce, "client_id": self.settings.client_id, "access_token": token["access_token"]}
        claims = CodeIDToken(decoded.claims, decoded.header, wanted, about)
        claims.validate(now=int(self._clock().timestamp()), leeway=60)
        return dict(claims)

    def _user_claims(self, client: OAuth2Client, subject: str) -> dict[str, Any]:
        """What the provider says of the person: JSON, or signed as ProConnect does."""
        answer = client.get(self._metadata()["userinfo_endpoint"])
        answer.raise_for_status()
        signed = answer.headers.get("content-type", "").startswith("application/jwt")
        told = dict(self._decode(answer.text).claims) if signed else answer.json()
        if told.get("sub") != subject or (signed and told.get("iss", self.settings.issuer) != self.settings.issuer):
            raise VisitRefused
        return dict(told)

    def _identity(self, proved: Mapping[str, Any], told: Mapping[str, Any], id_token: str) -> Identity:
        def said(*names: str) -> str:
            return next((str(told[name]).strip() for name in names if told.get(name)), "")

        name = f"{said('given_name')} {said('usual_name', 'family_name')}".strip() or said("name")
        verified = told.get("email_verified", self.settings.trusts_email) is True
        methods = proved.get("amr")
        strong = proved.get("acr") in self.settings.strong or (isinstance(methods, list) and "mfa" in methods)
        email = said("email") if verified else ""
        return Identity(
            str(proved["sub"]), email, name, said("siret").replace(" ", ""), said("organizational_unit")[:200], strong, id_token
        )
