"""What is published: nothing small, nothing that tells something small, and actions that editors write."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.actions import CONTENT, Actions
from quality.results import SMALL, Counts, publish, shown, shown_total

SAMPLE = (CONTENT / "actions" / "exemple-pieces.yml").read_text(encoding="utf-8")


@given(st.lists(st.integers(0, 20), min_size=1, max_size=4))
def test_a_small_count_is_neither_told_nor_found_by_subtraction(counts: list[int]) -> None:
    told = shown(counts)
    assert all(one is None or one == 0 or one >= SMALL for one in told)
    assert told.count(None) != 1 or shown_total(counts) is None


def test_a_share_of_a_few_is_hidden() -> None:
    few = Counts("canal", "mail", "E-mail", 9, 10, 4, 3, 5, 20, 10, 10)
    figures = {one.measure: (one.value, one.base) for one in publish(date(2026, 1, 1), date(2026, 12, 31), [few]).figures}
    nothing = (None, None)
    assert figures == {
        "delai_tenu": nothing,
        "delai_median": nothing,
        "delai_90": nothing,
        "avis_repondus": (50.0, 20),
        "avis_positifs": (50.0, 20),
    }


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("state: fait", "state: fini", "ligne 13"),
        ("commitment: information", "commitment: autre", "« commitment » ne peut pas valoir « autre »"),
        ("state: fait", "state: prévu", "« changed » dit ce qui a changé"),
        ("opinions: 12", "opinions: 0", "« opinions » doit être d'au moins 1"),
    ],
)
def test_a_slip_keeps_the_last_valid_action(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert Actions().problems() == ()
    assert all(one.sample for one in Actions().all())
    path = tmp_path / "actions" / "pieces.yml"
    path.parent.mkdir()
    path.write_text(SAMPLE, encoding="utf-8")
    actions = Actions(tmp_path)
    (kept,) = actions.all()
    path.write_text(SAMPLE.replace(before, after) + "\n", encoding="utf-8")
    assert message in str(actions.problems()[0])
    assert actions.all() == (kept,)
