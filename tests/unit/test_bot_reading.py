"""What the assistant reads in a message: intents with a way to say "I do not know", shapes, names of aids."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.aid_names import AidNames, find_aids
from bot.components.clauses import MOST, partings
from bot.components.reading import Reading, figures, read_intents, two_questions
from bot.components.spans import find_spans
from bot.components.tagging import leaning
from language.calibration import calibration_error
from language.kernel_fit import fit_kernel_head
from language.kernel_head import Views
from language.lexicon import Lexicon

SHEETS = Path(__file__).parents[2] / "aids" / "content"


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
        ("j'ai 17 ans et je vis à Laval depuis 3 ans", [("date", "3 ans")]),
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


def test_intents_come_most_probable_first_and_a_blank_message_is_out_of_scope() -> None:
    lexicon = Lexicon(2048)
    said = {"saluer": ["bonjour", "bonjour madame", "bonsoir"], "montant_aide": ["quel montant", "combien d'euros", "le montant svp"]}
    texts = [text for several in said.values() for text in several]
    intents = [intent for intent, several in said.items() for _ in several]
    fitted = fit_kernel_head(Views((), lexicon.rows(texts)), intents, [""] * len(texts))
    greeting, blank = read_intents(fitted.head, Views((), lexicon.rows(["bonjour monsieur", " "])), "hors_sujet")
    assert [row["name"] for row in greeting] == ["saluer", "montant_aide"]
    assert sum(row["confidence"] for row in greeting) == pytest.approx(1)
    assert blank == [{"name": "hors_sujet", "confidence": 1.0}]
    assert set(figures(fitted, intents)) == {"right", "calibration_error", "sharpness"}


def test_confidences_that_say_what_happens_have_no_error() -> None:
    assert calibration_error(np.array([0.75, 0.75, 0.75, 0.75]), np.array([True, True, True, False])) == 0
    assert calibration_error(np.array([1.0, 1.0]), np.array([True, False])) == pytest.approx(0.5)


def reading(name: str, confidence: float) -> Reading:
    return [{"name": name, "confidence": confidence}]


def test_a_message_is_parted_where_two_questions_may_meet() -> None:
    assert partings("quels papiers ? et le délai c'est combien") == [("quels papiers", "le délai c'est combien")]
    assert ("les horaires du lundi", "où en est mon dossier") in partings("les horaires du lundi et où en est mon dossier")
    assert partings("hôtel et restaurant") == []
    assert partings("") == []


@given(st.text(alphabet="aé ?.;!,et\n", max_size=80))
def test_parting_loses_no_word_but_the_joint(text: str) -> None:
    found = partings(text)
    assert len(found) <= MOST
    for before, after in found:
        assert text.strip().startswith(before)
        assert text.strip().endswith(after)
        assert len(before) + len(after) < len(text)


def test_two_questions_are_the_surest_pair_of_sides() -> None:
    weak = (reading("horaires_service", 0.65), reading("montant_aide", 0.7))
    strong = (reading("horaires_service", 0.9), reading("pieces_aide", 0.8))
    assert two_questions([weak, strong], frozenset({"saluer"}), 0.6) == ("horaires_service", "pieces_aide")
    assert two_questions([weak], frozenset({"saluer"}), 0.7) == ()
    assert two_questions([(reading("saluer", 0.9), reading("pieces_aide", 0.8))], frozenset({"saluer"}), 0.6) == ()
    assert two_questions([(reading("pieces_aide", 0.9), reading("pieces_aide", 0.8))], frozenset(), 0.6) == ()
    assert two_questions([([], reading("pieces_aide", 0.8))], frozenset(), 0.6) == ()


def test_an_unsure_word_is_taken_for_the_entity_that_is_leaned_to() -> None:
    shares = {("secteur", 1): 0.4, ("secteur", 2): 0.35, ("secteur", 4): 0.9}
    found = leaning(["O", "O", "O", "O", "B-lieu"], lambda entity, at: shares.get((entity, at), 0.0), {"secteur": 0.3})
    assert found == ["O", "B-secteur", "I-secteur", "O", "B-lieu"]
