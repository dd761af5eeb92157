"""What the steering page reads, on both databases: the agents' word, the machine's, answers, closings and what comes back."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session, sessionmaker

import ecoute.tables  # noqa: F401 - tables point at each other
from desk import changes, lists
from desk.changes import Change, add_commitment, become, certain, toggle_commitment
from desk.steering import Fact
from desk.steering_store import Figures, read_facts
from quality import survey
from triage import store
from triage.model import Autonomy, Channel, Commitment, Kind, Label, Message, Origin, Reading, Route, Sentiment
from triage.tables import ExchangeRow

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 26, 9, tzinfo=PARIS)
CAME = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
Sessions = sessionmaker[Session]


@dataclass(frozen=True)
class Agent:
    id: int = 1
    login: str = "agnes"
    name: str = "Agnès"


def add(sessions: Sessions, service: str = "") -> str:
    message = Message(None, "Objet", "Luc", "luc@exemple.fr", CAME, "Trop long", "", (), None)
    labels = (Label(Commitment.DELAIS, 0.5, ()), Label(Commitment.CONTACT, 0.8, ()))
    reading = Reading(Kind.AVIS, 0.9, labels, Sentiment.NEUTRE, 0.6, False, 0.9, "v1")
    route = Route("Délais", "Délais", 1, 5, Autonomy.SUGGEST, "délais")
    with sessions.begin() as session:
        origin = Origin(service=service) if service else None
        return store.add_item(session, message, reading, route, date(2026, 12, 1), Channel.MAIL, None, CAME, origin=origin).reference


def change(sessions: Sessions, reference: str, at: datetime, **wanted: Change) -> str:
    with sessions.begin() as session:
        return changes.apply(session, lists.by_references(session, [reference]), dict(wanted), Agent(), at).batch


def say(sessions: Sessions, direction: str, at: datetime, who: str) -> None:
    with sessions.begin() as session:
        session.add(ExchangeRow(item_id=1, direction=direction, at=at, who=who, subject="Objet", text="…"))


def facts(sessions: Sessions) -> list[Fact]:
    with sessions() as session:
        return list(read_facts(session, NOW))


def test_a_message_left_as_it_was_read(sessions: Sessions) -> None:
    add(sessions, "DAI")
    (fact,) = facts(sessions)
    assert set(fact.commitments) == {"delais", "contact"}
    # Half past eleven at night in Greenwich is the day after in Paris.
    expected = (date(2026, 11, 23), "mail", "DAI", "neutre", "open", date(2026, 12, 1), None, frozenset(), (True, True), False)
    assert (
        *(fact.received, fact.channel, fact.service, fact.sentiment, fact.status, fact.due, fact.answered),
        *(fact.corrected, fact.top, fact.reopened),
    ) == expected


def test_the_machine_is_judged_by_its_own_first_word(sessions: Sessions) -> None:
    reference = add(sessions)
    change(sessions, reference, NOW, commitments=toggle_commitment("contact"))
    change(sessions, reference, NOW, sentiment=certain("negatif"))
    assert (facts(sessions)[0].top, facts(sessions)[0].corrected) == ((False, True), {"commitments", "sentiment"})
    change(sessions, reference, NOW, sentiment=certain("neutre"), commitments=toggle_commitment("delais"))
    change(sessions, reference, NOW, commitments=add_commitment("accueil"))
    assert (facts(sessions)[0].top, facts(sessions)[0].corrected) == ((False, False), {"commitments"})


def test_what_the_machine_sends_is_no_answer(sessions: Sessions) -> None:
    add(sessions)
    say(sessions, "out", CAME, "")
    assert facts(sessions)[0].answered is None
    say(sessions, "out", NOW, "Agnès")
    say(sessions, "out", NOW + timedelta(days=2), "Agnès")
    assert (facts(sessions)[0].answered, facts(sessions)[0].reopened) == (NOW.date(), False)
    say(sessions, "in", NOW + timedelta(days=1), "luc@exemple.fr")
    assert facts(sessions)[0].reopened


def test_an_undone_closing_is_none(sessions: Sessions) -> None:
    reference = add(sessions)
    batch = change(sessions, reference, NOW, status=become("closed"))
    with sessions.begin() as session:
        changes.undo(session, batch, Agent(), NOW)
    assert (facts(sessions)[0].status, facts(sessions)[0].reopened) == ("open", False)
    change(sessions, reference, NOW, status=become("closed"))
    change(sessions, reference, NOW, status=become("open"))
    assert facts(sessions)[0].reopened


def test_figures_hold_the_survey_too(sessions: Sessions) -> None:
    with sessions.begin() as session:
        survey.add(session, 10, 7.5, True, NOW.date())
        survey.add(session, 5, None, False, NOW.date())
    counted = Figures(sessions, lambda: NOW, lambda _day: False, survey.answers).get()
    assert [(one.satisfaction, one.clear) for one in counted.facts.rated] == [(10, True), (5, None)]
    assert (len(counted.facts), counted.at) == (0, NOW)
