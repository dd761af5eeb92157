"""Lists, search, changes and presence, on both databases."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from desk import changes, lists, presence
from desk.changes import add_commitment, become, certain, toggle_commitment, toggle_urgent
from desk.lists import Reader
from desk.model import LEASE, PRESENT, Filter, Impossible, read_place
from desk.tables import CorrectionRow
from triage import store
from triage.model import Autonomy, Channel, Commitment, Kind, Label, Message, Reading, Route, Sentiment
from triage.search_table import ItemWordsRow
from triage.tables import FeedbackItemRow

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
Sessions = sessionmaker[Session]


@dataclass(frozen=True)
class Agent:
    id: int
    login: str
    name: str


AGNES, MARC = Agent(1, "agnes", "Agnès"), Agent(2, "marc", "Marc")
READER = Reader(AGNES.id, NOW.date(), UTC)


def add(
    sessions: Sessions,
    text: str,
    due: date | None = date(2026, 12, 1),
    urgent: bool = False,
    queue: str = "Délais",
    email: str = "a@exemple.fr",
) -> str:
    message = Message(None, "Objet", "Luc Petit", email, NOW, text, "", (), None)
    label = Label(Commitment.DELAIS, 0.7, (text,))
    reading = Reading(Kind.AVIS, 0.9, (label,), Sentiment.NEUTRE, 0.6, urgent, 0.9, "v1")
    route = Route(queue, queue, 1, 5, Autonomy.SUGGEST, "délais")
    with sessions.begin() as session:
        return store.add_item(session, message, reading, route, due, Channel.MAIL, None, NOW).reference


def texts(sessions: Sessions, **wanted: object) -> list[str]:
    with sessions() as session:
        return [row.text for row in lists.page(session, Filter(**wanted), READER).rows]  # type: ignore[arg-type]


def test_a_list_is_read_page_by_page_both_ways(sessions: Sessions) -> None:
    for number in range(11):
        add(sessions, f"{number:02}", NOW.date() + timedelta(days=number // 3))
    with sessions() as session:
        for wanted in (Filter(), Filter(status="tous")):
            whole = [row.text for row in lists.page(session, wanted, READER).rows]
            assert len(whole) == 11
            pages: list[list[str]] = []
            place = None
            while True:
                page = lists.page(session, wanted, READER, place, limit=4)
                pages.append([row.text for row in page.rows])
                if page.after is None:
                    break
                place = read_place(page.after, "")
            assert [text for page in pages for text in page] == whole
            assert page.before is not None
            back = lists.page(session, wanted, READER, read_place("", page.before), limit=4)
            assert [row.text for row in back.rows] == whole[4:8]
            assert (back.before is not None, back.after is not None) == (True, True)
            first = lists.page(session, wanted, READER, read_place("", back.before or ""), limit=4)
            assert ([row.text for row in first.rows], first.before) == (whole[:4], None)
            rows = lists.page(session, wanted, READER).rows
            assert lists.neighbour(session, wanted, READER, rows[3]) == rows[4].reference
            assert lists.neighbour(session, wanted, READER, rows[3], back=True) == rows[2].reference
            assert lists.neighbour(session, wanted, READER, rows[-1]) is None


def test_lists_and_counts_say_the_same(sessions: Sessions) -> None:
    add(sessions, "tard", date(2026, 11, 20))
    add(sessions, "urgent", None, urgent=True)
    mine = add(sessions, "à moi", queue="Contact")
    gone = add(sessions, "clos")
    with sessions.begin() as session:
        changes.apply(session, lists.by_references(session, [mine]), {"assignee_id": become(AGNES.id)}, AGNES, NOW)
        changes.apply(session, lists.by_references(session, [gone]), {"status": become("closed")}, AGNES, NOW)
    assert texts(sessions) == ["urgent", "tard", "à moi"]
    assert texts(sessions, queue="Délais") == ["urgent", "tard"]
    assert texts(sessions, who="moi") == ["à moi"]
    assert texts(sessions, who="2") == []
    assert texts(sessions, who="personne") == ["urgent", "tard"]
    assert texts(sessions, late=True) == ["tard"]
    assert texts(sessions, status="closed") == ["clos"]
    assert texts(sessions, commitment="delais", kind="avis", channel="mail", sentiment="neutre", since=NOW.date()) == [
        "urgent",
        "tard",
        "à moi",
    ]
    assert texts(sessions, commitment="contact") == texts(sessions, until=date(2026, 11, 25)) == []
    with sessions.begin() as session:
        counted = lists.counts(session, AGNES.id, NOW.date())
        assert counted == lists.Counts((("Délais", 2), ("Contact", 1)), 1, 2, 1)
        assert lists.newer(session, Filter(), READER, 1) == 2
        assert lists.newer(session, Filter(queue="Contact"), READER, 1) == 1
        assert len(lists.of_sender(session, lists.by_references(session, [mine])[0])) == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("délais", ["b", "a"]),
        ("delai dépassé", ["a"]),
        ("délais -dépassé", ["b"]),
        ('"délais sont longs"', ["b"]),
        ('"sont délais"', []),
        ("dép*", ["a"]),
        ("AV-2026-000001", ["a"]),
        ("luc-b@exemple.fr", ["b"]),
        ("EXP-2026-00123", ["a"]),
        ("exp-2026-001*", ["a"]),
        ("-délais", ["c"]),
        ("' OR 1=1 --", []),
        ('a:* & | ! (") <-> NEAR( ^', []),
        ("100% _ \\", []),
    ],
)
def test_both_databases_find_the_same(sessions: Sessions, query: str, found: list[str]) -> None:
    said = {
        "a": "Les délais annoncés sont dépassés, dossier EXP-2026-00123.",
        "b": "Vos délais sont longs.",
        "c": "Merci à toute l'équipe.",
    }
    for name, text in said.items():
        add(sessions, text, email=f"luc-{name}@exemple.fr")
    assert texts(sessions, words=query) == [said[name] for name in found]


def test_the_index_follows_the_messages(sessions: Sessions) -> None:
    add(sessions, "Première rédaction")
    with sessions.begin() as session:
        row = session.get_one(ItemWordsRow, 1)
        row.words = " seconde ǂsecond "
    assert texts(sessions, words="première") == []
    assert len(texts(sessions, words="seconde")) == 1
    with sessions.begin() as session:
        session.delete(session.get_one(ItemWordsRow, 1))
    assert texts(sessions, words="seconde") == []
    with sessions.begin() as session:
        assert (store.index_missing(session), store.index_missing(session)) == (1, 0)
    assert len(texts(sessions, words="rédactions")) == 1
    with sessions.begin() as session:
        session.delete(session.get_one(FeedbackItemRow, 1))
    assert texts(sessions, words="rédactions") == []


def test_corrections_are_kept_and_undone_to_the_letter(sessions: Sessions) -> None:
    reference = add(sessions, "Trop long")
    with sessions.begin() as session:
        items = lists.by_references(session, [reference])
        before = {field: changes.value_of(items[0], field) for field in ("commitments", "sentiment", "urgent", "status", "queue")}
        wanted = {
            "commitments": toggle_commitment("delais"),
            "sentiment": certain("negatif"),
            "urgent": toggle_urgent,
            "status": become("waiting"),
            "queue": become("Urgent"),
        }
        rank = items[0].rank
        done = changes.apply(session, items, wanted, AGNES, NOW)
        assert (done.items, items[0].rank < rank, items[0].labels) == (1, True, [])
    with sessions() as session:
        kept = [(row.label, row.before, row.after, row.author, row.model) for row in session.scalars(select(CorrectionRow))]
        assert kept == [
            ("commitments", ["delais"], [], "agnes", "v1"),
            ("sentiment", "neutre", "negatif", "agnes", "v1"),
            ("urgent", False, True, "agnes", "v1"),
        ]
    with sessions.begin() as session:
        assert changes.undo(session, done.batch, MARC, NOW).items == 0
        assert changes.undo(session, done.batch, AGNES, NOW).items == 1
        assert changes.undo(session, done.batch, AGNES, NOW).items == 0
    with sessions.begin() as session:
        item = lists.by_references(session, [reference])[0]
        assert {field: changes.value_of(item, field) for field in before} == before
        assert item.rank == rank
        told = changes.told(session, done.batch, AGNES.id)
        assert told is not None
        assert (told.items, told.undoable) == (1, False)
        assert [row.after for row in session.scalars(select(CorrectionRow).filter_by(label="commitments"))] == [[], ["delais"]]


def test_what_was_changed_since_is_not_undone(sessions: Sessions) -> None:
    references = [add(sessions, "un"), add(sessions, "deux")]
    with sessions.begin() as session:
        done = changes.apply(session, lists.by_references(session, references), {"status": become("closed")}, AGNES, NOW)
        changes.apply(session, lists.by_references(session, references[:1]), {"status": become("spam")}, MARC, NOW)
        undone = changes.undo(session, done.batch, AGNES, NOW)
        assert (done.items, undone.items, len(undone.refused)) == (2, 1, 1)
        assert [item.status for item in lists.by_references(session, references)] == ["spam", "open"]


def test_three_commitments_at_most(sessions: Sessions) -> None:
    reference = add(sessions, "Trop")
    with sessions.begin() as session:
        items = lists.by_references(session, [reference])
        for slug in ("contact", "accueil", "contact"):
            changes.apply(session, items, {"commitments": add_commitment(slug)}, AGNES, NOW)
        refused = changes.apply(session, items, {"commitments": add_commitment("information"), "status": become("closed")}, AGNES, NOW)
        assert (refused.items, items[0].status, len(items[0].labels)) == (0, "open", 3)
        with pytest.raises(Impossible):
            add_commitment("information")(changes.value_of(items[0], "commitments"))


def test_who_looks_and_who_answers(sessions: Sessions) -> None:
    add(sessions, "un")
    with sessions.begin() as session:
        presence.look_at(session, 1, MARC, NOW)
        presence.look_at(session, 1, MARC, NOW)
        assert presence.others(session, [1], AGNES.id, NOW) == {1: ["Marc"]}
        assert presence.others(session, [1], MARC.id, NOW) == {}
        assert presence.everywhere(session, AGNES.id, NOW) == {"AV-2026-000001": ["Marc"]}
        assert presence.others(session, [1], AGNES.id, NOW + PRESENT) == {}
    with sessions.begin() as session:
        assert presence.begin_answer(session, 1, AGNES, NOW).agent_id == AGNES.id
        assert presence.begin_answer(session, 1, MARC, NOW).agent_id == AGNES.id
        assert presence.begin_answer(session, 1, AGNES, NOW + LEASE / 2).until == NOW + LEASE * 1.5
        assert presence.begin_answer(session, 1, MARC, NOW + LEASE).agent_id == AGNES.id
        assert presence.begin_answer(session, 1, MARC, NOW + LEASE, knowingly=True).agent_id == MARC.id
        presence.end_answer(session, 1, AGNES)
        held = presence.lease(session, 1, NOW + LEASE)
        assert held is not None
        assert held.agent_name == "Marc"
        assert presence.lease(session, 1, NOW + LEASE * 2) is None
        presence.purge(session, NOW + LEASE * 2)
        assert presence.everywhere(session, AGNES.id, NOW) == {}


def test_filters_are_each_agents_own(sessions: Sessions) -> None:
    with sessions.begin() as session:
        assert lists.save_filter(session, 1, "Retards", "retard=1")
        assert lists.save_filter(session, 1, "Retards", "retard=1&file=D")
        (kept,) = lists.filters(session, 1)
        assert (kept.address, list(lists.filters(session, 2))) == ("retard=1&file=D", [])
        lists.forget_filter(session, 2, kept.id)
        assert len(lists.filters(session, 1)) == 1
        lists.forget_filter(session, 1, kept.id)
        assert not lists.filters(session, 1)
