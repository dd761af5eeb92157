"""The search of an aid through the running system: the real reading, the real slots, the real widget."""

import json
import re

from playwright.sync_api import Page, expect

from tests.acceptance.conftest import Picture
from tests.servers.system import System, answers


def said(messages: list[dict[str, object]]) -> str:
    return json.dumps(messages, ensure_ascii=False)


def test_who_says_it_all_at_once_sees_what_fits_and_why(running: System) -> None:
    shown, years, papers = answers(
        running.site,
        "nous sommes 12, une ébénisterie à Cholet, on aimerait acheter une machine",
        "depuis 2015",
        "et quelles pièces il faut ?",
    )
    assert "De 3 à 50\u00a0salariés : vous en avez 12." in said(shown)
    assert "Moins de 10\u00a0salariés : vous en avez 12." in said(shown)
    assert "Cholet (Maine-et-Loire) y est" in said(shown)
    assert "d'au moins 3\u00a0ans" in said(years)
    assert "Prêt TPE/PME : pièces" in said(papers)


def test_what_comes_in_drips_is_kept_corrected_and_never_asked_again(running: System) -> None:
    turns = answers(
        running.site,
        "je cherche une aide pour mon projet",
        "c'est pour un club de judo",
        "210 adhérents, pas de salarié",
        "on voudrait un minibus",
        "210 ce sont les adhérents, pas des salariés",
        "et on est à Figeac",
    )
    assert "projet" in said(turns[1])
    assert "aucun salarié" in said(turns[2])
    assert "aucune aide ne convient à ce projet" in said(turns[3])
    assert "Parler à un agent" in said(turns[3])
    assert "n'est pas un nombre de salariés" in said(turns[4])
    assert "Figeac (Lot)" in said(turns[5])
    asked = [str(message.get("text")) for turn in turns for message in turn if message["type"] == "choices" and message.get("text")]
    assert len(asked) == len(set(asked))


def test_a_digression_is_answered_and_the_search_taken_up_again_with_a_button(running: System, page: Page, keep_picture: Picture) -> None:
    page.goto(running.site)
    page.get_by_role("button", name="Poser une question").click()
    log = page.get_by_role("log")

    def ask(text: str, awaited: str) -> None:
        page.get_by_label("Votre question").fill(text)
        page.keyboard.press("Enter")
        expect(log).to_contain_text(awaited, timeout=15000)

    ask("je suis boulangère à Laval, je cherche une aide pour changer mon four", "Commerce-Artisanat")
    expect(log).to_contain_text("Correspond (")
    keep_picture(page, "assistant-eligibility")
    ask("quels sont vos horaires ?", "ouverts")
    page.get_by_role("button", name="Reprendre ma recherche d'aides").last.click()
    expect(log).to_contain_text("Reprenons", timeout=15000)
    page.get_by_role("button", name=re.compile("salariés")).first.click()
    expect(log).to_contain_text("C'est noté", timeout=15000)
