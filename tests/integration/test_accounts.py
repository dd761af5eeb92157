"""Sessions, codes and known browsers on both databases."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from people.rights import Role
from web.accounts import sessions as kept
from web.accounts import store
from web.accounts.model import Stage
from web.accounts.sessions import Came
from web.accounts.tables import AgentAccountRow

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LIFE, IDLE = timedelta(hours=10), timedelta(hours=1)
HERE = Came("192.0.2.7", "Firefox sous Linux")
PASSWORD = "quatre mots sans lien"


def open_account(sessions: sessionmaker[Session], login: str) -> int:
    with sessions.begin() as session:
        return store.create_account(session, login, "Agnès Martin", None, NOW)


def at_once(work: list[object]) -> None:
    threads = [threading.Thread(target=one) for one in work]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# Opening, using, closing sessions and waiting, in any order: what is let in is what a plain model says.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.sampled_from(["agnes", "luc"])),
        st.tuples(st.just("halfway"), st.sampled_from(["agnes", "luc"])),
        st.tuples(st.just("use"), st.integers(0, 9)),
        st.tuples(st.just("close"), st.integers(0, 9)),
        st.tuples(st.just("close_all"), st.sampled_from(["agnes", "luc"])),
        st.tuples(st.just("wait"), st.integers(1, 90)),
        st.tuples(st.just("toggle"), st.sampled_from(["agnes", "luc"])),
    ),
    max_size=25,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_sessions_hold_as_long_as_they_should(sessions: sessionmaker[Session], steps: list[tuple[str, object]]) -> None:
    with sessions.begin() as session:
        for login in ("agnes", "luc"):
            if store.find_account(session, login) is None:
                store.create_account(session, login, login.title(), None, NOW)
        session.execute(update(AgentAccountRow).values(disabled=False))
    now = NOW
    made: list[dict[str, object]] = []
    disabled: set[str] = set()

    def holds(one: dict[str, object]) -> bool:
        young = now < one["opened"] + LIFE and now < one["seen"] + IDLE  # type: ignore[operator]
        return bool(young and not one["closed"] and one["open"] and one["login"] not in disabled)

    for step, value in steps:
        with sessions.begin() as session:
            if step in ("open", "halfway"):
                account = store.find_account(session, str(value))
                assert account
                stage = Stage.OPEN if step == "open" else Stage.CODE
                token = kept.open_session(session, account.id, now, LIFE, HERE, stage)
                made.append({"token": token, "login": value, "opened": now, "seen": now, "closed": False, "open": step == "open"})
            elif step in ("use", "close") and made:
                one = made[int(str(value)) % len(made)]
                if step == "close":
                    kept.close_session(session, str(one["token"]))
                    one["closed"] = True
                else:
                    found = kept.find_agent(session, str(one["token"]), now, IDLE)
                    assert (found is not None) is holds(one)
                    assert found is None or found.login == one["login"]
                    if found:
                        one["seen"] = now
            elif step == "close_all":
                account = store.find_account(session, str(value))
                assert account
                kept.close_all(session, account.id)
                for one in made:
                    one["closed"] = one["closed"] or one["login"] == value
            elif step == "wait":
                now += timedelta(minutes=int(str(value)))
            elif step == "toggle":
                disabled ^= {str(value)}
                account = store.find_account(session, str(value))
                assert account
                account.disabled = str(value) in disabled
    with sessions() as session:
        for one in made:
            assert (kept.find_agent(session, str(one["token"]), now, IDLE, active=False) is not None) is holds(one)


def test_a_code_used_twice_at_once_is_taken_once(sessions: sessionmaker[Session]) -> None:
    number = open_account(sessions, "agnes")
    taken: list[bool] = []

    def take() -> None:
        with sessions.begin() as session:
            account = store.get_account(session, number)
            assert account
            taken.append(store.take_step(session, account, 59))

    at_once([take] * 6)
    assert sorted(taken) == [False] * 5 + [True]


def test_a_recovery_code_used_twice_at_once_is_taken_once(sessions: sessionmaker[Session]) -> None:
    number = open_account(sessions, "agnes")
    with sessions.begin() as session:
        account = store.get_account(session, number)
        assert account
        codes = store.renew_recovery_codes(session, account)
    taken: list[bool] = []

    def use() -> None:
        with sessions.begin() as session:
            account = store.get_account(session, number)
            assert account
            taken.append(store.use_recovery_code(session, account, codes[0]))

    at_once([use] * 6)
    assert sorted(taken) == [False] * 5 + [True]
    with sessions() as session:
        assert store.recovery_codes_left(session, [number]) == {number: 9}


def test_a_known_browser_is_its_owners(sessions: sessionmaker[Session]) -> None:
    agnes, luc = open_account(sessions, "agnes"), open_account(sessions, "luc")
    with sessions.begin() as session:
        mark = kept.remember_device(session, agnes, "", NOW)
        assert kept.remember_device(session, agnes, mark, NOW) == mark
        assert kept.remember_device(session, luc, mark, NOW) != mark
    with sessions.begin() as session:
        assert kept.known_device(session, agnes, mark)
        assert not kept.known_device(session, luc, mark)
        assert not kept.known_device(session, agnes, "")
        kept.purge_sessions(session, NOW + kept.DEVICE_LIFE)
        assert not kept.known_device(session, agnes, mark)


def test_failures_are_forgotten_where_they_came_from(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        for network, device in (("a", ""), ("a", "d"), ("b", "")):
            kept.count_failure(session, "agnes", network, device, NOW)
        session.flush()
        kept.forget_failures(session, "agnes", "a")
        assert {(one.network, one.device) for one in kept.tries(session, "agnes", "z", NOW)} == {("a", "d"), ("b", "")}
        kept.forget_failures(session, "agnes", "b", "d")
        assert {(one.network, one.device) for one in kept.tries(session, "agnes", "z", NOW)} == {("b", "")}
        assert kept.tries(session, "agnes", "z", NOW + timedelta(hours=1)) == []
        kept.purge_sessions(session, NOW + timedelta(hours=1))
        assert kept.tries(session, "agnes", "z", NOW) == []


def test_an_address_invites_one_account(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        number = store.create_account(session, "agnes", "Agnès", PASSWORD, NOW, Role.REFERENT, " Agnes@Exemple.FR", ["delais"])
        account = store.find_email(session, "agnes@exemple.fr")
        assert account
        assert (account.id, account.role, account.scopes) == (number, "referent", ["delais"])
        assert store.free_email(session, "agnes@exemple.fr", number) == "agnes@exemple.fr"
        with pytest.raises(ValueError, match="Un autre compte"):
            store.create_account(session, "autre", "Autre", None, NOW, email="agnes@exemple.fr")
        assert store.is_last_administrator(session, account) is False
