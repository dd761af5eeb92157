"""Agents correct, a challenger learns, and what reads better goes live; what does not stays aside. The official fake embedder serves."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from desk import changes
from desk import learning_store as store
from desk.changes import become, certain
from desk.model import Status
from ecoute.learning import Learning
from history.store import Wanted, find
from language.embed import HashEmbedder
from triage import store as triage_store
from triage.errors import NothingToReturnTo, TooFewCorrections, TrainingRuns, UnknownVersion
from triage.learning import Verdict
from triage.live_model import LiveModel
from triage.model import Autonomy, Channel, Kind, Message, Route
from triage.train import read_data, train
from triage.versions import Versions
from triage.views import MessageFeatures

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
FEATURES = MessageFeatures(HashEmbedder(), HashEmbedder())
DATA, OTHERS = read_data()[::9], read_data()[4::9]
ROUTE = Route("À qualifier", "A qualifier", 3, 5, Autonomy.SUGGEST, "tout")
NEW = "La borne de recharge {n} du parking régional clignote, le badge vélo {n} n'ouvre plus l'abri sécurisé de la gare."


class Agent:
    """An agent of the tests."""

    def __init__(self, id: int, login: str) -> None:
        self.id, self.login, self.name = id, login, login.title()


AGNES, BRUNO = Agent(1, "agnes"), Agent(2, "bruno")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("modele") / "triage.npz"
    train(DATA, FEATURES, path, "essai", date(2026, 11, 24), lambda _: None)
    return path.read_bytes()


@pytest.fixture
def versions(model: bytes, tmp_path: Path) -> Versions:
    (tmp_path / "triage.npz").write_bytes(model)
    return Versions(tmp_path)


@pytest.fixture
def learning(sessions: sessionmaker[Session], versions: Versions) -> Learning:
    return Learning(sessions, versions, lambda: FEATURES, lambda: "essai", lambda: NOW, DATA)


@pytest.fixture
def live(versions: Versions) -> LiveModel:
    return LiveModel(versions.in_force, FEATURES, 0.03)


def receive(sessions: sessionmaker[Session], live: LiveModel, texts: list[str]) -> list[str]:
    """References of messages that came and were read."""
    with sessions.begin() as session:
        return [
            triage_store.add_item(
                session,
                Message(None, "", "", f"u{n % 9}@exemple.fr", None, text, "", (), None),
                live.current().read("", text),
                ROUTE,
                None,
                Channel.MAIL,
                None,
                NOW - timedelta(days=100),
            ).reference
            for n, text in enumerate(texts)
        ]


def act(sessions: sessionmaker[Session], reference: str, at: datetime, agent: Agent = AGNES, **wanted: changes.Change) -> None:
    with sessions.begin() as session:
        item = triage_store.get_item(session, reference)
        assert item
        changes.apply(session, [item], wanted, agent, at)


def settle(sessions: sessionmaker[Session], live: LiveModel, kinds: list[str | None], new: bool) -> None:
    """Two messages a day: closed, and its kind corrected where one is given."""
    known = [row["body"] for row in OTHERS[: len(kinds)]]
    texts = [NEW.format(n=n) if new and kind else text for n, (kind, text) in enumerate(zip(kinds, known))]
    for day, (reference, kind) in enumerate(zip(receive(sessions, live, texts), kinds)):
        wanted = {"status": become(Status.CLOSED.value)} | ({"kind": certain(kind)} if kind else {})
        act(sessions, reference, NOW - timedelta(hours=12 * (120 - day)), **wanted)


def test_a_subject_that_agents_correct_is_learnt_goes_live_and_comes_back(
    sessions: sessionmaker[Session], learning: Learning, versions: Versions, live: LiveModel
) -> None:
    before, reader = versions.current(), live.current()
    assert reader.read("", NEW.format(n=999)).kind is not Kind.AUTOMATIQUE
    settle(sessions, live, [Kind.AUTOMATIQUE.value, None] * 60, new=True)
    seen: list[tuple[int, int]] = []
    found = learning.train("agnes", progress=lambda done, total: seen.append((done, total)))
    assert found.verdict is Verdict.BETTER
    figures = {one.label: one for one in found.labels}
    assert figures["automatique"].champion < 0.5 < figures["automatique"].challenger
    assert seen[-1][0] == seen[-1][1]
    # The reader that runs takes it without being started again.
    assert versions.current() != before
    assert live.current().version == versions.current() != reader.version
    assert live.current().read("", NEW.format(n=999)).kind is Kind.AUTOMATIQUE
    with sessions() as session:
        last = store.last_training(session)
        assert last
        assert last.told.startswith(versions.current())
        assert "Mieux" in last.told
        assert find(session, Wanted(about=f"modèle {versions.current()}"), 5)[0].before == before
    assert learning.roll_back("agnes", "agnes", "pour voir") == before
    assert live.current().version == before
    with pytest.raises(NothingToReturnTo):
        learning.roll_back("agnes", "agnes", "encore")
    with pytest.raises(UnknownVersion):
        learning.put_in_force("absente", store.DECIDED, "agnes", "agnes", "parce que")
    assert live.current().version == before
    with sessions() as session:
        assert [(row.action, row.version == before) for row in store.changes(session)] == [("retour", True), ("gagne", False)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_corrections_at_random_put_nothing_in_force(
    sessions: sessionmaker[Session], learning: Learning, versions: Versions, live: LiveModel
) -> None:
    before, drawn = versions.current(), random.Random(5)
    settle(sessions, live, [drawn.choice([None, *map(str, Kind)]) for _ in range(120)], new=False)
    assert learning.train("agnes").verdict is Verdict.NOT_BETTER
    assert versions.current() == before
    kept = [card["version"] for card in versions.cards()]
    assert len(kept) == 2
    # A named person may decide otherwise.
    learning.put_in_force(kept[0], store.DECIDED, "agnes", "agnes", "nous préférons ce modèle")
    assert live.current().version == kept[0]


def test_what_two_agents_label_differently_is_left_out(sessions: sessionmaker[Session], learning: Learning, live: LiveModel) -> None:
    names = ("premier", "second", "troisième", "quatrième")
    first, second, undone, right = receive(sessions, live, [f"Un {name} texte." for name in names])
    read = {live.current().read("", f"Un {name} texte.").kind for name in names[:2]}
    one, other = [name.value for name in Kind if name not in read][:2]
    act(sessions, first, NOW, kind=certain(one))
    act(sessions, second, NOW, kind=certain(one))
    act(sessions, second, NOW + timedelta(hours=1), BRUNO, kind=certain(other))
    act(sessions, undone, NOW, urgent=changes.toggle_urgent)
    with sessions.begin() as session:
        row = changes.history(session, triage_store.get_item(session, undone).id)[0]  # type: ignore[union-attr]
        changes.undo(session, row.batch, AGNES, NOW + timedelta(minutes=1))
    with sessions.begin() as session:
        store.confirm(session, triage_store.get_item(session, right), BRUNO, NOW)  # type: ignore[arg-type]
    with sessions() as session:
        found = store.taught(session)
        assert found.disputed == (second,)
        taught = {lesson.text: (lesson.kind, lesson.corrected) for lesson in found.lessons if lesson.taught}
        assert taught == {
            "Un premier texte.": (one, True),
            "Un quatrième texte.": (live.current().read("", "Un quatrième texte.").kind, False),
        }
        assert store.said(session, None).disputed == (second,)
    with pytest.raises(TooFewCorrections, match="il en faut 30, dont 10"):
        learning.train("agnes")


def test_one_training_at_a_time(sessions: sessionmaker[Session], learning: Learning) -> None:
    with sessions.begin() as session:
        store.begin_training(session, "agnes", NOW)
    with pytest.raises(TrainingRuns):
        learning.train("bruno")
    with sessions.begin() as session:
        store.begin_training(session, "bruno", NOW + store.SILENT)


def test_a_model_that_cannot_be_read_leaves_the_last_one_in_force(versions: Versions, live: LiveModel) -> None:
    reader = live.current()
    versions.in_force.write_bytes(b"PK broken")
    assert live.current() is reader
    versions.in_force.unlink()
    assert live.current() is reader
