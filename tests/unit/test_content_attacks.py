"""Texts of contents written to harm: refused with their line, in no time and with no memory to speak of."""

import pytest

from aids.catalogue import CONTENT
from aids.model import Aid
from store.content import MOST_PROBLEMS, ContentError, parse_content

SHEET = (CONTENT / "envoleo.yml").read_text(encoding="utf-8")
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefghijk", "bcdefghijkl", strict=True)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LAUGHS, "renvois"),
        ("a: &a [*a]", "renvois"),
        ("a: &a {b: 1}\nc: {<<: *a}", "renvois"),
        ("[" * 30_000, "les uns dans les autres"),
        ('a: "\\0"', "n'est pas du texte"),
        ('a: "\\ud800"', "n'est pas du texte|YAML"),
        ("a: \0", "YAML"),
        ("a: !!python/object/apply:os.system [date]", "YAML"),
        ("a: 2026-02-30", "YAML"),
        ("a\t", "plusieurs champs"),
        ("a: 1\t", "n'est pas un champ connu"),
        ("? [a, b]\n: c", "YAML"),
    ],
)
def test_a_text_that_would_harm_is_refused_at_its_line(text: str, told: str) -> None:
    with pytest.raises(ContentError, match=told):
        parse_content("# haut\n" + text, "envoleo.yml", Aid)


def test_a_flood_of_errors_is_told_in_part() -> None:
    with pytest.raises(ContentError) as refused:
        parse_content("".join(f"k{number}: 1\n" for number in range(5_000)), "envoleo.yml", Aid)
    assert len(refused.value.problems) == MOST_PROBLEMS


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("ceiling: 2000", "ceiling: -1", "négatif"),
        ("ceiling: 2000", "ceiling: 2000\n  floor: 3000", "dépasse"),
        ("ceiling: 2000", "ceiling: 2000\n  rate_max: 120", "de 0 à 100"),
        ("ceiling: 2000", "ceiling: 2000\n  rate_max: .nan", "de 0 à 100"),
        ('origin_url: "https://', 'origin_url: "javascript://', "adresse"),
        ('origin_url: "https://', 'origin_url: "//', "adresse"),
    ],
)
def test_a_slip_in_a_sheet_is_told_in_words(was: str, becomes: str, told: str) -> None:
    text = SHEET.replace(was, becomes)
    assert text != SHEET
    with pytest.raises(ContentError, match=told):
        parse_content(text, "envoleo.yml", Aid)
