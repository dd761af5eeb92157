"""Schemes are found by what people call them or want."""

import pytest

from aids.catalogue import Catalogue
from aids.search import find_by_name, search

AIDS = Catalogue().aids()


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("quel aide pour exporter en allemagne ?", "contrat-export"),
        ("je veux m'acheter un velo electrique", "bonus-forfait-mobilite"),
        ("je rénove ma vieille maison", "areep"),
        ("ma fille part étudier à l'étranger", "envoleo"),
        ("acheter une voiture electrique d'occasion", "eco-cheque-voiture"),
        ("subvention pour association sociale", "fonds-innovation-sociale"),
        ("prix du transport scolaire", "transport-scolaire-aleop"),
    ],
)
def test_a_wish_finds_its_scheme(question: str, wanted: str) -> None:
    assert search(question, AIDS)[0].aid.slug == wanted


@pytest.mark.parametrize(
    ("phrase", "wanted"),
    [
        ("le contrat exprot", "contrat-export"),
        ("eco cheque voiture", "eco-cheque-voiture"),
        ("PRET TPE PME", "pret-tpe-pme"),
        ("envoleo", "envoleo"),
    ],
)
def test_a_name_is_known_whatever_its_accents_and_typos(phrase: str, wanted: str) -> None:
    assert find_by_name(phrase, AIDS)[0].aid.slug == wanted


@pytest.mark.parametrize("question", ["", "   ", "???", "bonjour", "le la les"])
def test_nothing_is_found_where_nothing_is_asked(question: str) -> None:
    assert search(question, AIDS) == []
