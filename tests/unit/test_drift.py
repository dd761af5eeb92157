"""What changes in what comes in, and subjects that no label fits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.embed import HashEmbedder
from triage.autonomy import Trust
from triage.drift import AsRead, agreement, alerts, bearings, by_chance, shifts, stability_index
from triage.topics import find_topics

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SAID = {"kind": "avis", "commitments": ["delais"], "sentiment": "negatif", "urgent": False}
ITEM = AsRead(NOW, "avis", 0.9, "negatif", 0.9, False, 0.1, (("delais", 0.9),), "preselect", NOW, SAID)


def year(late: str, rng: np.random.Generator) -> list[AsRead]:
    """Fifty messages a week, a third of them requests; in the last week, of one more kind."""
    drawn = []
    for day in range(140):
        for _ in range(7):
            kind = "demande" if rng.random() < 1 / 3 else "avis"
            drawn.append(replace(ITEM, at=NOW - timedelta(days=140 - day), kind=late if day >= 133 and rng.random() < 0.4 else kind))
    return drawn


def test_a_week_like_the_others_alerts_nobody_and_another_does() -> None:
    rng = np.random.default_rng(1)
    assert alerts(shifts(year("avis", rng), NOW)) == []
    found = shifts(year("hors_perimetre", rng), NOW)
    assert len({one.since for one in found}) == 8
    assert [one.theme for one in alerts(found)] == ["kind"]


def test_few_messages_show_nothing() -> None:
    week = [replace(ITEM, at=NOW - timedelta(days=2), kind="automatique")] * 200
    assert shifts(week, NOW) == [], "there is nothing to compare with"
    before = [replace(ITEM, at=NOW - timedelta(days=100))] * 200
    assert shifts([*before, *week[:29]], NOW) == []


@given(st.lists(st.integers(0, 500), min_size=2, max_size=9), st.integers(1, 5))
def test_the_index_is_nothing_for_like_shares(counts: list[int], times: int) -> None:
    assert stability_index(counts, counts) == 0
    assert stability_index(counts, counts[::-1]) >= 0
    # Half a message in each cell weighs on small counts only.
    assert stability_index(counts, [times * count for count in counts]) < by_chance(len(counts), sum(counts) + 1, times * sum(counts) + 1)


def test_the_mark_is_seldom_passed_by_chance() -> None:
    rng = np.random.default_rng(2)
    shares = [0.5, 0.3, 0.15, 0.05]
    passed = sum(stability_index(rng.multinomial(600, shares), rng.multinomial(50, shares)) > by_chance(4, 600, 50) for _ in range(2000))
    assert passed / 2000 < 0.025


def test_agreement_counts_what_agents_left_and_what_they_changed() -> None:
    other = replace(ITEM, said=SAID | {"commitments": ["contact", "delais"]})
    none = replace(ITEM, commitments=(), said=SAID | {"commitments": []})
    wrong = replace(ITEM, commitments=(("accueil", 0.9), ("delais", 0.4)), said=SAID | {"kind": "demande"})
    unseen = replace(ITEM, settled=None, said=SAID | {"kind": "demande"})
    found = agreement([ITEM, other, none, wrong, unseen])["2026-11"]
    assert found["kind"] == (3, 4)
    assert found["commitments"] == (2, 4)
    assert found["top1"] == (3, 4)
    assert found["top3"] == (3, 4)


def test_more_error_borne_automates_more() -> None:
    curve = {0.01: 2.0, 0.02: 0.95, 0.03: 0.85, 0.05: 0.5, 0.1: 0.4, 0.15: 0.3, 0.2: 0.2}
    trust = Trust(dict.fromkeys(("avis", "negatif", "delais", "pas_urgent"), curve))
    found = bearings([ITEM, replace(ITEM, kind_confidence=0.6, said=SAID | {"urgent": True})], trust)
    assert [one.automated for one in found] == [0, 0, 0.5, 1, 1, 1, 1]
    assert all(a.automated <= b.automated for a, b in pairwise(found))
    assert [one.wrong for one in found[2:4]] == [0, 0.5]


def test_messages_that_speak_of_one_thing_are_gathered() -> None:
    bikes = [f"Le badge de l'abri à vélos de la gare ne fonctionne plus, numéro {n}." for n in range(6)]
    rest = [
        "Les cornemuses du festival étaient trop bruyantes hier soir.",
        "Pourquoi planter des platanes devant notre mairie ?",
        "Mon fils cherche un stage de menuiserie cet hiver.",
        "Bravo pour le feu d'artifice et la fanfare.",
    ]
    texts = [*rest[:2], *bikes, *rest[2:]]
    found = find_topics(texts, HashEmbedder().embed(texts), ["Le dossier est en retard depuis la rentrée."] * 5)
    assert [sorted(topic.members) for topic in found] == [list(range(2, 8))]
    assert "badge" in found[0].words
    assert find_topics(bikes[:4], HashEmbedder().embed(bikes[:4]), []) == []


@pytest.mark.parametrize("count", [5, 12])
def test_texts_of_nothing_make_no_error(count: int) -> None:
    texts = ["…"] * count
    assert all(topic.words == () for topic in find_topics(texts, HashEmbedder().embed(texts), []))
