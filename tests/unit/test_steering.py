"""What the steering page counts: nothing twice, nothing lost, and shares that mean what they say."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.steering import LABELS, SLUGS, STEPS, WAYS, Asked, Fact, Rated, Table, gather, outline, quantile, read_asked, tables
from desk.steering_pages import long_lines, table_lines, write_csv
from triage.route import due_on

TODAY = date(2026, 11, 26)
HOLIDAYS = [date(2026, 11, 11)]
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)
"""The machine may be busy with other work."""
days = st.dates(date(2026, 1, 1), TODAY)


@st.composite
def fact(draw: st.DrawFn) -> Fact:
    received = draw(days)
    first = draw(st.booleans())
    return Fact(
        received,
        draw(st.sampled_from(WAYS)),
        draw(st.sampled_from(["", "DAI", "Accueil"])),
        tuple(draw(st.sets(st.sampled_from(SLUGS), max_size=3))),
        draw(st.sampled_from(["negatif", "neutre", "positif"])),
        draw(st.sampled_from(["open", "waiting", "closed", "spam"])),
        draw(st.none() | days),
        draw(st.none() | st.dates(received, TODAY)),
        draw(st.booleans()),
        frozenset(draw(st.sets(st.sampled_from(sorted(LABELS))))),
        (first, first or draw(st.booleans())),
        draw(st.booleans()),
        draw(st.booleans()),
    )


def one(received: date, **known: object) -> Fact:
    plain = Fact(received, "mail", "", ("delais",), "negatif", "open", None, None, False, frozenset(), (True, True), False, False)
    return plain._replace(**known)  # type: ignore[arg-type]


def told(facts: list[Fact], asked: Asked | None = None, rated: tuple[Rated, ...] = ()) -> dict[str, Table]:
    return {table.slug: table for table in tables(gather(facts, HOLIDAYS, rated), asked or Asked(date(2026, 1, 1), TODAY), TODAY)}


def total(table: Table, column: str) -> int:
    place = table.columns.index(column)
    return sum(int(row[place] or 0) for row in table.rows)


@UNHURRIED
@given(st.lists(fact(), max_size=40), st.sampled_from(list(STEPS)), days, days)
def test_every_message_is_counted_once_whatever_the_step(facts: list[Fact], step: str, one: date, other: date) -> None:
    asked = read_asked({"du": str(one), "au": str(other), "pas": step}, TODAY)
    found = told(facts, asked)
    inside = [fact for fact in facts if asked.since <= fact.received <= asked.until]
    assert total(found["volumes"], "Total") == len(inside)
    assert sum(total(found["ressentis"], name) for name in found["ressentis"].columns[1:4]) == len(inside)
    assert sum(sum(row[1:]) for row in found["engagements"].rows) == sum(len(fact.commitments) for fact in inside)  # type: ignore[arg-type]
    assert total(found["en-cours"], "En cours") == sum(fact.status in ("open", "waiting") for fact in facts)
    for table in found.values():
        assert len(table.columns) == len(table.units)
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert all(len(series.values) == len(table.ticks) == len(table.rows) for series in table.series)
        assert all(0 <= value <= table.top() for series in table.series for value in series.known())


@UNHURRIED
@given(st.lists(fact(), max_size=40))
def test_shares_stay_within_their_whole(facts: list[Fact]) -> None:
    found = told(facts)
    for table in found.values():
        for row in table.rows:
            assert all(value is None or 0 <= float(value) <= 100 for value, unit in zip(row, table.units) if unit == "%")
    machine = found["machine"]
    top1, top3 = (machine.columns.index(f"Engagements, {name}") for name in ("premier choix", "trois premiers"))
    assert all(row[top3] is None or row[top1] <= row[top3] for row in machine.rows)  # type: ignore[operator]


@UNHURRIED
@given(st.lists(fact(), max_size=30), st.sampled_from(SLUGS), st.sampled_from(WAYS))
def test_filters_keep_what_they_name(facts: list[Fact], slug: str, way: str) -> None:
    kept = [fact for fact in facts if slug in fact.commitments and fact.channel == way and fact.service == "DAI"]
    asked = Asked(date(2026, 1, 1), TODAY, commitment=slug, channel=way, service="DAI")
    assert total(told(facts, asked)["volumes"], "Total") == len(kept)


@UNHURRIED
@given(st.lists(fact(), max_size=30), st.sampled_from(SLUGS))
def test_a_referent_sees_their_commitments_and_services_alone(facts: list[Fact], slug: str) -> None:
    theirs = [fact for fact in facts if slug in fact.commitments or fact.service == "DAI"]
    found = tables(gather(facts, HOLIDAYS), Asked(date(2026, 1, 1), TODAY), TODAY, (slug, "DAI", "inconnu"))
    assert total(found[0], "Total") == len(theirs)
    assert total(found[2], "En cours") == sum(fact.status in ("open", "waiting") for fact in theirs)


@given(days, st.integers(0, 30))
def test_delays_count_days_as_deadlines_do(received: date, working: int) -> None:
    answered = due_on(received, working, HOLIDAYS.__contains__)
    assert answered
    assert list(gather([one(received, answered=answered)], HOLIDAYS).delay) == [working]


def test_the_share_in_time_counts_what_waits_too_long() -> None:
    came, due = date(2026, 11, 2), date(2026, 11, 9)
    facts = [
        one(came, due=due, answered=due, status="closed"),
        one(came, due=due, answered=due + timedelta(days=1), status="closed"),
        one(came, due=due),
        one(came, due=due, status="closed"),
        one(came, due=TODAY),
        one(came, due=due, status="spam"),
        one(came, due=due, answered=due, reopened=True),
        one(came, due=due, elsewhere=True),
        one(came),
    ]
    table = told(facts)["delais"]
    assert table.rows[-1] == ("novembre\u00a02026", 1, 1, 1, 1, 33.3, 5, 6)
    assert table.sentence.startswith("33\u00a0% des messages ont reçu une réponse dans le délai annoncé, sur 3 ")
    assert "1\u00a0message clos sans réponse écrite" in table.sentence


def test_quantiles_are_days_that_were_seen() -> None:
    delays = gather([one(TODAY - timedelta(days=7 * n), answered=TODAY) for n in range(1, 11)], []).delay
    assert quantile(delays, 0.5) == 25
    assert quantile(delays, 0.9) == 45
    assert quantile(delays[:0], 0.5) is None


@UNHURRIED
@given(st.dictionaries(st.sampled_from(["du", "au", "pas", "engagement", "service", "canal"]), st.text(max_size=12) | days.map(str)))
def test_any_address_is_read(address: dict[str, str]) -> None:
    asked = read_asked(address, TODAY)
    assert asked.since <= asked.until
    assert len(told([], asked)["volumes"].rows) <= 101


def test_long_periods_are_counted_by_longer_steps() -> None:
    assert read_asked({"du": "2026-01-01", "pas": "jour"}, TODAY).step == "semaine"
    assert read_asked({"du": "2020-01-01", "pas": "jour"}, TODAY).step == "mois"
    assert read_asked({}, TODAY) == Asked(date(2025, 12, 1), TODAY)
    assert read_asked({"du": "2026-02-30", "au": "hier", "pas": "an", "canal": "fax", "engagement": "x"}, TODAY) == read_asked({}, TODAY)


def test_files_hold_the_figures_of_the_page() -> None:
    rated = (Rated(TODAY, 10, True), Rated(TODAY, 5, None))
    found = told([one(TODAY)], rated=rated)
    lines = write_csv(table_lines(found["satisfaction"])).splitlines()
    assert lines[0] == "Mois;Réponses;Très bien;Part (%);Réponses sur la clarté;Réponses claires"
    assert lines[-1] == "novembre\u00a02026;2;1;50,0;1;1"
    long = write_csv(long_lines(list(found.values()))).splitlines()
    assert "Satisfaction après une conversation;novembre\u00a02026;Part;%;50,0" in long
    assert len(long) == 1 + sum(len(table.rows) * (len(table.columns) - 1) for table in found.values())


def test_bars_stand_on_the_ground_and_fill_the_height_at_most() -> None:
    assert outline((5, None, 0, 10), 10) == "M2.5 40V20h20V40zM77.5 40V0h20V40z"


def test_nothing_known_is_said() -> None:
    found = told([])
    assert "Aucun message reçu" in found["volumes"].sentence
    assert "Aucune échéance connue" in found["delais"].sentence
    assert "Personne n'a répondu" in found["satisfaction"].sentence
