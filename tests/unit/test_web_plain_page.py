"""The conversation without script: pages of forms."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_web_site import Site

OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        yield site


def send(site: Site, token: str, text: str, **more: str) -> Any:
    return site.post("/assistant", data={"jeton": token, "texte": text, **more}, headers=OWN)


def token_in(page: str) -> str:
    found = re.search(r'name="jeton" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_a_question_is_answered_and_the_conversation_goes_on(site: Site) -> None:
    assert "Posez" in site.get("/assistant").text or "question" in site.get("/assistant").text
    first = send(site, "", "Bonjour")
    assert "Vous dites : Bonjour" in first.text
    second = send(site, token_in(first.text), "carte")
    assert "Vous dites : Bonjour" in second.text
    assert "Prim&#39;Export" in second.text
    again = send(site, token_in(first.text), "", relire="1")
    assert again.text.count("Vous dites : Bonjour") == 1


def test_what_is_written_is_escaped(site: Site) -> None:
    assert "<script>alert" not in send(site, "", "<script>alert(1)</script>").text


def test_a_mistake_loses_nothing(site: Site) -> None:
    page = send(site, "", "a" * 2001)
    assert (page.status_code, "trop long" in page.text, "a" * 2001 in page.text) == (422, True, True)
    gone = send(site, "inconnu", "ma question")
    assert (gone.status_code, "ma question" in gone.text) == (404, True)


def test_a_message_for_an_agent_is_left_and_mended(site: Site) -> None:
    token = token_in(send(site, "", "une personne").text)
    form = {"jeton": token, "text": "Ma facture", "email": "faux", "attach": "on"}
    wrong = site.post("/assistant/formulaire/message", data=form, headers=OWN)
    assert (wrong.status_code, "Vérifiez votre adresse" in wrong.text, "Ma facture" in wrong.text) == (422, True, True)
    done = site.post("/assistant/formulaire/message", data=form | {"email": "luc@exemple.fr"}, headers=OWN)
    assert "AV-2026-000001" in done.text
    assert site.letters[0].email == "luc@exemple.fr"
    assert site.post("/assistant/formulaire/autre", data=form, headers=OWN).status_code == 404


def test_the_conversation_can_be_erased(site: Site) -> None:
    token = token_in(send(site, "", "Bonjour").text)
    erased = send(site, token, "Effacer cette conversation")
    assert "est effacée" in erased.text
    assert site.get(f"/api/conversations/{token}/messages").status_code == 404
