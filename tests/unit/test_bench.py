"""The measures of the assistant's speed: what is pure in them. What was measured is told as it is, never better."""

from collections import Counter
from pathlib import Path
from statistics import median

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bench.document import placed
from bench.figures import END, MARK, Row, percentile, rows, sustained, table
from bench.sampling import LEAST, Sentence, read_sentences, split, training_file

ROOT = Path(__file__).parents[2]
INTENTS = st.sampled_from(["a", "b", "c"])


def turns(p95: float, **more: float) -> dict[str, float]:
    return {"p50": p95 / 2, "p95": p95, "cpu": 10.0, "rate": 20.0, "failed": 0, "visitors": 1} | more


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_percentile_is_one_of_the_values_and_leaves_its_share_under_it(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6


def test_percentiles_of_a_hundred() -> None:
    values = list(range(1, 101))
    assert [percentile(values, share) for share in (0, 0.07, 0.5, 0.95, 1)] == [1, 7, 50, 95, 100]
    with pytest.raises(ValueError, match="no value"):
        percentile([], 0.5)


def test_a_ratio_is_taken_pair_by_pair() -> None:
    """In the second pair the machine was ten times slower for both."""
    row = Row("start", "s", [1, 20, 1], [2, 20, 2], 0.5)
    assert (row.ratio, row.met) == (0.5, True)
    assert Row("start", "s", [1.1], [2], 0.5).met is False
    assert Row("start", "s", [1], [2]).met is None


def test_visitors_borne_are_those_served_in_time_and_all_answered() -> None:
    raised = [turns(300, visitors=10, rate=9), turns(900, visitors=30, rate=11), turns(1200, visitors=55, rate=12)]
    assert sustained(raised) == (30, 11)
    assert sustained([raised[0], raised[1] | {"failed": 1}]) == (10, 9)
    assert sustained([raised[2]]) == (0, 0)


def test_the_table_says_what_is_missed() -> None:
    rounds = {"1": {"ours": [turns(50)], "stock": [turns(40)]}, "10": {"ours": [turns(200, failed=3)], "stock": [turns(400)]}}
    raised = {"ours": [turns(900, visitors=40)], "stock": [turns(1100, visitors=40)]}
    memory = {"ours": [{"after": 600}], "stock": [{"after": 2000}]}
    pairs = [{"through": straight + added, "straight": straight} for straight, added in ((30, 4), (50, 6), (31, 9))]
    measured = {
        "training": {
            "sizes": {"500": {"ours": [{"wall": 30, "cpu": 20, "memory": 700}], "stock": [{"wall": 300, "cpu": 400, "memory": 2600}]}}
        },
        "turns": {"rounds": rounds, "raised": raised, "memory": memory},
        "gateway": {"pairs": pairs, "cpu": 3.0},
    }
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in table(measured).splitlines()}
    assert "| 0.10 | ≤ 0.125 | met |" in lines["training, 500 sentences"]
    assert "| 50 ms | 40 ms | 1.25 | ≤ 1 | **missed** |" in lines["a turn, 1 visitor, p95"]
    assert "| 3 | 0 |" in lines["turns without an answer"]
    assert "| 6.0 ms |" in lines["added to a turn by the gateway, median"]
    assert "**missed**" in lines["added to a turn by the gateway, median"]
    assert rows({}) == []


def test_a_table_takes_the_place_of_the_one_before() -> None:
    document = f"# Measures\n{MARK}\nold\n{END}\nafter\n"
    assert placed(document, "new", MARK, END) == f"# Measures\n{MARK}\nnew\n{END}\nafter\n"
    with pytest.raises(ValueError, match="no "):
        placed("# Measures\n", "new", MARK, END)
    assert placed((ROOT / "docs" / "measures.md").read_text(encoding="utf-8"), "new", MARK, END).count(MARK) == 1


@given(st.lists(st.builds(Sentence, INTENTS, st.text("été ?", min_size=1)), min_size=1), st.integers(0, 50), st.integers(0, 3))
def test_a_sample_and_the_rest_make_the_whole(sentences: list[Sentence], count: int, seed: int) -> None:
    taken, left = split(sentences, count, seed)
    assert Counter(taken + left) == Counter(sentences)
    assert (taken, left) == split(sentences, count, seed)
    had, kept = Counter(s.intent for s in sentences), Counter(s.intent for s in taken)
    assert all(kept[intent] == min(had[intent], max(LEAST, round(count * had[intent] / len(sentences)))) for intent in had)


def test_a_sample_of_our_sentences_can_be_trained_on() -> None:
    files = sorted((ROOT / "bot" / "data" / "nlu").glob("*/*.yml"))
    sentences = read_sentences(path.read_text(encoding="utf-8") for path in files)
    taken, left = split(sentences, 500, 1)
    written = training_file(taken)
    assert Counter(read_sentences([written])) == Counter(taken)
    assert {sentence.intent for sentence in taken} == {sentence.intent for sentence in sentences}
    assert median(len(sentence.spoken()) for sentence in left) > 10
    assert not any("](" in sentence.spoken() for sentence in left)


def test_both_recipes_have_the_same_rules_to_choose_an_action() -> None:
    ours, stock = (yaml.safe_load((ROOT / name).read_text(encoding="utf-8")) for name in ("config.yml", "bench/stock_config.yml"))
    assert ours["policies"] == stock["policies"]
    assert ours["language"] == stock["language"] == "fr"
