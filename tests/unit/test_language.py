"""Language: the same promises hold for the real embedders and for their official fake."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.embed import E5Embedder, Embedder, HashEmbedder, UseEmbedder
from language.lexicon import Lexicon
from language.normalise import fold, gist, normalise, tidy


@pytest.fixture(scope="module", params=[E5Embedder, UseEmbedder, HashEmbedder])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    made: Embedder = request.param()
    return made


def test_texts_become_unit_vectors_and_blank_ones_zeros(embedder: Embedder) -> None:
    vectors = embedder.embed(["Où en est mon dossier ?", " \n", "a" * 5000])
    assert vectors.shape == (3, embedder.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 1], abs=1e-3)


def test_hostile_text_does_not_break_the_embedder(embedder: Embedder) -> None:
    both = embedder.embed(["é", "é"])
    assert np.allclose(both[0], both[1], atol=1e-5)
    assert embedder.embed(["\x00\ud800 bonjour"]).any()
    # One sign that the engine expands beyond the memory it takes.
    assert embedder.embed(["\ufdfa" * 400, "\ufdfa " * 400]).any(axis=1).all()
    assert embedder.embed([]).shape == (0, embedder.dimension)


@pytest.mark.parametrize("real", [E5Embedder, UseEmbedder])
def test_a_real_embedder_knows_that_two_questions_are_near(real: type[Embedder]) -> None:
    file, delay, weather = real().embed(["où en est mon dossier", "des nouvelles de ma demande svp", "il pleut sur Nantes"])
    assert file @ delay > file @ weather


def test_french_has_one_writing() -> None:
    assert normalise("SVP, l’aide\u00a0« Prim’Export »") == "s'il vous plaît, l'aide \" prim'export \""
    assert fold("Éco-chèque  VOITURE !") == "eco cheque voiture"


def test_a_long_text_keeps_its_ends_and_a_held_letter_is_said_three_times() -> None:
    assert gist("court", 10) == "court"
    assert gist("a" * 50 + "b" * 50, 20) == "a" * 10 + " " + "b" * 10
    assert normalise("j'attennnnnnds !!!!!!") == "j'attennnds !!!"


@given(st.text())
def test_tidy_is_stable_and_never_falls(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert "  " not in tidy(text)


def test_letters_and_words_forget_accents_and_case_and_a_blank_text_has_none() -> None:
    lexicon = Lexicon(512)
    texts = ["Où est mon dossier ?", "", "ou est mon dossier"]
    rows = lexicon.rows(texts).toarray()
    assert np.array_equal(rows[0], rows[2])
    assert not rows[1].any()
    assert rows.shape == (3, 512)
