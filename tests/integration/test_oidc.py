"""Sign-in at an identity provider, against one that runs."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from history.store import Wanted, find
from people.rights import Role
from tests.servers.identity import IdentityServer, identity_server
from tests.unit.test_web_site import Site
from web.accounts.model import Rules
from web.accounts.oidc import OidcSettings, Provider, ProviderDown
from web.accounts.seal import Seal
from web.accounts.store import find_account

SECRET = "un secret d'essai"
EMAIL = "agnes.martin@region.exemple.fr"
CLAIMS = {
    "given_name": "Agnès",
    "usual_name": "Martin",
    "email": EMAIL,
    "email_verified": True,
    "siret": "23440003400026",
    "organizational_unit": "Direction de l'économie",
}


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityServer]:
    with identity_server() as running:
        yield running


@pytest.fixture
def provider(running: IdentityServer) -> IdentityServer:
    running.signer = None
    return running


def settings(provider: IdentityServer) -> OidcSettings:
    return OidcSettings(provider.url, "ecoute", "secret", "http://region.test", scopes="openid profile email")


@pytest.fixture
def site(provider: IdentityServer, tmp_path: Path) -> Iterator[Site]:
    yield from opened(tmp_path, settings(provider))


def opened(folder: Path, oidc: OidcSettings, role: Role = Role.AGENT) -> Iterator[Site]:
    with Site(folder, role=role, oidc=oidc, rules=Rules(SECRET)) as site:
        site.clock.now = datetime.now(UTC)
        yield site


def invite(site: Site, email: str = EMAIL) -> None:
    with site.sessions.begin() as session:
        account = find_account(session, "agnes")
        assert account
        account.email = email


def come(site: Site, provider: IdentityServer, subject: str, suite: str = "/console/compte") -> httpx.Response:
    start = site.get(f"/connexion/fournisseur?suite={suite}")
    assert start.status_code == 303
    return site.get(provider.sign_in(start.headers["location"], subject).removeprefix("http://region.test"))


def test_who_is_invited_comes_in_and_is_known_again(site: Site, provider: IdentityServer) -> None:
    provider.put("a1", **CLAIMS)
    assert 'href="/connexion/fournisseur?suite=/console"' in site.get("/connexion").text
    invite(site)
    answer = come(site, provider, "a1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/compte")
    assert "Agnès Martin" in site.get("/console").text
    with site.sessions() as session:
        account = find_account(session, "agnes")
        assert account
        assert account.unit == "Direction de l'économie"
        told = [(row.what, row.after) for row in find(session, Wanted(), 5)]
        assert told == [("connecte", "ProConnect"), ("compte_change", "relié à ProConnect")]
    # Another address later: the subject is what counts.
    provider.put("a1", **CLAIMS | {"email": "autre@region.exemple.fr"})
    site.cookies.clear()
    assert come(site, provider, "a1").headers["location"] == "/console/compte"


def test_the_way_out_ends_at_the_provider(site: Site, provider: IdentityServer) -> None:
    provider.put("a1", **CLAIMS)
    invite(site)
    come(site, provider, "a1")
    page = site.post("/deconnexion")
    assert page.status_code == 200
    assert f'content="0; url={provider.url}/oauth2/end_session?id_token_hint=' in page.text
    assert "post_logout_redirect_uri=http%3A%2F%2Fregion.test%2Fconnexion%2Ffournisseur%2Fsortie" in page.text
    assert site.get("/console").status_code == 303
    assert site.get("/connexion/fournisseur/sortie?state=x").headers["location"] == "/connexion?sorti=1"


def test_what_is_asked_is_tied_to_this_browser(site: Site) -> None:
    asked = urlsplit(site.get("/connexion/fournisseur").headers["location"])
    query = {name: values[0] for name, values in parse_qs(asked.query).items()}
    visit = json.loads(Seal(SECRET, "visite").open(site.cookies["ecoute_visite"]) or "{}")
    digest = hashlib.sha256(visit["verifier"].encode()).digest()
    assert query["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert (query["code_challenge_method"], query["response_type"]) == ("S256", "code")
    assert (query["state"], query["nonce"]) == (visit["state"], visit["nonce"])
    assert min(len(query["state"]), len(query["nonce"])) >= 32
    assert json.loads(query["claims"]) == {"id_token": {"amr": {"essential": True}}}
    assert query["redirect_uri"] == "http://region.test/connexion/fournisseur/retour"


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        (CLAIMS, "une-autre@region.exemple.fr"),
        (CLAIMS | {"email_verified": False}, EMAIL),
        ({name: value for name, value in CLAIMS.items() if name != "email_verified"}, EMAIL),
        ({"given_name": "Agnès"}, EMAIL),
    ],
)
def test_who_is_not_invited_is_told_so_kindly(site: Site, provider: IdentityServer, claims: dict[str, object], email: str) -> None:
    provider.put("b2", **claims)
    invite(site, email)
    answer = come(site, provider, "b2")
    assert answer.status_code == 403
    assert "Demandez à l'administrateur du service de vous inviter" in answer.text
    assert "ecoute_session" not in site.cookies


def test_a_taken_invitation_opens_nothing_to_another(site: Site, provider: IdentityServer) -> None:
    provider.put("a1", **CLAIMS)
    provider.put("c3", **CLAIMS)
    invite(site)
    assert come(site, provider, "a1").status_code == 303
    site.cookies.clear()
    assert come(site, provider, "c3").status_code == 403


def test_a_disabled_account_stays_shut(site: Site, provider: IdentityServer) -> None:
    provider.put("a1", **CLAIMS)
    invite(site)
    come(site, provider, "a1")
    with site.sessions.begin() as session:
        account = find_account(session, "agnes")
        assert account
        account.disabled = True
    site.cookies.clear()
    assert come(site, provider, "a1").status_code == 403


def test_a_return_without_its_visit_is_refused(site: Site, provider: IdentityServer) -> None:
    provider.put("a1", **CLAIMS)
    invite(site)
    start = site.get("/connexion/fournisseur").headers["location"]
    back = provider.sign_in(start, "a1").removeprefix("http://region.test")
    kept = site.cookies["ecoute_visite"]
    site.cookies.clear()
    assert site.get(back).status_code == 400  # another browser
    site.cookies.set("ecoute_visite", kept)
    assert site.get(back.replace("state=", "state=x")).status_code == 400
    assert site.get("/connexion/fournisseur/retour?error=access_denied").status_code == 400
    other = site.get("/connexion/fournisseur").headers["location"]
    mixed = parse_qs(urlsplit(provider.sign_in(other, "a1")).query)["state"][0]
    code = parse_qs(urlsplit(back).query)["code"][0]
    answer = site.get(f"/connexion/fournisseur/retour?code={code}&state={mixed}")
    assert answer.status_code == 400  # a code of another visit: its nonce is not ours
    assert "Reprenez-la depuis le début" in answer.text


@pytest.mark.parametrize(
    ("proof", "there"),
    [
        ({}, "/connexion/second-facteur"),
        ({"amr": ["pwd", "otp", "mfa"]}, "/console"),
        ({"acr": "eidas2"}, "/console"),
        ({"acr": "eidas1"}, "/connexion/second-facteur"),
    ],
)
def test_a_second_factor_asked_there_is_not_asked_again(
    provider: IdentityServer, tmp_path: Path, proof: dict[str, object], there: str
) -> None:
    provider.put("s1", **CLAIMS | proof)
    for site in opened(tmp_path, settings(provider), Role.SUPERVISOR):
        invite(site)
        assert come(site, provider, "s1", "/console").headers["location"].split("?")[0] == there


def test_establishments_may_be_chosen(provider: IdentityServer, tmp_path: Path) -> None:
    provider.put("a1", **CLAIMS)
    for siret, status in (("23440003400026", 303), ("11111111111111", 403)):
        folder = tmp_path / siret
        folder.mkdir()
        for site in opened(folder, replace(settings(provider), sirets=frozenset({siret}))):
            invite(site)
            assert come(site, provider, "a1").status_code == status


def test_signed_claims_are_read_and_forged_ones_refused(site: Site, provider: IdentityServer) -> None:
    provider.put("a1", **CLAIMS)
    invite(site)
    provider.signer = "own"
    assert come(site, provider, "a1").status_code == 303
    site.cookies.clear()
    provider.signer = RSAKey.generate_key(2048, {"kid": "autre"}, private=True)
    assert come(site, provider, "a1").status_code == 400


def test_a_provider_that_trusts_its_addresses_says_it_by_a_setting(provider: IdentityServer, tmp_path: Path) -> None:
    provider.put("t1", **{name: value for name, value in CLAIMS.items() if name != "email_verified"})
    for site in opened(tmp_path, replace(settings(provider), trusts_email=True)):
        invite(site)
        assert come(site, provider, "t1").status_code == 303


def test_a_provider_that_is_away_is_told(tmp_path: Path) -> None:
    away = OidcSettings("http://localhost:9", "ecoute", "secret", "http://region.test")
    for site in opened(tmp_path, away):
        answer = site.get("/connexion/fournisseur")
        assert answer.status_code == 503
        assert "connectez-vous avec votre mot de passe" in answer.text
    with pytest.raises(ProviderDown):
        Provider(away, SECRET, lambda: datetime.now(UTC)).check()


def test_a_provider_of_another_name_is_refused(provider: IdentityServer) -> None:
    false = replace(settings(provider), issuer=provider.url + "/")
    with pytest.raises(ProviderDown, match="il se nomme"):
        Provider(false, SECRET, lambda: datetime.now(UTC)).check()
    Provider(settings(provider), SECRET, lambda: datetime.now(UTC)).check()
