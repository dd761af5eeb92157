"""Signing in: wait after failures, second factor, recovery codes, one-time links, sessions."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pyotp
import pytest
from test_web_site import PASSWORD, START, Site

from history.store import Wanted, examine, find
from people.rights import Role
from web.accounts.came import browser_in_words
from web.accounts.model import Rules, password_fault
from web.accounts.seal import Seal
from web.accounts.second_factor import matching_step, new_recovery_codes, new_secret, picture, recovery_hash
from web.accounts.store import find_account, make_link

NEW = "quatre mots sans lien"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        yield site


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Site]:
    """A site whose supervisors, as Agnès is, need a second factor."""
    with Site(tmp_path, role=Role.SUPERVISOR, rules=Rules("un secret d'essai")) as site:
        yield site


def secret_on(page: httpx.Response) -> str:
    found = re.search(r'<code class="key">([^<]+)</code>', page.text)
    assert found, page.text
    return found.group(1).replace(" ", "")


def code(site: Site, secret: str) -> str:
    return pyotp.TOTP(secret).at(int(site.clock.now.timestamp()))


def set_up(site: Site) -> tuple[str, list[str]]:
    """Signs in for the first time with a role that needs a second factor; gives the secret and the recovery codes."""
    assert site.sign_in().headers["location"] == "/connexion/second-facteur?suite=%2Fconsole"
    secret = secret_on(site.get("/connexion/second-facteur"))
    done = site.post("/connexion/second-facteur", data={"code": code(site, secret)})
    assert done.status_code == 200
    return secret, re.findall(r"<code>([^<]+)</code>", done.text)


def forget_browser(site: Site) -> None:
    """As from another browser."""
    site.cookies.clear()


def test_failures_make_one_wait_longer_and_longer(site: Site) -> None:
    assert [site.sign_in("non").status_code for _ in range(3)] == [401] * 3
    refused = site.sign_in()
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert "Attendez 1\u00a0seconde" in refused.text
    site.clock.now += timedelta(seconds=1)
    assert site.sign_in("non").status_code == 401
    assert site.sign_in().headers["retry-after"] == "2"
    site.clock.now += timedelta(seconds=2)
    assert site.sign_in().status_code == 303
    forget_browser(site)
    assert site.sign_in("non").status_code == 401  # counted anew


def test_nobody_shuts_the_owner_out(site: Site) -> None:
    site.sign_in()
    site.post("/deconnexion")
    mark = site.cookies["ecoute_appareil"]
    forget_browser(site)
    for _ in range(40):
        site.sign_in("non")
        site.clock.now += timedelta(seconds=20)
    assert site.sign_in().status_code == 429
    site.cookies.set("ecoute_appareil", mark)
    assert site.sign_in().status_code == 303


def test_an_unknown_login_waits_as_a_known_one(site: Site) -> None:
    form = {"identifiant": "personne", "mot_de_passe": "non"}
    assert [site.post("/connexion", data=form).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_an_account_without_password_opens_with_none(site: Site) -> None:
    with site.sessions.begin() as session:
        account = find_account(session, "agnes")
        assert account
        account.password_hash = ""
    for password in ("", "personne n'a ce mot de passe"):
        assert site.sign_in(password).status_code == 401


def test_each_step_renews_the_session(strict: Site) -> None:
    strict.sign_in()
    halfway = strict.cookies["ecoute_session"]
    assert strict.get("/console").headers["location"].startswith("/connexion?")
    secret = secret_on(strict.get("/connexion/second-facteur"))
    assert secret == secret_on(strict.get("/connexion/second-facteur"))
    assert strict.post("/connexion/second-facteur", data={"code": "000000"}).status_code == 401
    done = strict.post("/connexion/second-facteur", data={"code": code(strict, secret)})
    assert len(re.findall(r"<code>[^<]+</code>", done.text)) == 10
    assert strict.cookies["ecoute_session"] != halfway
    assert strict.get("/console").status_code == 200
    strict.cookies.set("ecoute_session", halfway)
    assert strict.get("/console").status_code == 303
    assert strict.get("/connexion/second-facteur").headers["location"] == "/connexion"


def test_a_code_serves_once_and_clocks_may_differ(strict: Site) -> None:
    secret, _ = set_up(strict)
    strict.post("/deconnexion")
    used = code(strict, secret)
    assert strict.sign_in().headers["location"] == "/connexion/code?suite=%2Fconsole"
    assert strict.post("/connexion/code", data={"code": used}).status_code == 401
    strict.clock.now += timedelta(seconds=30)
    late = code(strict, secret)
    strict.clock.now += timedelta(seconds=29)
    assert (
        strict.post("/connexion/code", data={"code": f"{late[:3]} {late[3:]}", "suite": "/console/compte"}).headers["location"]
        == "/console/compte"
    )
    with strict.sessions() as session:
        said = [(row.what, row.after) for row in find(session, Wanted(), 9)]
        assert said[0] == ("connecte", "code de l'application")
        assert said[1] == ("connexion_refusee", "code faux")
        assert examine(session) == []


def test_a_recovery_code_serves_once(strict: Site) -> None:
    _, codes = set_up(strict)
    for expected in (303, 401):
        strict.post("/deconnexion")
        strict.sign_in()
        assert strict.post("/connexion/code", data={"code": codes[0].upper().replace("-", " ")}).status_code == expected


def test_codes_are_guessed_no_faster_by_signing_in_again(strict: Site) -> None:
    set_up(strict)
    forget_browser(strict)
    statuses = []
    for _ in range(6):
        strict.sign_in()
        statuses.append(strict.post("/connexion/code", data={"code": "123456"}).status_code)
    assert statuses[:3] == [401, 401, 401]
    assert 401 not in statuses[3:]


def test_a_sign_in_not_finished_is_over_after_a_quarter_of_an_hour(strict: Site) -> None:
    strict.sign_in()
    strict.clock.now += timedelta(minutes=15)
    assert strict.get("/connexion/second-facteur").headers["location"] == "/connexion"
    assert strict.post("/connexion/code", data={"code": "1"}).headers["location"] == "/connexion"


def test_a_link_gives_a_first_password_once(site: Site) -> None:
    with site.sessions.begin() as session:
        account = find_account(session, "agnes")
        assert account
        link = f"/connexion/premiere/{make_link(session, account, START)}"
    assert "agnes" in site.get(link).text
    assert "pas les mêmes" in site.post(link, data={"nouveau": NEW, "encore": "autre"}).text
    assert "trop court" in site.post(link, data={"nouveau": "court", "encore": "court"}).text
    assert site.post(link, data={"nouveau": NEW, "encore": NEW}).headers["location"] == "/console"
    assert site.get("/console").status_code == 200
    assert site.get(link).status_code == 404
    assert site.post(link, data={"nouveau": NEW, "encore": NEW}).status_code == 404
    site.post("/deconnexion")
    assert site.sign_in().status_code == 401
    assert site.sign_in(NEW).status_code == 303


def test_a_link_does_not_pass_the_second_factor(strict: Site) -> None:
    set_up(strict)
    with strict.sessions.begin() as session:
        account = find_account(session, "agnes")
        assert account
        link = f"/connexion/premiere/{make_link(session, account, START)}"
        late = f"/connexion/premiere/{make_link(session, account, START - timedelta(days=7))}"
    assert strict.get(link).status_code == 404  # the newer one voids it
    assert strict.get(late).status_code == 404
    with strict.sessions.begin() as session:
        account = find_account(session, "agnes")
        assert account
        link = f"/connexion/premiere/{make_link(session, account, START)}"
    assert strict.post(link, data={"nouveau": NEW, "encore": NEW}).headers["location"] == "/connexion/code?suite=%2Fconsole"


def test_the_password_is_changed_with_the_old_one(site: Site) -> None:
    site.sign_in()
    other = site.cookies["ecoute_session"]
    forget_browser(site)
    site.sign_in()
    path, new = "/console/compte/mot-de-passe", {"nouveau": NEW, "encore": NEW}
    assert site.post(path, data={"ancien": "faux", **new}).status_code == 401
    assert site.post(path, data={"ancien": PASSWORD, "nouveau": NEW, "encore": "x"}).status_code == 422
    assert site.post(path, data={"ancien": PASSWORD, "nouveau": "agnes agnes agnes", "encore": "agnes agnes agnes"}).status_code == 422
    assert site.post(path, data={"ancien": PASSWORD, **new}).headers["location"] == "/console/compte?fait=mot-de-passe"
    assert "Votre mot de passe est changé" in site.get("/console/compte?fait=mot-de-passe").text
    site.cookies.set("ecoute_session", other)
    assert site.get("/console").status_code == 303


def test_sessions_are_listed_and_closed_one_by_one(site: Site) -> None:
    windows = {"user-agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"}
    form = {"identifiant": "agnes", "mot_de_passe": PASSWORD}
    site.post("/connexion", data=form, headers=windows)
    first = site.cookies["ecoute_session"]
    site.cookies.delete("ecoute_session")
    site.clock.now += timedelta(minutes=5)
    site.post("/connexion", data=form)
    page = site.get("/console/compte").text
    assert "Firefox sous Windows" in page
    assert "(cette session)" in page
    [handle] = re.findall(r'/console/compte/sessions/([^"]+)"', page)
    site.post(f"/console/compte/sessions/{handle}")
    second = site.cookies["ecoute_session"]
    site.cookies.set("ecoute_session", first)
    assert site.get("/console").status_code == 303
    site.cookies.set("ecoute_session", second)
    assert site.get("/console").status_code == 200


def test_a_forgotten_session_ends_though_its_page_asks_by_itself(site: Site) -> None:
    site.sign_in()
    for _ in range(6):
        site.clock.now += timedelta(minutes=11)
        last = site.get("/console/conversations/etat", headers={"sec-fetch-dest": "empty"})
    assert last.headers["location"].startswith("/connexion")
    site.sign_in()
    for _ in range(6):
        site.clock.now += timedelta(minutes=11)
        assert site.get("/console", headers={"sec-fetch-dest": "document"}).status_code == 200


def test_a_second_factor_may_be_set_up_renewed_and_dropped(site: Site) -> None:
    site.sign_in()
    secret = secret_on(site.get("/console/compte/second-facteur"))
    path, asked = "/console/compte/second-facteur", {"ancien": PASSWORD}
    assert site.post(path, data={"code": code(site, secret), "ancien": "faux"}).status_code == 401
    assert site.post(path, data={"code": "000000", **asked}).status_code == 401
    assert "codes de récupération" in site.post(path, data={"code": code(site, secret), **asked}).text
    assert "Il vous reste 10\u00a0codes" in site.get("/console/compte").text.replace("&nbsp;", "\u00a0")
    assert site.post("/console/compte/codes", data={"ancien": "faux"}).status_code == 401
    assert site.post("/console/compte/codes", data=asked).text.count("<code>") == 10
    assert site.post("/console/compte/second-facteur/retirer", data={"ancien": "faux"}).status_code == 401
    site.clock.now += timedelta(seconds=2)
    assert site.post("/console/compte/second-facteur/retirer", data=asked).status_code == 303
    site.post("/deconnexion")
    assert site.sign_in().headers["location"] == "/console"


def test_a_role_that_needs_a_second_factor_keeps_it(strict: Site) -> None:
    set_up(strict)
    answer = strict.post("/console/compte/second-facteur/retirer", data={"ancien": PASSWORD})
    assert "pas le retirer" in answer.text


def test_codes_match_their_step_only() -> None:
    secret = new_secret()
    totp, step = pyotp.TOTP(secret), int(START.timestamp()) // 30
    right = totp.at(int(START.timestamp()))
    assert matching_step(secret, f" {right[:3]} {right[3:]} ", START, None) == step
    assert matching_step(secret, right, START, step) is None
    assert matching_step(secret, right, START + timedelta(seconds=30), None) == step
    assert matching_step(secret, right, START + timedelta(seconds=60), None) is None
    assert matching_step(secret, "é\ud800", START, None) is None


def test_what_is_kept_of_codes_and_secrets_says_nothing() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert recovery_hash(codes[0].upper()) == recovery_hash(codes[0].replace("-", " ")) != recovery_hash(codes[1])
    seal = Seal("a", "x")
    kept = seal.close("secret", START)
    assert seal.open(kept) == "secret"
    assert Seal("b", "x").open(kept) is None
    assert Seal("a", "y").open(kept) is None
    assert seal.open(kept, START + timedelta(seconds=9), 10) == "secret"
    assert seal.open(kept, START + timedelta(seconds=11), 10) is None
    drawn = picture("otpauth://x", "Code")
    assert "<title>Code</title>" in drawn
    assert "viewBox=" in drawn  # drawn whole at any size


@pytest.mark.parametrize(
    ("password", "fault"),
    [("court", "trop court"), ("x" * 201, "trop long"), ("aaaaaaaaaaaaab", "répète"), ("l'agent agnes 12", "contient"), (NEW, "")],
)
def test_length_is_what_counts(password: str, fault: str) -> None:
    assert fault in password_fault(password, "agnes")
    assert bool(fault) is bool(password_fault(password, "agnes"))


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome sous Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge sous Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari sous iOS"),
        ("", "Navigateur inconnu"),
    ],
)
def test_browsers_in_words(agent: str, words: str) -> None:
    assert browser_in_words(agent) == words
