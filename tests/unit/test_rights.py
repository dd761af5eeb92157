"""Every route of the application is public by name or guarded by the table of rights, and the guard does what the table says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount
from test_editing_pages import own_contents
from test_web_site import Site

from ecoute.contents import shelves
from ecoute.wire import Parts
from people.rights import RIGHTS, ROLE_NAMES, Right, Role, may
from web.accounts.guard import Requirement
from web.accounts.oidc import OidcSettings
from web.accounts.store import find_account

PUBLIC = {
    *("GET /", "GET /assistant.js", "GET /theme.css", "GET /sante"),
    *("POST /api/conversations", "GET /api/conversations/{token}/messages", "POST /api/conversations/{token}/messages"),
    *("POST /api/conversations/{token}/forms/{name}", "POST /api/conversations/{token}/typing", "DELETE /api/conversations/{token}"),
    "GET /api/conversations/{token}/events",
    *("GET /avis", "POST /avis", "GET /avis/recu/{reference}"),
    *("GET /qualite", "GET /qualite/donnees.csv", "GET /qualite/donnees.json", "GET /qualite/resultats.csv", "GET /qualite/actions.csv"),
    *("GET /connexion", "POST /connexion", "GET /connexion/code", "POST /connexion/code"),
    *("GET /connexion/second-facteur", "POST /connexion/second-facteur"),
    *("GET /connexion/premiere/{token}", "POST /connexion/premiere/{token}", "POST /deconnexion"),
    *("GET /connexion/fournisseur", "GET /connexion/fournisseur/retour", "GET /connexion/fournisseur/sortie"),
    *("GET /assistant", "POST /assistant", "POST /assistant/formulaire/{name}"),
}
"""Routes open to everyone. Whoever adds one says so here."""
OIDC = OidcSettings("https://identite.test", "ecoute", "secret", "https://region.test")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with Site(folder, oidc=OIDC, contents=shelves(Parts(own_contents(folder)))) as site:
        site.sign_in()
        yield site


def rights_of(dependant: Dependant) -> set[Right]:
    """Rights asked by a route, those of its router included."""
    own = {dependant.call.right} if isinstance(dependant.call, Requirement) else set()
    return own.union(*map(rights_of, dependant.dependencies))


def routes(site: Site) -> list[tuple[str, set[Right]]]:
    """Method and path of every route, those of routers included, with the rights it asks."""
    found = []
    for route in iter_route_contexts(site.app.routes):
        if isinstance(route.original_route, Mount):
            assert route.path == "/static"
            continue
        assert isinstance(route.original_route, APIRoute), route
        found += [(f"{method} {route.path}", rights_of(route.dependant)) for method in sorted((route.methods or set()) - {"HEAD"})]
    return found


def test_every_route_is_guarded_or_public(site: Site) -> None:
    found = routes(site)
    assert sorted(name for name, rights in found if not rights) == sorted(PUBLIC)
    assert all(name.split()[1].startswith("/console") for name, rights in found if rights)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_the_table_says(site: Site, role: Role) -> None:
    with site.sessions.begin() as session:
        account = find_account(session, "agnes")
        assert account
        account.role = role.value
    wrong = []
    for name, rights in routes(site):
        if not rights:
            continue
        method, path = name.split()
        answer = site.request(method, re.sub(r"{\w+(:\w+)?}", "0", path))
        allowed = all(may(role, right) for right in rights)
        let_in = answer.status_code != 403 and not answer.headers.get("location", "").startswith("/connexion")
        if let_in is not allowed:
            wrong.append((name, answer.status_code))
    assert wrong == []


def test_a_stranger_opens_nothing_of_the_console(site: Site) -> None:
    kept = site.cookies.get("ecoute_session")
    site.cookies.delete("ecoute_session")
    for name, rights in routes(site):
        if rights:
            method, path = name.split()
            answer = site.request(method, re.sub(r"{\w+(:\w+)?}", "0", path))
            assert answer.headers.get("location", "").startswith("/connexion"), name
    site.cookies.set("ecoute_session", kept or "")


def test_no_unsafe_route_listens_to_another_site(site: Site) -> None:
    for name, _ in routes(site):
        method, path = name.split()
        if method != "GET":
            path = re.sub(r"{\w+(:\w+)?}", "0", path)
            for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://ailleurs.test"}):
                assert site.request(method, path, headers=headers).status_code == 403, name


def test_every_page_forbids_foreign_and_inline_code(site: Site) -> None:
    for name, _ in routes(site):
        method, path = name.split()
        if method == "GET" and not path.endswith("events"):
            answer = site.get(re.sub(r"{\w+(:\w+)?}", "0", path))
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy, name
            assert "unsafe" not in policy, name
            if "html" in answer.headers.get("content-type", ""):
                assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)", answer.text), name


def test_no_right_is_promised_that_no_page_gives(site: Site) -> None:
    assert {right for _, rights in routes(site) for right in rights} == set(Right)


def test_the_table_is_whole() -> None:
    assert set(RIGHTS) == set(Right)
    assert set(ROLE_NAMES) == set(Role)
    assert all(roles and words for roles, words in RIGHTS.values())
    assert not may(Role.ADMINISTRATOR, Right.READ_MESSAGES)
    assert not may(Role.AGENT, Right.HISTORY)


def test_a_page_refused_says_what_it_takes(site: Site, tmp_path: Path) -> None:
    with site.sessions.begin() as session:
        account = find_account(session, "agnes")
        assert account
        account.role = Role.AGENT.value
    answer = site.get("/console/equipe")
    assert answer.status_code == 403
    assert "Votre rôle ne permet pas" in answer.text
    page = site.get("/console").text
    assert "/console/equipe" not in page
    assert "/console/historique" not in page
