"""What the assistant reads in a message: intents with a way to say "I do not know", shapes, names of aids."""

from pathlib import Path

import numpy as np
import pytest

from bot.components.aid_names import AidNames, find_aids
from bot.components.reading import read_intent
from bot.components.spans import find_spans
from language.head import LinearHead

SHEETS = Path(__file__).parents[2] / "aids" / "content"
HEAD = LinearHead(("hors_sujet", "montant_aide", "saluer"), np.eye(3) * 4, np.zeros(3), exclusive=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("où en est EXP-2026-00123 ?", [("numero_dossier", "EXP-2026-00123")]),
        ("dossier 21457803 svp", [("numero_dossier", "21457803")]),
        ("mon siren 812345678", []),
        ("j'investis 25 000 € avec 8 salariés", [("montant", "25 000 €"), ("effectif", "8 salariés")]),
        ("un four à 12\u00a0000\u202f€", [("montant", "12\u00a0000\u202f€")]),
        ("avant le 12 septembre 2026", [("date", "12 septembre 2026")]),
        ("ça fait trois mois que j’attends", [("date", "trois mois")]),
        ("depuis la semaine dernière", [("date", "semaine dernière")]),
        ("le 04/12/2026", [("date", "04/12/2026")]),
        ("appelez le 06 12 34 56 78", []),
        ("j'habite 49300 Cholet", []),
        ("mon fils entre en 6e", []),
        ("15 000 au lieu de 22000e", [("montant", "15 000"), ("montant", "22000e")]),
        ("le bilan 2024", [("date", "2024")]),
        ("", []),
    ],
)
def test_shapes_are_found_with_their_exact_characters(text: str, expected: list[tuple[str, str]]) -> None:
    found = find_spans(text)
    assert [(span.entity, span.value) for span in found] == expected
    assert all(text[span.start : span.end] == span.value for span in found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("les pièces pour le contrat exprot svp", "contrat exprot"),
        ("c koi l'ENVOLEO", "ENVOLEO"),
        ("Quel montant pour Prim’Export ?", "Prim’Export"),
    ],
)
def test_a_name_is_found_whatever_its_typos(text: str, value: str) -> None:
    assert [span.value for span in find_aids(text, AidNames(SHEETS).names())] == [value]


@pytest.mark.parametrize("text", ["renouveler mon passeport", "Le cumul est-il permis à un couvreur ?", ""])
def test_ordinary_words_are_no_names(text: str) -> None:
    assert find_aids(text, AidNames(SHEETS).names()) == []


def test_names_follow_the_files_and_outlive_a_slip(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text('name: "Chèque Lune"\naliases: [lune]\n', encoding="utf-8")
    names = AidNames(tmp_path)
    assert names.names() == {"cheque lune", "lune"}
    path.write_text("name: [", encoding="utf-8")
    assert names.names() == {"cheque lune", "lune"}
    path.write_text('name: "Chèque Soleil"\n', encoding="utf-8")
    assert names.names() == {"cheque soleil"}
    path.unlink()
    assert names.names() == frozenset()


def test_a_doubtful_or_blank_message_is_out_of_scope() -> None:
    sure = read_intent([HEAD], np.array([0, 1, 0], dtype=np.float32), 0.5, "hors_sujet", 0.0)
    assert sure[0]["name"] == "montant_aide"
    doubtful = read_intent([HEAD], np.array([0, 0.2, 0.2], dtype=np.float32), 0.5, "hors_sujet", 0.0)
    assert doubtful[0]["name"] == "hors_sujet"
    assert sorted(row["name"] for row in doubtful) == sorted(HEAD.labels)
    moved = read_intent([HEAD], np.array([0, 1, 0], dtype=np.float32), 0.0, "hors_sujet", 10.0)
    assert moved[0]["name"] == "hors_sujet"
    assert read_intent([HEAD], np.zeros(3, dtype=np.float32), 0.0, "hors_sujet", 0.0)[0]["name"] == "hors_sujet"
