"""Every setting is documented, and only settings are."""

import re
from pathlib import Path

import pytest

from ecoute.settings import Settings

DOC = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_documented_with_its_meaning() -> None:
    told = dict(re.findall(r"^\| `ECOUTE_(\w+)` \| .* \| (.+) \|$", DOC.read_text(encoding="utf-8"), re.M))
    assert told == {name.upper(): field.description for name, field in Settings.model_fields.items()}


def test_procedures_are_read_with_the_aid_of_each() -> None:
    assert Settings(dn_demarches="").dn_aids() == {}
    assert Settings(dn_demarches=" 12345 = contrat-export, 67890=prim-export,").dn_aids() == {12345: "contrat-export", 67890: "prim-export"}
    assert Settings(dn_read_receipts="12345, 67890").dn_receipts() == {12345, 67890}


@pytest.mark.parametrize("wrong", ["12345", "12345=", "=aide", "x=aide", "12345:aide"])
def test_what_cannot_be_read_is_named(wrong: str) -> None:
    with pytest.raises(ValueError, match="ECOUTE_DN_DEMARCHES"):
        Settings(dn_demarches=wrong).dn_aids()
    with pytest.raises(ValueError, match="ECOUTE_DN_READ_RECEIPTS"):
        Settings(dn_read_receipts=f"1,{wrong}x").dn_receipts()
