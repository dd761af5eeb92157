"""What `ecoute doctor` says of Démarche numérique, asked for real."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecoute.doctor import Finding, examine
from ecoute.settings import Settings
from tests.servers.demarche_numerique import TOKEN, Platform, Trouble, demarche_numerique


@pytest.fixture
def platform() -> Iterator[Platform]:
    with demarche_numerique() as running:
        yield running


def finding(folder: Path, **settings: str) -> Finding:
    return next(each for each in examine(Settings(var=folder, **settings)) if each.part == "Démarche numérique")  # type: ignore[arg-type]


def test_it_is_well_not_to_follow_it(tmp_path: Path) -> None:
    assert finding(tmp_path).well


@pytest.mark.parametrize(
    ("set_so", "found", "mend"),
    [
        ({}, "répond ; démarches suivies : toutes celles du jeton", ""),
        ({"dn_demarches": "12345=contrat-export, 67890=prim-export"}, "12345, 67890", ""),
        ({"dn_token": "faux"}, "jeton refusé", "ECOUTE_DN_TOKEN"),
        ({"dn_demarches": "12345=contrat-export,11111=envoleo"}, "n'ouvre pas : 11111", "ECOUTE_DN_DEMARCHES"),
        ({"dn_demarches": "12345=inconnue"}, "aides inconnues : inconnue", "ECOUTE_DN_DEMARCHES"),
        ({"dn_demarches": "contrat-export"}, "mal réglée", "numéro=aide"),
        ({"dn_read_receipts": "x"}, "mal réglée", "ECOUTE_DN_READ_RECEIPTS"),
        ({"dn_demarches": "12345=contrat-export", "dn_read_receipts": "67890"}, "non suivies : 67890", "ECOUTE_DN_READ_RECEIPTS"),
        ({"dn_url": "http://demarche.exemple.fr/api/v2/graphql"}, "mal réglée", "https"),
    ],
)
def test_what_is_wrong_is_found_and_how_to_mend_it(
    platform: Platform, tmp_path: Path, set_so: dict[str, str], found: str, mend: str
) -> None:
    told = finding(tmp_path, **{"dn_url": platform.url, "dn_token": TOKEN} | set_so)
    assert told.well is not bool(mend)
    assert found in told.found
    assert mend in told.mend


def test_a_platform_that_fails_is_found(platform: Platform, tmp_path: Path) -> None:
    platform.trouble = Trouble(500)
    told = finding(tmp_path, dn_url=platform.url, dn_token=TOKEN)
    assert (told.well, told.found) == (False, "réponse 500")
