"""Colours can be told apart, in both themes."""

import re
from pathlib import Path

import pytest

from web.contrast import CONTROL, TEXT, contrast
from web.home import STATIC
from web.region import Region

GROUNDS = ("paper", "surface", "primary-soft")
TEXTS = ("ink", "muted", "primary", "accent", "negatif", "neutre", "positif")
CONTROLS = ("control", "focus")


def themes() -> list[dict[str, str]]:
    """Tokens of the light theme, and of the dark one."""
    light, dark = (STATIC / "tokens.css").read_text(encoding="utf-8").split("@media")
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    assert found[0].keys() == found[1].keys()
    return found


@pytest.mark.parametrize("theme", themes(), ids=["light", "dark"])
def test_every_pair_of_colours_can_be_read(theme: dict[str, str]) -> None:
    wanted = [(name, ground, TEXT) for name in TEXTS for ground in GROUNDS if (name, ground) != ("accent", "primary-soft")]
    wanted += [(name, ground, CONTROL) for name in CONTROLS for ground in GROUNDS]
    wanted.append(("on-primary", "primary", TEXT))
    assert [pair for pair in wanted if contrast(theme[pair[0]], theme[pair[1]]) < pair[2]] == []


def test_contrast_is_that_of_the_recommendation() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("colour", ["#ffff00", "bleu", "#fff"])
def test_a_region_cannot_set_a_colour_that_cannot_be_read(colour: str) -> None:
    with pytest.raises(ValueError, match=r"contraste|écrivez"):
        Region(primary=colour)


def test_no_page_carries_style_or_script_of_its_own() -> None:
    root = Path(STATIC).parent.parent
    pages = [page for room in ("web", "desk", "quality") for page in (root / room / "templates").glob("*.html")]
    assert pages
    assert [page.name for page in pages if re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)|\|\s*safe", page.read_text("utf-8"))] == []
