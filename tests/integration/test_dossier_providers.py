"""Every provider of files keeps the same promises: the Region's own table, Démarche numérique over real HTTP, and the choice between them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from dossiers import store
from dossiers.demarche_numerique import DemarcheNumerique
from dossiers.demarche_numerique_query import Followed
from dossiers.errors import UnknownDossier
from dossiers.explain import honest_delay
from dossiers.model import Correction, Dossier, State
from dossiers.own_table import OwnTable
from dossiers.provider import ByNumber, DossierProvider
from store.base import Base
from store.engine import open_engine, session_factory
from tests.servers.demarche_numerique import TOKEN, Lodged, Platform, demarche_numerique

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
PROCEDURE = 12345
AID = "contrat-export"
FILED, SINCE = date(2026, 9, 1), date(2026, 11, 2)


@dataclass(frozen=True)
class Place:
    """A provider, and how a file comes to be there."""

    provider: DossierProvider
    put: Callable[[Dossier], None]


@pytest.fixture
def table(tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    engine = open_engine(f"sqlite:///{tmp_path / 'essai.db'}")
    Base.metadata.create_all(engine)
    yield session_factory(engine)
    engine.dispose()


@pytest.fixture
def platform() -> Iterator[Platform]:
    with demarche_numerique() as running:
        yield running


@pytest.fixture
def national(platform: Platform) -> Iterator[DemarcheNumerique]:
    followed = Followed({PROCEDURE: AID}, frozenset())
    client = DemarcheNumerique(platform.url, TOKEN, followed, lambda: NOW, background=lambda work: work())
    yield client
    client.close()


@pytest.fixture(params=["own table", "Démarche numérique", "by number, own", "by number, national"])
def place(request: pytest.FixtureRequest, table: sessionmaker[Session], platform: Platform, national: DemarcheNumerique) -> Place:
    def put_own(dossier: Dossier) -> None:
        with table.begin() as session:
            store.put(session, dossier)

    def put_national(dossier: Dossier) -> None:
        platform.put(lodged(dossier))

    own = OwnTable(table)
    places = {
        "own table": Place(own, put_own),
        "Démarche numérique": Place(national, put_national),
        "by number, own": Place(ByNumber(own), put_own),
        "by number, national": Place(ByNumber(own, national), put_national),
    }
    return places[request.param]


def lodged(dossier: Dossier) -> Lodged:
    """The same file as the platform has it."""
    since = f"{dossier.state_since}T10:00:00+01:00"
    reasons = {Correction.INCOMPLET: "incomplete", Correction.INCORRECT: "incorrect", Correction.PERIME: "outdated"}
    asked = reasons[dossier.correction] if dossier.correction else None
    return Lodged(
        int(dossier.number),
        PROCEDURE,
        dossier.email,
        dossier.state.value,
        f"{dossier.filed_on}T10:00:00+01:00",
        in_construction=since if dossier.state is State.EN_CONSTRUCTION else "",
        in_instruction=since if dossier.state is State.EN_INSTRUCTION else None,
        decided=since if dossier.state in (State.ACCEPTE, State.REFUSE, State.SANS_SUITE) else None,
        correction_since=since if asked else None,
        messages=(("M1", "Bonjour", asked, None),) if asked else (),
        expected=str(dossier.expected_decision_on) if dossier.expected_decision_on else None,
    )


def a_file(number: int = 21983456, state: State = State.EN_INSTRUCTION, since: date = SINCE, **more: object) -> Dossier:
    return Dossier(str(number), AID, "", "usager@exemple.fr", state, FILED, since, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [each for each in State if each not in (State.BROUILLON, State.DECIDE)])
def test_a_file_is_found_in_its_state_since_its_day(place: Place, state: State) -> None:
    place.put(a_file(state=state))
    found = place.provider.find("21983456")
    assert (found.number, found.aid_slug, found.email) == ("21983456", AID, "usager@exemple.fr")
    assert (found.state, found.filed_on, found.state_since, found.correction) == (state, FILED, SINCE, None)


@pytest.mark.parametrize("correction", list(Correction))
def test_a_correction_asked_for_is_found_with_its_day(place: Place, correction: Correction) -> None:
    place.put(a_file(state=State.EN_CONSTRUCTION, correction=correction))
    found = place.provider.find("21983456")
    assert (found.correction, found.state_since) == (correction, SINCE)


def test_a_date_planned_for_the_decision_is_found(place: Place) -> None:
    place.put(a_file(expected_decision_on=date(2026, 12, 1)))
    assert place.provider.find("21983456").expected_decision_on == date(2026, 12, 1)


def test_the_address_is_found_alone(place: Place) -> None:
    place.put(a_file())
    assert place.provider.email_of("21983456") == "usager@exemple.fr"


@pytest.mark.parametrize("number", ["21983457", "999999999", "EXP-2026-00123"])
def test_a_number_that_no_file_has_is_unknown(place: Place, number: str) -> None:
    place.put(a_file())
    for read in (place.provider.find, place.provider.email_of):
        with pytest.raises(UnknownDossier):
            read(number)


def test_decisions_told_are_those_of_the_scheme_in_the_last_thirty_days(place: Place) -> None:
    ends = [(State.ACCEPTE, 1), (State.REFUSE, 20), (State.SANS_SUITE, 20), (State.ACCEPTE, 21), (State.EN_INSTRUCTION, 20)]
    for n, (state, day) in enumerate(ends):
        place.put(a_file(22000001 + n, state, date(2026, 11, day)))
    place.put(a_file(22000009, State.ACCEPTE, date(2026, 10, 24)))
    told = place.provider.decisions(AID, TODAY)
    assert sorted(told or ()) == [(FILED, date(2026, 11, day)) for day in (1, 20, 21)]


def test_no_delay_is_made_up_for_a_scheme_that_is_not_known(place: Place) -> None:
    for n in range(6):
        place.put(a_file(22000001 + n, State.ACCEPTE, date(2026, 11, 20)))
    assert honest_delay(place.provider.decisions("autre", TODAY) or ()) is None
    assert place.provider.decisions("", TODAY) is None
    assert honest_delay(place.provider.decisions(AID, TODAY) or ()) == (date(2026, 11, 20) - FILED).days


def test_a_number_of_digits_is_looked_for_in_the_own_table_first(
    table: sessionmaker[Session], platform: Platform, national: DemarcheNumerique
) -> None:
    both = ByNumber(OwnTable(table), national)
    platform.put(lodged(a_file(state=State.REFUSE)))
    assert both.find("21983456").state is State.REFUSE
    with table.begin() as session:
        store.put(session, a_file(state=State.ACCEPTE))
    platform.asked.clear()
    assert both.find("21983456").state is State.ACCEPTE
    assert both.email_of("21983456") == "usager@exemple.fr"
    with pytest.raises(UnknownDossier):
        both.find("EXP-2026-00123")
    assert platform.asked == []


def test_decisions_of_a_scheme_are_one_wherever_its_files_are_lodged(
    table: sessionmaker[Session], platform: Platform, national: DemarcheNumerique
) -> None:
    with table.begin() as session:
        store.put(session, a_file(22000001, State.ACCEPTE))
    platform.put(lodged(a_file(22000002, State.ACCEPTE, SINCE + timedelta(days=1))))
    assert sorted(ByNumber(OwnTable(table), national).decisions(AID, TODAY) or ()) == [(FILED, SINCE), (FILED, SINCE + timedelta(days=1))]


def test_a_number_of_our_own_form_is_looked_for_nowhere_else(table: sessionmaker[Session], tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'ailleurs.db'}")
    Base.metadata.create_all(engine)
    elsewhere = session_factory(engine)
    with elsewhere.begin() as session:
        store.put(session, replace(a_file(), number="EXP-2026-00123"))
        store.put(session, a_file())
    both = ByNumber(OwnTable(table), OwnTable(elsewhere))
    assert both.find("21983456").number == "21983456"
    for read in (both.find, both.email_of):
        with pytest.raises(UnknownDossier):
            read("EXP-2026-00123")
    engine.dispose()
