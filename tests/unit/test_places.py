"""Places of France by the names that people say."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aids.places import Place, departement_of, gazetteer, said, where
from bot.actions.place_said import find_place

FRANCE = gazetteer()
SERVED = frozenset({"Pays de la Loire", "Occitanie"})


def titles(text: str, *named: str, asked: bool = False) -> list[str]:
    return [FRANCE.title(place) for place in find_place(text, named, FRANCE, asked=asked, served=SERVED).places]


@pytest.mark.parametrize(
    ("text", "named", "wanted"),
    [
        ("une scierie à Laval", (), "Laval (Mayenne)"),
        ("on est a lodeve", (), "Lodève (Hérault)"),
        ("je suis à St Nazaire en Loire-Atlantique", (), "Saint-Nazaire (Loire-Atlantique)"),
        ("coiffeuse au Mans", (), "Le Mans (Sarthe)"),
        ("pêcheur aux Sables d'Olonne", (), "Les Sables-d'Olonne (Vendée)"),
        ("mon café est à Ancenis", (), "Ancenis-Saint-Géréon (Loire-Atlantique)"),
        ("une ferme dans le Gers", (), "Gers"),
        ("dans les Pays de la Loire", (), "Pays de la Loire"),
        ("on est dans le 44", (), "Loire-Atlantique"),
        ("44000 Nantes", (), "Nantes (Loire-Atlantique)"),
        ("potière, Cholet", ("Cholet",), "Cholet (Maine-et-Loire)"),
        ("la mairie de Figeac", (), "Figeac (Lot)"),
        ("pas à Laval, à Angers", (), "Angers (Maine-et-Loire)"),
        ("artisan à Cholet, je vise un salon à Tours", (), "Cholet (Maine-et-Loire)"),
        ("étudiante à Angers, stage à Berlin", ("Angers", "Berlin"), "Angers (Maine-et-Loire)"),
    ],
)
def test_the_place_where_one_is_is_found(text: str, named: tuple[str, ...], wanted: str) -> None:
    assert titles(text, *named) == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        "exposer dans un salon à Lyon",
        "on me l'a eu à vendre",
        "c'est à refaire",
        "il a changé d'avis",
        "je suis à mon compte",
        "le 12 mai",
        "",
    ],
)
def test_a_place_where_one_goes_and_words_that_are_names_too_are_not(text: str) -> None:
    assert titles(text) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Cholet", ["Cholet (Maine-et-Loire)"]),
        ("cholet", ["Cholet (Maine-et-Loire)"]),
        ("Mayenne", ["Mayenne"]),
        ("à Mayenne", ["Mayenne"]),
        ("53", ["Mayenne"]),
        ("53000", ["Laval (Mayenne)"]),
        ("Castres", ["Castres (Tarn)"]),
        ("Saint-Denis (93)", ["Saint-Denis (Seine-Saint-Denis)"]),
    ],
)
def test_an_answer_may_be_a_bare_name_or_number(text: str, wanted: list[str]) -> None:
    assert titles(text, asked=True) == wanted


def test_a_name_that_many_share_is_left_open_and_one_that_nobody_has_is_said_so() -> None:
    assert len(titles("à Saint-Denis")) > 2
    told = find_place("Chollet", (), FRANCE, asked=True, served=SERVED)
    assert told.places == ()
    assert told.unknown == "Chollet"
    assert [place.name for place in told.near] == ["Cholet"]


def test_every_commune_has_its_departement_and_region() -> None:
    laval = FRANCE.commune("53130")
    assert laval == Place("Laval", "Pays de la Loire", "53", "53130", 49400)
    assert departement_of("97411") == "974"
    assert departement_of("2A004") == "2A"
    assert len(FRANCE.departements) >= 101
    assert {where(region).split()[0] for region in FRANCE.regions} <= {"en", "dans", "à"}


@given(st.text(max_size=60), st.booleans())
@example("OURS", True)
@settings(deadline=None)
def test_any_text_is_read(text: str, asked: bool) -> None:
    told = find_place(text, (text[:10],), FRANCE, asked=asked, served=SERVED)
    assert told.unknown is None or not told.places
    assert said(said(text)) == said(text)


def test_the_official_files_hold_communes_of_today_and_those_merged_in_them() -> None:
    france = gazetteer()
    assert len(france.departements) >= 101
    (laval, *_others) = france.communes("Laval")
    assert (laval.departement, laval.region) == ("53", "Pays de la Loire")
    assert any(place.name == "Laval" for place in france.postal("53000"))
    (merged,) = france.communes("Beaupréau-en-Mauges")
    (old,) = france.communes("Andrezé")
    assert merged.commune == old.commune
