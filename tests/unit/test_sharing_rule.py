"""Whatever people, absences and messages there are, the rule shares fairly and loses nothing."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from desk.sharing import Move, Rule, Shared, Sharer, Way, share, weight
from triage.risk import rank

QUEUES = ("Délais", "Accueil")
queues = st.frozensets(st.sampled_from(QUEUES))
numbers = st.integers(1, 5)


@st.composite
def desks(draw: st.DrawFn) -> tuple[list[Shared], dict[str, Rule], list[Sharer]]:
    ids = draw(st.sets(numbers))
    about = st.frozensets(st.sampled_from(("delais", "accueil")))
    items = [
        Shared(
            n, draw(st.sampled_from(QUEUES)), draw(st.integers(1, 3)), draw(about), draw(st.none() | numbers), draw(st.frozensets(numbers))
        )
        for n in range(draw(st.integers(0, 12)))
    ]
    people = [
        Sharer(
            one,
            draw(queues),
            draw(st.integers(0, 4)),
            draw(st.booleans()),
            draw(st.none() | numbers),
            draw(about),
            draw(st.integers(0, 9)),
            sum(item.holder == one for item in items),
            sum(item.weight for item in items if item.holder == one),
        )
        for one in sorted(ids)
    ]
    rules = {queue: Rule(draw(st.sampled_from(list(Way))), draw(st.booleans())) for queue in QUEUES}
    return items, rules, people


@given(desks())
def test_nothing_is_lost_given_twice_or_given_to_who_may_not_have_it(desk: tuple[list[Shared], dict[str, Rule], list[Sharer]]) -> None:
    items, rules, people = desk
    moves, after = share(items, rules, people)
    assert len({move.item for move in moves}) == len(moves)
    before, by_id = {one.id: one for one in people}, {item.id: item for item in items}
    holders = {item.id: item.holder for item in items} | {move.item: move.after for move in moves}
    for move in moves:
        item = by_id[move.item]
        assert move.before == item.holder != move.after
        if move.after is not None:
            person = before[move.after]
            assert not person.absent
            assert item.queue in person.queues
            assert person.id not in item.refused_by
            assert after[person.id].open <= person.most
    for item in items:
        if (holder := holders[item.id]) is not None:
            assert holder in before
            assert not before[holder].absent
        elif rules[item.queue].way is not Way.MANUAL:  # stays only when nobody may have it
            assert not any(one.has_room_for(item) for one in after.values())
    for one in after.values():
        assert one.open == sum(holder == one.id for holder in holders.values())
        assert one.weight == sum(by_id[number].weight for number, holder in holders.items() if holder == one.id)


@given(st.integers(1, 5), st.integers(0, 30), st.sampled_from([Way.TURN, Way.LOAD]))
def test_equal_agents_get_the_same_within_one(people: int, messages: int, way: Way) -> None:
    equal = [Sharer(n, frozenset({"Délais"}), 100) for n in range(people)]
    _, after = share([Shared(n, "Délais") for n in range(messages)], {"Délais": Rule(way)}, equal)
    had = [one.open for one in after.values()]
    assert sum(had) == messages
    assert max(had) - min(had) <= 1


@given(st.lists(st.integers(1, 3), max_size=30))
def test_by_load_no_two_differ_by_more_than_one_message(weights: list[int]) -> None:
    items = [Shared(n, "Délais", heavy) for n, heavy in enumerate(weights)]
    _, after = share(items, {"Délais": Rule(Way.LOAD)}, [Sharer(n, frozenset({"Délais"}), 100) for n in range(3)])
    loads = [one.weight for one in after.values()]
    assert max(loads) - min(loads) <= 3


def test_what_an_absent_agent_has_goes_to_the_substitute_even_in_a_manual_queue() -> None:
    people = [Sharer(1, frozenset({"Délais"}), absent=True, substitute=2, open=2), Sharer(2, frozenset({"Délais"}), most=1)]
    moves, _ = share([Shared(7, "Délais", holder=1), Shared(8, "Délais", holder=1)], {}, people)
    assert moves == [Move(7, 1, 2), Move(8, 1, None)]


def test_who_answers_for_the_commitment_comes_first() -> None:
    people = [Sharer(1, frozenset({"Délais"})), Sharer(2, frozenset({"Délais"}), most=1, scopes=frozenset({"delais"}), weight=9)]
    items = [Shared(n, "Délais", about=frozenset({"delais"})) for n in (7, 8)]
    moves, _ = share(items, {"Délais": Rule(Way.LOAD, by_commitment=True)}, people)
    assert moves == [Move(7, None, 2), Move(8, None, 1)]


def test_what_presses_weighs_more() -> None:
    today = date(2026, 11, 26)
    assert weight(rank(True, None, today, 0, 1), today) == 3
    assert weight(rank(False, date(2026, 11, 28), today, 0, 1), today) == 2
    assert weight(rank(False, date(2026, 12, 8), today, 0, 1), today) == 1
