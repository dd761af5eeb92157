"""The wait after failed sign-ins: never for somebody else's failures, never for good."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from web.accounts.throttle import FREE, LONGEST, MEMORY, STRANGERS, Try, network_of, wait

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
logins, networks, devices = st.sampled_from(["agnes", "luc"]), st.sampled_from(["a", "b", "c"]), st.sampled_from(["", "d1", "d2"])


class Door(RuleBasedStateMachine):
    """People try at a door that counts every try as failed until it succeeds."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.tries: list[Try] = []

    def left(self, login: str, network: str, device: str) -> timedelta:
        seen = [one for one in self.tries if one.login == login or one.network == network]
        return wait(login, network, device, seen, self.now)

    @rule(login=logins, network=networks, device=devices)
    def fail(self, login: str, network: str, device: str) -> None:
        if not self.left(login, network, device):
            self.tries.append(Try(login, network, device, self.now))

    @rule(seconds=st.integers(0, 1200))
    def pass_time(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def nobody_waits_for_good(self) -> None:
        assert all(self.left(login, network, "") <= LONGEST for login in ("agnes", "luc") for network in "abc")

    @invariant()
    def a_known_browser_waits_for_its_own_failures_only(self) -> None:
        for device in ("d1", "d2"):
            own = [one for one in self.tries if (one.login, one.device) == ("agnes", device)]
            assert self.left("agnes", "a", device) == wait("agnes", "a", device, own, self.now)

    @invariant()
    def few_tries_are_listened_to(self) -> None:
        # Doubling waits: in the hour that counts, no network gets more than its free tries, ten doublings and five of the longest waits.
        for network in "abc":
            recent = [
                one for one in self.tries if (one.login, one.network, one.device) == ("agnes", network, "") and one.at > self.now - MEMORY
            ]
            assert len(recent) <= FREE + 10 + 5


TestDoor = Door.TestCase
TestDoor.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)


@given(st.integers(0, 30))
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(failures: int) -> None:
    tries = [Try("agnes", "a", "", START)] * failures
    expected = timedelta(0) if failures < FREE else min(timedelta(seconds=2 ** (failures - FREE)), LONGEST)
    assert wait("agnes", "a", "", tries, START) == expected
    assert wait("agnes", "b", "", tries, START) == timedelta(0)
    assert wait("luc", "a", "", tries, START) == timedelta(0)
    assert wait("agnes", "a", "", tries, START + MEMORY) == timedelta(0)


def test_many_networks_together_slow_down_unknown_browsers_only() -> None:
    tries = [Try("agnes", str(number), "", START) for number in range(STRANGERS + 5)]
    assert wait("agnes", "elsewhere", "", tries, START) == timedelta(seconds=32)
    assert wait("agnes", "elsewhere", "known", tries, START) == timedelta(0)


def test_one_network_cannot_try_every_login() -> None:
    tries = [Try(str(number), "a", "", START) for number in range(70)]
    assert wait("agnes", "a", "", tries, START) == LONGEST
    assert wait("agnes", "a", "known", tries, START) == timedelta(0)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network
