"""The chain of the history shows every change, hole and false beginning."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from history.model import FIRST_SEAL, WORDS, Entry, What, flaws

START = datetime(2026, 11, 24, 9, tzinfo=UTC)


def chain(length: int) -> list[tuple[Entry, str]]:
    made: list[tuple[Entry, str]] = []
    previous = FIRST_SEAL
    for number in range(1, length + 1):
        entry = Entry(number, START + timedelta(minutes=number), 1, "Agnès Martin", "lu", f"AV-{number}", None, None, previous)
        previous = entry.seal()
        made.append((entry, previous))
    return made


def test_a_whole_chain_has_no_flaw() -> None:
    assert flaws([]) == []
    assert flaws(chain(5)) == []


@given(st.data())
def test_any_change_of_any_field_is_seen(data: st.DataObject) -> None:
    whole = chain(6)
    index = data.draw(st.integers(0, 5))
    field, value = data.draw(
        st.one_of(
            st.tuples(st.sampled_from(["who", "what", "about", "before", "after"]), st.text(max_size=9)),
            st.tuples(st.just("person"), st.integers(2, 9)),
            st.tuples(st.just("at"), st.just(START)),
        )
    )
    entry, kept = whole[index]
    changed = replace(entry, **{field: value})
    if changed == entry:
        return
    assert flaws([*whole[:index], (changed, kept), *whole[index + 1 :]])
    # Sealed anew, it no longer fits the one that follows.
    if index < 5:
        assert flaws([*whole[:index], (changed, changed.seal()), *whole[index + 1 :]])


@given(st.integers(2, 8), st.data())
def test_a_hole_is_seen_wherever_it_is_but_at_the_end(length: int, data: st.DataObject) -> None:
    whole = chain(length)
    hole = data.draw(st.integers(0, length - 2))
    assert flaws(whole[:hole] + whole[hole + 1 :])


def test_a_beginning_erased_has_to_be_told() -> None:
    whole = chain(4)
    assert flaws(whole[2:]) == ["le début manque : aucune ligne d'effacement n'explique que l'historique commence à 3"]
    told = Entry(5, START + timedelta(hours=1), None, "ecoute purge", What.PURGED, "historique", "1-2", whole[1][1], whole[3][1])
    assert flaws([*whole[2:], (told, told.seal())]) == []
    false = replace(told, after="f" * 64)
    assert flaws([*whole[2:], (false, false.seal())])


def test_everything_that_may_be_done_has_words() -> None:
    assert set(WORDS) == set(What)
