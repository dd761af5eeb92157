"""What the machine may decide alone, and how far its confidences can be believed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from language.calibration import calibration_error, reliability
from triage.autonomy import ERRORS, LEAST, NEVER, Trust, automated_share, curve_of, threshold, weakest
from triage.calibrate import fit_each_alone, fit_one_of
from triage.model import Autonomy

SAID = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=200)


@given(SAID)
def test_what_is_automated_is_wrong_no_more_than_stated(said: list[tuple[float, bool]]) -> None:
    confidences, right = [c for c, _ in said], [ok for _, ok in said]
    curve = curve_of(confidences, right)
    for share in ERRORS:
        automated, wrong = automated_share(confidences, right, curve[share])
        assert wrong <= share + 1e-9
        assert automated == 0 or round(automated * len(said)) >= LEAST
    assert list(curve.values()) == sorted(curve.values(), reverse=True)


def test_too_few_messages_prove_nothing() -> None:
    assert curve_of([0.99] * (LEAST - 1), [True] * (LEAST - 1))[0.03] == NEVER
    assert curve_of([0.99] * LEAST, [True] * LEAST)[0.03] == 0.99


def test_a_label_is_trusted_by_its_curve() -> None:
    trust = Trust({"avis": {0.03: 0.9, 0.15: 0.6}}, wrong=0.03)
    assert [trust.level("avis", c) for c in (0.95, 0.9, 0.7, 0.5)] == [
        Autonomy.AUTOMATE,
        Autonomy.AUTOMATE,
        Autonomy.PRESELECT,
        Autonomy.SUGGEST,
    ]
    assert trust.level("inconnu", 1.0) is Autonomy.SUGGEST


def test_between_two_shares_the_stricter_holds() -> None:
    assert threshold({0.01: 0.97, 0.05: 0.8}, 0.04) == 0.97
    assert threshold({0.01: 0.97, 0.05: 0.8}, 0.0) == NEVER


def test_a_message_is_trusted_as_its_least_sure_label() -> None:
    assert weakest([Autonomy.AUTOMATE, Autonomy.SUGGEST, Autonomy.PRESELECT]) is Autonomy.SUGGEST
    assert weakest([Autonomy.AUTOMATE, Autonomy.PRESELECT]) is Autonomy.PRESELECT
    assert weakest([]) is Autonomy.SUGGEST


def _drawn(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores of three labels and the label drawn with the probabilities that twice the scores make."""
    draw = np.random.default_rng(0)
    scores = draw.normal(size=(count, 3))
    shares = np.exp(2 * scores) / np.exp(2 * scores).sum(axis=1, keepdims=True)
    return scores, np.array([draw.choice(3, p=share) for share in shares])


def test_probabilities_are_as_often_right_as_they_say() -> None:
    scores, truth = _drawn(4000)
    found = fit_one_of(("a", "b", "c"), scores, truth, balanced=False)
    shares = found.probabilities(scores)
    assert abs(found.sharpness - 2) < 0.2
    assert calibration_error(shares.max(axis=1), shares.argmax(axis=1) == truth) < 0.02
    alone = fit_each_alone(("a",), scores[:, :1], (truth == 0)[:, None]).probabilities(scores[:, :1])[:, 0]
    assert calibration_error(alone, truth == 0) < 0.03


def test_balanced_gives_a_rare_label_its_part() -> None:
    scores, truth = _drawn(4000)
    kept = (truth != 2) | (np.arange(len(truth)) % 10 == 0)
    plain, even = (fit_one_of(("a", "b", "c"), scores[kept], truth[kept], balanced) for balanced in (False, True))
    rare = scores[kept][truth[kept] == 2]
    assert (even.probabilities(rare).argmax(axis=1) == 2).mean() > (plain.probabilities(rare).argmax(axis=1) == 2).mean()


def test_reliability_counts_every_message_once() -> None:
    confidences = np.array([0.0, 0.05, 0.55, 1.0])
    table = reliability(confidences, np.array([False, False, True, True]))
    assert [count for _, _, count in table] == [2, 1, 1]
