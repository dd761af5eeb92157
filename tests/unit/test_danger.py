"""A person in danger gets help first, and ordinary words raise no alarm."""

import pytest

from language.danger import Danger, find_danger


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("je vais en finir j'en peux plus", Danger.SUICIDE),
        ("J'en peux plus de la vie", Danger.SUICIDE),
        ("Avec ce refus je perds tout, je n'ai plus envie de vivre.", Danger.SUICIDE),
        ("Je vais me suicider si vous refusez mon dossier", Danger.SUICIDE),
        ("jai envi de rien, je veu mourir... non : je veux mourir", Danger.SUICIDE),
        ("mon mari me frappe", Danger.VIOLENCE),
        ("au secours je fais un malaise", Danger.HEALTH),
        ("appelez vite les pompiers", Danger.HEALTH),
        ("À quoi bon se lever le matin", Danger.DISTRESS),
        ("je suis au bout du rouleau", Danger.DISTRESS),
        ("là je n'en peux plus.", Danger.DISTRESS),
        ("sans réponse lundi on met la clé sous la porte", Danger.RUIN),
        ("nous allons déposer le bilan", Danger.RUIN),
    ],
)
def test_danger_is_heard(text: str, danger: Danger) -> None:
    assert find_danger(text) is danger


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Je voudrais en finir avec cette demande de pièces",
        "on meurt d'ennui au guichet",
        "la porte du bus me frappe l'épaule",
        "mon dossier est mort et enterré",
        "aide pour une association d'aide aux victimes de violences",
        "je n'ai plus envie de répondre à vos courriers",
        "formation aux premiers secours",
        "je n'en peux plus de vos formulaires",
        "je suis à bout de patience",
        "aide pour reprendre une entreprise en liquidation",
        "il a mis la clé sous la porte il y a dix ans",
    ],
)
def test_ordinary_words_raise_no_alarm(text: str) -> None:
    assert find_danger(text) is None
