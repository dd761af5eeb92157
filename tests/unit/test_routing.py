"""The routing table: every message has a queue, and the rows decide in order."""

from datetime import date
from itertools import product
from pathlib import Path

import pytest

from store.content import ContentError, read_content
from triage.model import Channel, Commitment, Kind, Label, Reading, Sentiment
from triage.route import Table, due_on, route

ROUTING = Path(__file__).parents[2] / "triage" / "routing.yml"
TABLE: Table = read_content(ROUTING, Table)


def reading(
    kind: Kind = Kind.AVIS, *slugs: Commitment, sentiment: Sentiment = Sentiment.NEUTRE, urgent: bool = False, sure: float = 0.9
) -> Reading:
    return Reading(kind, sure, tuple(Label(slug, 0.8, ()) for slug in slugs), sentiment, 0.9, urgent, 0.9, "m")


def test_every_combination_has_a_queue() -> None:
    for kind, slug, sentiment, urgent in product(Kind, [None, *Commitment], Sentiment, [True, False]):
        found = route(reading(kind, *([slug] if slug else []), sentiment=sentiment, urgent=urgent), Channel.MAIL, TABLE)
        assert found.queue
        assert found.folder.isascii()


def test_the_first_row_that_holds_decides() -> None:
    assert route(reading(urgent=True), Channel.MAIL, TABLE).queue == "Urgent"
    assert route(reading(sure=0.3), Channel.MAIL, TABLE).queue == "À qualifier"
    assert route(reading(Kind.AVIS, Commitment.DELAIS, sentiment=Sentiment.NEGATIF), Channel.MAIL, TABLE).priority == 1
    assert route(reading(Kind.DEMANDE, Commitment.DELAIS), Channel.MAIL, TABLE).queue == "Demandes"


def test_a_table_that_could_let_a_message_fall_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "routing.yml"
    path.write_text(ROUTING.read_text().replace("when: {}", "when: {urgent: false}"))
    with pytest.raises(ContentError, match="la dernière ligne doit être sans condition"):
        read_content(path, Table)


def test_deadlines_skip_weekends_and_holidays() -> None:
    christmas = {date(2026, 12, 25)}
    assert due_on(date(2026, 12, 24), 1, christmas.__contains__) == date(2026, 12, 28)
    assert due_on(date(2026, 11, 24), None, christmas.__contains__) is None
