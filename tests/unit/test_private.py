"""Numbers that must not be kept, and those that may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.private import MASK, mask_secrets, redact


@pytest.mark.parametrize(
    "text",
    [
        "FR76 1234 5678 9012 3456 7890 123",
        "fr7612345678901234567890123",
        "FR76-3000-6000-0112-3456-7890-189",
        "BE71 0961 2345 6769",
        "4970 1012 3456 7890",
        "4970101234567890",
        "1 85 05 78 006 084 36",
        "2850578006084",
        "1 85 05 2A 006 084 36",
    ],
)
def test_account_card_and_social_numbers_are_masked(text: str) -> None:
    assert mask_secrets(f"voici : {text}, merci") == f"voici : {MASK}, merci"


@pytest.mark.parametrize(
    "text",
    [
        "dossier EXP-2026-00123 déposé le 12 septembre 2026",
        "mon numéro est 21983456",
        "le 06 12 34 56 78",
        "25 000 € puis 1 250 000 € sur 3 ans",
        "SIRET 123 456 789 00012",
        "le PL62 passe par la RD 1234 puis la sortie 12",
        "",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_secrets(text) == text


def test_a_copy_kept_elsewhere_tells_nobody_apart() -> None:
    told = redact("Je suis luc.petit@exemple.fr, 06 12 34 56 78 ou +33 6 12 34 56 78, dossier EXP-2026-00123, code 482913")
    assert told == "Je suis [adresse], [téléphone] ou [téléphone], dossier [numéro], code [numéro]"


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    assert redact(redact(text)) == redact(text)
    mask_secrets(text)
