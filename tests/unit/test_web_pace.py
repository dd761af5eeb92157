"""Who asks too often waits; others do not."""

from datetime import UTC, datetime, timedelta

from web.pace import MOST_CLIENTS, Pace

START = datetime(2026, 11, 25, 9, tzinfo=UTC)


def test_a_client_has_its_number_of_calls_within_the_window_and_no_more() -> None:
    now = [START]
    pace = Pace(3, timedelta(minutes=10), lambda: now[0])
    assert [pace.too_fast("a") for _ in range(5)] == [False, False, False, True, True]
    assert not pace.too_fast("b")
    now[0] += timedelta(minutes=10)
    assert not pace.too_fast("a")


def test_memory_is_bounded_and_the_busy_are_kept() -> None:
    pace = Pace(1, timedelta(minutes=10), lambda: START)
    pace.too_fast("abusif")
    for number in range(MOST_CLIENTS):
        pace.too_fast(str(number))
        if number == MOST_CLIENTS // 2:
            assert pace.too_fast("abusif")
    assert pace.too_fast("abusif")
    assert len(pace._calls) == MOST_CLIENTS
