"""The head that compares texts: what it says of a writer held out is what it would say had it never read that writer."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from language.kernel_fit import FEW, Mix, fit_kernel_head
from language.kernel_head import Views, load_kernel_head, probabilities, save_kernel_head


def texts(count: int, seed: int = 0, meanings: bool = True) -> tuple[Views, list[str]]:
    """Vectors of three subjects, the third of which is what is out of scope."""
    rng = np.random.default_rng(seed)
    subject = rng.integers(0, 3, count)
    meaning = rng.normal(size=(count, 24)).astype(np.float32)
    meaning[np.arange(count), subject] += 2
    words = csr_matrix((rng.random((count, 40)) < 0.1) * rng.random((count, 40)), dtype=np.float32)
    return Views((meaning, meaning[:, :12].copy()) if meanings else (), words), [f"{'abz'[one]}" for one in subject]


@pytest.mark.parametrize("writers", [4, 1])
def test_scores_held_out_are_those_of_a_head_that_never_read_that_writer(writers: int) -> None:
    views, labels = texts(60, meanings=False)
    names = [f"w{at % writers}" for at in range(60)]
    own = np.array([name == "w0" for name in names]) if writers > 1 else np.arange(60) == 7
    rest = [at for at in range(60) if not own[at]]
    whole = fit_kernel_head(views, labels, names, mixes=[Mix()])
    without = fit_kernel_head(views.take(rest), [labels[at] for at in rest], [names[at] for at in rest], mixes=[Mix()])
    assert np.allclose(without.head.scores(views.take(own)), whole.held_out[own], atol=1e-3)


def test_a_head_reads_what_resembles_what_it_has_read() -> None:
    views, labels = texts(300)
    fitted = fit_kernel_head(views, labels, [""] * 300)
    others, truth = texts(200, seed=1)
    guesses = [fitted.head.labels[at] for at in fitted.head.probabilities(others).argmax(1)]
    assert np.mean([guess == label for guess, label in zip(guesses, truth)]) > 0.7
    assert fitted.head.probabilities(others).sum(1) == pytest.approx(np.ones(200))


def test_many_texts_are_read_with_all_views_alike() -> None:
    views, labels = texts(FEW + 1)
    fitted = fit_kernel_head(views, labels, [f"w{at % 5}" for at in range(FEW + 1)])
    truth = [fitted.head.labels.index(label) for label in labels]
    assert (fitted.mix.others, fitted.mix.letters) == (1.0, 1.0)
    assert (fitted.held_out.argmax(1) == truth).mean() > 0.8


@pytest.mark.parametrize("lost", [0.0, 0.05, 0.3])
def test_no_more_is_lost_to_the_unknown_than_allowed(lost: float) -> None:
    views, labels = texts(400)
    fitted = fit_kernel_head(views, labels, [f"w{at % 4}" for at in range(400)], "z", lost)
    head = fitted.head
    truth = np.array([head.labels.index(label) for label in labels])
    known = fitted.held_out.copy()
    known[:, head.unknown] = -np.inf
    taken = probabilities(fitted.held_out, head.unknown, head.offset, head.sharpness).argmax(1) == head.unknown
    gone = taken & (known.argmax(1) == truth) & (truth != head.unknown)
    assert gone.sum() <= lost * (truth != head.unknown).sum()


def test_more_lost_means_more_found_out_of_scope() -> None:
    views, labels = texts(400)
    offsets = [fit_kernel_head(views, labels, [""] * 400, "z", lost).head.offset for lost in (0.01, 0.05, 0.2)]
    assert offsets == sorted(offsets)


def test_a_head_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    views, labels = texts(80)
    head = fit_kernel_head(views, labels, [""] * 80, "z").head
    save_kernel_head(tmp_path / "head.npz", head, {"version": "1"})
    loaded, card = load_kernel_head(tmp_path / "head.npz")
    assert card == {"version": "1"}
    assert (loaded.labels, loaded.unknown, loaded.offset, loaded.sharpness) == (head.labels, head.unknown, head.offset, head.sharpness)
    assert np.allclose(loaded.probabilities(views), head.probabilities(views), atol=2e-2)


def test_what_is_no_number_is_refused() -> None:
    views, labels = texts(30)
    views.meanings[0][3, 2] = np.nan
    with pytest.raises(np.linalg.LinAlgError):
        fit_kernel_head(views, labels, [""] * 30)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-3, 3, width=32), min_size=3, max_size=3), st.floats(-1, 1), st.floats(0.5, 50))
def test_probabilities_are_probabilities(scores: list[float], offset: float, sharpness: float) -> None:
    row = probabilities(np.array([scores]), 2, offset, sharpness)
    assert row.sum() == pytest.approx(1)
    assert (row >= 0).all()


def test_the_same_texts_give_the_same_head() -> None:
    views, labels = texts(100)
    first, second = (fit_kernel_head(views, labels, [""] * 100, "z").head for _ in range(2))
    assert np.array_equal(first.probabilities(views), second.probabilities(views))
