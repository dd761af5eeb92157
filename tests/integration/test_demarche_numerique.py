"""Démarche numérique over real HTTP: what is asked, what is told, and every way in which it can refuse or fail."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest

from dossiers.demarche_numerique import FAILURES_BEFORE_A_PAUSE, FRESH, MAX_BYTES, MAX_PAGES, RETRY, STALE, DemarcheNumerique, Patience
from dossiers.demarche_numerique_query import LONGEST_WORDS, PAGE, Followed
from dossiers.errors import (
    OtherProcedure,
    Permanent,
    ProviderError,
    RateLimited,
    TokenRefused,
    Transient,
    Unavailable,
    UnexpectedAnswer,
    UnknownDossier,
)
from dossiers.model import Correction, State
from tests.servers.demarche_numerique import EXPIRED_TOKEN, TOKEN, Lodged, Platform, Trouble, decided, demarche_numerique
from tests.servers.process import free_port

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
FOLLOWED = Followed({12345: "contrat-export", 67890: "prim-export"}, frozenset({67890}))
PATIENT = Patience(waited_for=10, alone=10)
FILED = "2026-09-01T10:00:00+02:00"
FILE = Lodged(21983456, 12345, "usager@exemple.fr", "en_instruction", FILED, in_instruction="2026-10-01T08:00:00+02:00")


@dataclass
class Clock:
    """The time, as the test sets it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Background:
    """Work left for later, done when the test says so."""

    left: list[Callable[[], None]] = field(default_factory=list)

    def __call__(self, work: Callable[[], None]) -> None:
        self.left.append(work)

    def do(self) -> int:
        works, self.left = self.left, []
        for work in works:
            work()
        return len(works)


@pytest.fixture
def platform() -> Iterator[Platform]:
    with demarche_numerique() as running:
        running.put(FILE)
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def background() -> Background:
    return Background()


@pytest.fixture
def connect(platform: Platform, clock: Clock, background: Background) -> Iterator[Callable[..., DemarcheNumerique]]:
    opened: list[DemarcheNumerique] = []

    def make(url: str = "", token: str = TOKEN, followed: Followed = FOLLOWED, patience: Patience = PATIENT) -> DemarcheNumerique:
        opened.append(DemarcheNumerique(url or platform.url, token, followed, clock, patience, background))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


Connect = Callable[..., DemarcheNumerique]


def test_only_what_is_told_is_asked_for(platform: Platform, connect: Connect) -> None:
    client = connect()
    client.email_of("21983456")
    client.find("21983456")
    address, status = platform.asked
    assert address == {"dossier", "demarche", "number", "connectionUsager", "usager", "email"}
    dates = {"dateDepot", "datePassageEnConstruction", "datePassageEnInstruction", "dateTraitement", "datePrevisionnelleDecisionSVASVR"}
    turn = {"dateDerniereCorrectionEnAttente", "messages", "id", "correction", "reason", "dateResolution"}
    assert status - address == dates | turn | {"state", "motivation", "dateAccuseLectureAgreement"}


def test_the_message_that_asks_for_a_correction_is_the_only_one_read(platform: Platform, connect: Connect) -> None:
    messages = (
        ("M1", "Ancienne demande", "incorrect", "2026-10-02T08:00:00+02:00"),
        ("M2", "<p>Bonjour,</p><p>Joignez votre R.I.B. &amp; un devis.</p>", "incomplete", None),
        ("M3", "Un autre sujet", None, None),
    )
    platform.put(Lodged(21983457, 12345, "u@exemple.fr", "en_construction", FILED, correction_since=FILED, messages=messages))
    found = connect().find("21983457")
    assert (found.correction, found.agent_words) == (Correction.INCOMPLET, "Bonjour, Joignez votre R.I.B. & un devis.")
    assert platform.asked[-1] == {"dossier", "messages", "body"}
    assert found.url == platform.url.replace("/api/v2/graphql", "/dossiers/21983457")


def test_a_long_message_is_cut_at_a_word(platform: Platform, connect: Connect) -> None:
    messages = (("M1", "piece " * 4000, "outdated", None),)
    platform.put(Lodged(21983457, 12345, "u@exemple.fr", "en_construction", FILED, correction_since=FILED, messages=messages))
    words = connect().find("21983457").agent_words
    assert len(words) <= LONGEST_WORDS
    assert words.endswith("piece…")


def test_a_correction_whose_message_is_gone_is_still_told(platform: Platform, connect: Connect) -> None:
    platform.put(Lodged(21983457, 12345, "u@exemple.fr", "en_construction", FILED, correction_since=FILED))
    found = connect().find("21983457")
    assert (found.correction, found.agent_words) == (Correction.INCORRECT, "")


def test_grounds_are_those_of_a_decision_in_force(platform: Platform, connect: Connect) -> None:
    decision = {"decided": "2026-11-10T00:30:00+01:00", "motivation": "Budget épuisé."}
    platform.put(Lodged(1000001, 12345, "u@exemple.fr", "refuse", FILED, **decision))  # type: ignore[arg-type]
    platform.put(Lodged(1000002, 12345, "u@exemple.fr", "en_instruction", FILED, in_instruction=FILED, **decision))  # type: ignore[arg-type]
    refused, again = connect().find("1000001"), connect().find("1000002")
    assert (refused.state, refused.agent_words) == (State.REFUSE, "Budget épuisé.")
    # The day is that of the platform's own pages.
    assert refused.state_since == date(2026, 11, 10)
    assert (again.state, again.agent_words) == (State.EN_INSTRUCTION, "")


@pytest.mark.parametrize("state", ["accepte", "refuse", "sans_suite"])
def test_a_decision_to_be_read_on_the_platform_first_is_not_told_before(platform: Platform, connect: Connect, state: str) -> None:
    decision = {"decided": "2026-11-10T10:00:00+01:00", "motivation": "Secret."}
    platform.put(Lodged(1000001, 67890, "u@exemple.fr", state, FILED, **decision))  # type: ignore[arg-type]
    hidden = connect().find("1000001")
    assert (hidden.state, hidden.agent_words, hidden.state_since) == (State.DECIDE, "", date(2026, 11, 10))
    platform.put(Lodged(1000001, 67890, "u@exemple.fr", state, FILED, decision_read=FILED, **decision))  # type: ignore[arg-type]
    assert connect().find("1000001").state is State(state)


def test_nobody_is_written_to_for_a_closed_account(platform: Platform, connect: Connect) -> None:
    platform.put(Lodged(1000001, 12345, "ancien@exemple.fr", "refuse", FILED, decided=FILED, connection="deleted"))
    assert connect().email_of("1000001") == ""
    assert connect().find("1000001").email == ""


def test_files_of_other_procedures_are_as_unknown(platform: Platform, connect: Connect) -> None:
    platform.put(Lodged(1000001, 11111, "u@exemple.fr", "refuse", FILED, decided=FILED))
    platform.put(Lodged(1000002, 22222, "u@exemple.fr", "refuse", FILED, decided=FILED))
    platform.opened |= {22222}
    for number in ("1000001", "1000002"):
        for read in (connect().find, connect().email_of):
            with pytest.raises(OtherProcedure):
                read(number)
    assert issubclass(OtherProcedure, UnknownDossier)
    assert connect(followed=Followed()).find("1000002").aid_slug == ""


@pytest.mark.parametrize("token", ["faux", EXPIRED_TOKEN])
def test_a_token_that_is_refused_is_said_so(connect: Connect, token: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        connect(token=token).find("21983456")
    assert isinstance(refused.value, Permanent)
    assert "ECOUTE_DN_TOKEN" in refused.value.mend


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble(500), Unavailable),
        (Trouble(503, {"Retry-After": "30"}), Unavailable),
        (Trouble(429, body=b"Trop de demandes"), RateLimited),
        (Trouble(302, {"Location": "https://ailleurs.exemple.fr/"}), UnexpectedAnswer),
        (Trouble(404), UnexpectedAnswer),
        (Trouble(200, body=b"<html>maintenance</html>"), UnexpectedAnswer),
        (Trouble(200, body=b"[" * 200_000), UnexpectedAnswer),
        (Trouble(200, body=b"[]"), UnexpectedAnswer),
        (Trouble(200, body=b"{}"), UnexpectedAnswer),
        (Trouble(200, body=b'{"errors": ["?"]}'), UnexpectedAnswer),
        (Trouble(200, body=b'{"data": {"dossier": null}}'), UnexpectedAnswer),
        (Trouble(200, body=b'{"data": {"dossier": {"state": "nouvel_etat"}}}'), UnexpectedAnswer),
        (Trouble(200, body=b" " * (MAX_BYTES + 1)), UnexpectedAnswer),
        (Trouble(400, body=b'{"errors": [{"message": "Field \'etat\' doesn\'t exist on type \'Dossier\'"}]}'), UnexpectedAnswer),
        (Trouble(200, body=b'{"errors": [{"message": "Timeout", "extensions": {"code": "timeout"}}], "data": null}'), Unavailable),
        (Trouble(200, body=b'{"errors": [{"message": "Jeton ancien", "extensions": {"code": "deprecated_token"}}]}'), TokenRefused),
    ],
)
def test_each_failure_has_its_type(platform: Platform, connect: Connect, trouble: Trouble, error: type[ProviderError]) -> None:
    client = connect()
    platform.trouble = trouble
    with pytest.raises(error) as failed:
        client.find("21983456")
    assert type(failed.value) is error
    assert isinstance(failed.value, Transient) != isinstance(failed.value, Permanent)
    assert str(failed.value)


def test_an_answer_that_is_refused_does_not_show_what_it_holds(platform: Platform, connect: Connect) -> None:
    client = connect()
    platform.trouble = Trouble(200, body=b'{"data": {"dossier": {"state": "prive@exemple.fr", "usager": "prive"}}}')
    with pytest.raises(UnexpectedAnswer) as failed:
        client.find("21983456")
    assert "prive" not in str(failed.value)
    assert "dossier.state" in str(failed.value) or "dossier.demarche" in str(failed.value)


@pytest.mark.parametrize("trouble", [Trouble(silent=True), Trouble(200, body=b" " * 1000, drip=True)])
def test_a_platform_that_is_silent_or_slow_is_left(platform: Platform, connect: Connect, trouble: Trouble) -> None:
    client = connect(patience=Patience(waited_for=0.3, alone=0.3))
    platform.trouble = trouble
    for read in (client.find, client.email_of):
        with pytest.raises(Unavailable):
            read("21983456")


def test_a_platform_that_is_not_there_is_unavailable(connect: Connect) -> None:
    with pytest.raises(Unavailable):
        connect(url=f"http://127.0.0.1:{free_port()}/api/v2/graphql").find("21983456")


def test_the_token_never_travels_in_clear(connect: Connect) -> None:
    with pytest.raises(ValueError, match="https"):
        connect(url="http://demarche.exemple.fr/api/v2/graphql")


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "120"},
        {"Retry-After": format_datetime(NOW + timedelta(seconds=120), usegmt=True)},
        {"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(NOW.timestamp()) + 120)},
    ],
)
def test_when_asked_to_wait_one_waits(platform: Platform, connect: Connect, clock: Clock, headers: dict[str, str]) -> None:
    client = connect()
    platform.trouble = Trouble(429, headers)
    with pytest.raises(RateLimited) as limited:
        client.find("21983456")
    assert limited.value.wait == 120
    platform.trouble = None
    clock.now += timedelta(seconds=60)
    with pytest.raises(Unavailable) as paused:
        client.find("21983456")
    assert paused.value.wait == 60
    assert platform.asked == []
    clock.now += timedelta(seconds=60)
    assert client.find("21983456").state is State.EN_INSTRUCTION


def test_after_failures_in_a_row_the_platform_is_left_in_peace(platform: Platform, connect: Connect, clock: Clock) -> None:
    client = connect()
    platform.trouble = Trouble(500)
    for _ in range(FAILURES_BEFORE_A_PAUSE):
        with pytest.raises(Unavailable, match="500"):
            client.find("21983456")
    platform.trouble = None
    with pytest.raises(Unavailable, match="pause"):
        client.find("21983456")
    clock.now += timedelta(minutes=1)
    assert client.find("21983456").state is State.EN_INSTRUCTION


def test_the_delay_is_read_page_by_page_in_the_background(platform: Platform, connect: Connect, background: Background) -> None:
    platform.put(*decided(12345, 1000001, [30] * (PAGE + 50), date(2026, 11, 10)))
    platform.put(*decided(12345, 2000001, [90] * 5, date(2026, 11, 12), "refuse"))
    platform.put(*decided(12345, 3000001, [10] * 5, date(2026, 10, 1)))
    client = connect()
    assert client.decisions("contrat-export", TODAY) is None
    assert platform.asked == []
    assert background.do() == 1
    told = client.decisions("contrat-export", TODAY) or ()
    assert sorted((end - start).days for start, end in told) == [30] * (PAGE + 50) + [90] * 5
    assert platform.asked[-1] == {
        "demarche",
        "dossiers",
        "pageInfo",
        "hasPreviousPage",
        "startCursor",
        "nodes",
        "dateDepot",
        "dateTraitement",
    }
    assert len(platform.asked) == 3


def test_the_pages_read_are_bounded_and_the_most_recent(platform: Platform, connect: Connect, background: Background) -> None:
    platform.put(*decided(12345, 1000001, [90] * 5, date(2026, 11, 1)))
    platform.put(*decided(12345, 2000001, [30] * (PAGE * MAX_PAGES), date(2026, 11, 10)))
    client = connect()
    client.decisions("contrat-export", TODAY)
    background.do()
    assert {(end - start).days for start, end in client.decisions("contrat-export", TODAY) or ()} == {30}
    assert len(platform.asked) == MAX_PAGES + 1


def test_the_delay_is_wanted_as_soon_as_a_code_is_sent(connect: Connect, background: Background) -> None:
    client = connect()
    client.email_of("21983456")
    assert background.do() == 1
    assert client.decisions("contrat-export", TODAY) == []


def test_the_delay_is_read_again_when_old_and_forgotten_when_too_old(
    platform: Platform, connect: Connect, background: Background, clock: Clock
) -> None:
    platform.put(*decided(12345, 1000001, [30] * 5, date(2026, 11, 20)))
    client = connect()
    client.decisions("contrat-export", TODAY)
    background.do()
    for _ in range(3):
        assert len(client.decisions("contrat-export", TODAY) or ()) == 5
    assert background.do() == 0
    clock.now += FRESH
    platform.trouble = Trouble(500)
    assert len(client.decisions("contrat-export", TODAY) or ()) == 5
    assert background.do() == 1
    client.decisions("contrat-export", TODAY)
    assert background.do() == 0  # just tried
    clock.now += RETRY
    client.decisions("contrat-export", TODAY)
    assert background.do() == 1
    clock.now = NOW + STALE + timedelta(minutes=1)
    assert client.decisions("contrat-export", TODAY) is None


def test_what_is_set_is_checked_against_the_platform(platform: Platform, connect: Connect) -> None:
    assert connect().check() == []
    platform.opened = frozenset({12345})
    assert connect().check() == [67890]
    with pytest.raises(TokenRefused):
        connect(token="faux").check()
    platform.trouble = Trouble(400, body=b'{"errors": [{"message": "Field \'motivation\' doesn\'t exist on type \'Dossier\'"}]}')
    with pytest.raises(UnexpectedAnswer, match="motivation"):
        connect().check()
