"""What agents taught, and when a challenger reads it better."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.learning import Lesson, Verdict, Word, compare, disputed, read_first, said_last, split
from triage.train import writers_of

START = datetime(2026, 9, 1, tzinfo=UTC)
LESSON = Lesson(1, "Objet", "Texte", "a@exemple.fr", "avis", ("delais",), "negatif", False, START, True, True)
LABELS = ("avis", "demande", "delais")


def word(after: object, author: str = "agnes", hours: int = 0, item: int = 1, before: object = "avis") -> Word:
    return Word(item, "kind", before, after, author, START + timedelta(hours=hours))


def test_the_last_word_counts_and_the_first_tells_what_was_read() -> None:
    words = [word("hors_perimetre", hours=2, before="demande"), word("demande", hours=1)]
    assert said_last(words) == {(1, "kind"): "hors_perimetre"}
    assert read_first(words) == {(1, "kind"): "avis"}


def test_two_agents_who_disagree_leave_the_item_out() -> None:
    assert disputed([word("demande"), word("avis", "bruno", 1)]) == {1}
    assert disputed([word("demande"), word("demande", "bruno", 1)]) == set()
    assert disputed([word("avis"), word("demande", hours=1), word("demande", "bruno")]) == set(), "one may change one's mind"


def test_the_newest_are_judged_on_and_never_learnt() -> None:
    lessons = [replace(LESSON, item=n, text=f"Texte {n}", at=START + timedelta(days=n), taught=n % 2 == 0) for n in range(10)]
    learnt, replayed = split(lessons[::-1])
    assert [one.item for one in learnt] == [0, 2, 4, 6]
    assert [one.item for one in replayed] == [7, 8, 9]
    copied = [*lessons[:9], replace(lessons[9], text="Texte 0")]
    assert [one.item for one in split(copied)[1]] == [7, 8]


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=40))
def test_a_split_loses_no_word_of_an_agent(drawn: list[tuple[int, bool]]) -> None:
    lessons = [replace(LESSON, item=n, text=str(n), at=START + timedelta(days=day), taught=taught) for n, (day, taught) in enumerate(drawn)]
    learnt, replayed = split(lessons)
    assert {one.item for one in lessons if one.taught} <= {one.item for one in (*learnt, *replayed)}
    assert not {one.item for one in learnt} & {one.item for one in replayed}
    assert max((one.at for one in learnt), default=START) <= min((one.at for one in replayed), default=START + timedelta(days=99))


def test_messages_of_one_sender_are_held_out_together() -> None:
    rows = [replace(LESSON, item=n, sender=f"{n % 7}@exemple.fr").row() for n in range(70)]
    groups = writers_of(rows)
    assert all(len(set(groups[n::7])) == 1 for n in range(7))
    assert len(set(groups)) <= 5


def replayed(count: int, wrong: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What holds, and what a model says that is wrong so often of the second label."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 2, count)
    wanted = np.stack([kinds == 0, kinds == 1, rng.random(count) < 0.3], axis=1)
    said = wanted.copy()
    said[:, 2] ^= rng.random(count) < wrong
    return wanted, said


def test_a_challenger_that_reads_better_wins_and_twice_alike() -> None:
    wanted, champion = replayed(200, 0.4, 1)
    found = compare(LABELS, wanted, champion, wanted, 50)
    assert found.verdict is Verdict.BETTER
    assert found.labels[2].challenger == 1 == found.labels[0].champion
    assert 0 < found.labels[2].low < found.labels[2].gain < found.labels[2].high
    assert found == compare(LABELS, wanted, champion, wanted, 50)


def test_a_challenger_no_better_or_worse_does_not() -> None:
    wanted, champion = replayed(200, 0.2, 1)
    assert compare(LABELS, wanted, champion, champion, 50).verdict is Verdict.NOT_BETTER
    assert compare(LABELS, wanted, wanted, champion, 50).verdict is Verdict.NOT_BETTER


def test_a_gain_does_not_pay_for_a_label_that_is_lost() -> None:
    wanted, champion = replayed(300, 0.5, 1)
    challenger = wanted.copy()
    challenger[:, :2] ^= (np.random.default_rng(2).random(300) < 0.08)[:, None]
    found = compare(LABELS, wanted, champion, challenger, 50)
    assert found.all.low > 0
    assert found.verdict is Verdict.NOT_BETTER


@pytest.mark.parametrize(("count", "corrected"), [(0, 0), (29, 20), (200, 9)])
def test_few_messages_prove_nothing(count: int, corrected: int) -> None:
    wanted, champion = replayed(count, 0.9, 1)
    assert compare(LABELS, wanted, champion, wanted, corrected).verdict is Verdict.TOO_FEW
