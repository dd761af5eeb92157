"""Every setting is documented, and only settings are."""

import re
from pathlib import Path

from ecoute.settings import Settings

DOC = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_documented_with_its_meaning() -> None:
    told = dict(re.findall(r"^\| `ECOUTE_(\w+)` \| .* \| (.+) \|$", DOC.read_text(encoding="utf-8"), re.M))
    assert told == {name.upper(): field.description for name, field in Settings.model_fields.items()}
