"""Learning from agents: trains a challenger, puts it in force when it wins, lets a named person decide otherwise, returns."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from desk import learning_store as store
from desk.learning_words import verdict_told
from history.store import Person
from triage import learning
from triage.errors import ModelMissing, TooFewCorrections
from triage.learning import Comparison, Lesson, Verdict
from triage.trained import load_trained
from triage.versions import Versions
from triage.views import MessageFeatures

Progress = Callable[[int, int], None]
"""Gets how many messages are read, of how many."""

MACHINE = "ecoute"
"""Who acts when no person does."""


class Learning:
    """`features`: what reads messages, built when first needed; `sources` names what models depend on beside corrections; `clock` gives the
    time with its zone; `data`: training messages to use instead of those of `triage/data`; `start` runs `train` with this number elsewhere."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        versions: Versions,
        features: Callable[[], MessageFeatures],
        sources: Callable[[], str],
        clock: Callable[[], datetime],
        data: Sequence[dict[str, Any]] | None = None,
        start: Callable[[int], None] = lambda _number: None,
    ) -> None:
        self._sessions, self.versions, self._features = sessions, versions, features
        self._sources, self._clock, self._data, self._start = sources, clock, data, start

    def begin(self, author: str) -> None:
        """Has a training go on beside this process. Raises TrainingRuns, OSError."""
        with self._sessions.begin() as session:
            number = store.begin_training(session, author, self._clock())
        try:
            self._start(number)
        except OSError as error:
            self._end(number, f"L'entraînement n'a pas pu commencer : {error.strerror}")
            raise

    def train(self, author: str, number: int | None = None, progress: Progress = lambda _done, _total: None) -> Comparison:
        """Trains a challenger, keeps it, puts it in force if it is better. `number`: of a training that has begun already.

        Raises TrainingRuns, TooFewCorrections, ModelMissing.
        """
        if number is None:
            with self._sessions.begin() as session:
                number = store.begin_training(session, author, self._clock())
        try:
            version, found = self._train(author, number, progress)
        except BaseException as error:
            self._end(number, str(error) or error.__doc__ or type(error).__name__)
            raise
        self._end(number, f"{version} : {verdict_told(found)}")
        return found

    def put_in_force(self, version: str, action: str, who: Person | str, author: str, because: str) -> None:
        """Changes the model and tells who did it and why, together. Raises UnknownVersion, ModelMissing."""
        card = self.versions.card(version)
        if card and card["features"] != self._features().name:
            raise ModelMissing(f"La version {version} a été entraînée avec d'autres encodeurs : {card['features']}.")
        with self._sessions.begin() as session:
            store.keep_change(session, action, version, self.versions.current(), who, author, because, self._clock())
            self.versions.put_in_force(version)

    def roll_back(self, who: Person | str, author: str, because: str) -> str:
        """Puts back the version that the one in force replaced; gives its name. Raises NothingToReturnTo, UnknownVersion."""
        with self._sessions() as session:
            version = store.version_before(session, self.versions.current())
        self.put_in_force(version, store.RETURNED, who, author, because)
        return version

    def _train(self, author: str, number: int, progress: Progress) -> tuple[str, Comparison]:
        # scikit-learn takes seconds to load: only who trains waits for it.
        from triage.challenge import challenge
        from triage.train import read_data

        with self._sessions() as session:
            lessons = store.taught(session).lessons
        learnt, replayed = learning.split(lessons)
        _enough(learnt, replayed)
        if not self.versions.current():
            raise ModelMissing
        champion = load_trained(self.versions.in_force)
        now = self._clock()
        sources = self._sources()
        version = f"triage-{now:%Y%m%d-%H%M%S}-{sources}"
        data = read_data() if self._data is None else self._data
        done, total = 0, len(data) + len(learnt) + len(replayed)

        def read(count: int) -> None:
            nonlocal done
            done += count
            with self._sessions.begin() as session:
                store.tell_training(session, number, done, total, self._clock())
            progress(done, total)

        out = self.versions.path(version)
        found = challenge(champion, self._features(), data, learnt, replayed, out, version, sources, now.date(), read)
        if found.verdict is Verdict.BETTER:
            self.put_in_force(version, store.WON, MACHINE, author, verdict_told(found))
        self._prune()
        return version, found

    def _end(self, number: int, told: str) -> None:
        with self._sessions.begin() as session:
            store.end_training(session, number, told, self._clock())

    def _prune(self) -> None:
        """What the version in force replaced stays, to return to."""
        with self._sessions() as session:
            self.versions.prune([row.previous for row in store.changes(session, 1)])


def _enough(learnt: Sequence[Lesson], replayed: Sequence[Lesson]) -> None:
    """Raises TooFewCorrections, with what is there and what it takes, before two minutes are spent on it."""
    corrected = sum(lesson.corrected for lesson in replayed)
    if not learnt or len(replayed) < learning.LEAST_REPLAYED or corrected < learning.LEAST_CORRECTED:
        raise TooFewCorrections(
            f"Trop peu de corrections. Messages pour apprendre : {len(learnt)}. Messages récents pour juger : {len(replayed)}, "
            f"dont {corrected} corrigés ; il en faut {learning.LEAST_REPLAYED}, dont {learning.LEAST_CORRECTED} corrigés."
        )
