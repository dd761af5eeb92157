"""Files and codes, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from dossiers import store
from dossiers.identity import MAX_TRIES, Challenge, Verdict, hash_code, judge
from dossiers.model import Correction, Dossier, State

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
FILE = Dossier(
    "EXP-2026-00123",
    "contrat-export",
    "Savonnerie",
    "s@exemple.fr",
    State.EN_CONSTRUCTION,
    date(2026, 10, 6),
    date(2026, 10, 7),
    Correction.INCOMPLET,
    "RIB",
    date(2026, 12, 1),
)
DRAFT = Dossier("21983456", "envoleo", "Étudiante", "e@exemple.fr", State.BROUILLON, None, date(2026, 11, 1))


def challenge(conversation: str = "c1", number: str = FILE.number) -> Challenge:
    return Challenge(number, conversation, hash_code("123456", number, conversation, "s"), NOW + timedelta(minutes=10))


def test_a_file_comes_back_as_it_was_put_and_is_replaced(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        store.put(session, FILE)
        store.put(session, DRAFT)
    with sessions.begin() as session:
        assert store.get(session, FILE.number) == FILE
        assert store.get(session, DRAFT.number) == DRAFT
        assert store.get(session, "inconnu") is None
        store.put(session, DRAFT)
        assert store.count_by_state(session) == {"en_construction": 1, "brouillon": 1}


def test_decisions_told_are_those_of_the_scheme_since_the_day(sessions: sessionmaker[Session]) -> None:
    decided = [
        Dossier(f"2200000{n}", "envoleo", "E", "e@exemple.fr", state, date(2026, 9, 1), date(2026, 11, day))
        for n, (state, day) in enumerate([(State.ACCEPTE, 1), (State.REFUSE, 20), (State.SANS_SUITE, 20), (State.ACCEPTE, 21)])
    ]
    with sessions.begin() as session:
        for dossier in decided:
            store.put(session, dossier)
        assert sorted(store.decisions_since(session, date(2026, 11, 2), "envoleo")) == [
            (date(2026, 9, 1), date(2026, 11, 20)),
            (date(2026, 9, 1), date(2026, 11, 21)),
        ]
        assert store.decisions_since(session, date(2026, 11, 2), "autre") == []


def test_what_only_another_provider_tells_is_not_kept(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        store.put(session, replace(FILE, agent_words="Bonjour", url="https://exemple.fr/"))
        assert store.get(session, FILE.number) == FILE


def test_it_is_kept_to_whom_a_code_goes_while_it_serves(sessions: sessionmaker[Session]) -> None:
    first, second = challenge(), challenge(number=DRAFT.number)
    with sessions.begin() as session:
        store.remember_challenge(session, first, NOW)
        assert store.mark_sent(session, first, "sceau")
    with sessions.begin() as session:
        taken = store.take_try(session, "c1")
        assert taken == replace(first, owner="sceau")
        store.remember_challenge(session, second, NOW)
    with sessions.begin() as session:
        assert not store.mark_sent(session, first, "sceau")
        assert store.take_try(session, "c1") == second


def test_a_try_given_back_does_not_count(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        store.remember_challenge(session, challenge(), NOW)
        store.remember_challenge(session, challenge("c2"), NOW)
    with sessions.begin() as session:
        for conversation in ("c1", "c1", "c2"):
            store.take_try(session, conversation)
        store.give_back_try(session, challenge())
    with sessions.begin() as session:
        counted = {name: taken.tries for name in ("c1", "c2") if (taken := store.take_try(session, name))}
        assert counted == {"c1": 1, "c2": 1}
        for _ in range(3):
            store.give_back_try(session, challenge())
    with sessions.begin() as session:
        taken = store.take_try(session, "c1")
        assert taken is not None
        assert taken.tries == 0


def test_a_code_serves_once_and_a_new_one_ends_the_old(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        store.remember_challenge(session, challenge(), NOW)
        store.remember_challenge(session, challenge(number=DRAFT.number), NOW)
        store.mark_sent(session, challenge(number=DRAFT.number), "sceau")
    with sessions.begin() as session:
        sent = store.take_try(session, "c1")
        assert sent is not None
        assert sent.number == DRAFT.number
        assert judge(sent, "123456", "s", NOW) is Verdict.RIGHT
        store.spend(session, "c1")
        assert store.take_try(session, "c1") is None
        assert store.take_try(session, "c2") is None


def test_tries_are_counted(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        store.remember_challenge(session, challenge(), NOW)
    verdicts = []
    for _ in range(MAX_TRIES + 1):
        with sessions.begin() as session:
            verdicts.append(judge(store.take_try(session, "c1"), "000000", "s", NOW))
    assert verdicts == [Verdict.WRONG] * MAX_TRIES + [Verdict.OVER]


def test_codes_are_counted_by_file_by_conversation_and_in_all(sessions: sessionmaker[Session]) -> None:
    hour = timedelta(hours=1)
    with sessions.begin() as session:
        store.remember_challenge(session, challenge(), NOW - timedelta(minutes=61))
        store.remember_challenge(session, challenge(), NOW)
        store.remember_challenge(session, challenge("c2"), NOW)
        assert store.codes_asked(session, NOW - hour, number=FILE.number) == 2
        assert store.codes_asked(session, NOW - hour, conversation="c1") == 1
        assert store.codes_asked(session, NOW - 2 * hour, conversation="c1") == 2
        assert store.codes_asked(session, NOW - hour) == 2
        store.purge_codes(session, NOW - timedelta(minutes=30))
        assert store.codes_asked(session, NOW - 2 * hour) == 2


def test_tries_are_counted_over_all_conversations_of_a_file(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        assert store.tries_made(session, NOW - timedelta(days=1), FILE.number) == 0
        for conversation in ("c1", "c2"):
            store.remember_challenge(session, challenge(conversation), NOW)
            store.take_try(session, conversation)
        assert store.tries_made(session, NOW - timedelta(days=1), FILE.number) == 2
        assert store.tries_made(session, NOW + timedelta(days=1), FILE.number) == 0
