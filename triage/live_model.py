"""The reader in force: when its file changes, the next message is read with the new one. Nothing has to be started again."""

import logging
import zipfile
from pathlib import Path
from threading import Lock

from triage.classify import Classifier, load_classifier
from triage.errors import ModelMissing
from triage.views import MessageFeatures

log = logging.getLogger(__name__)


class LiveModel:
    """The model of a file as it is now; the last good one while the file cannot be read. For several threads."""

    def __init__(self, path: Path, features: MessageFeatures, wrong: float) -> None:
        self._path, self._features, self._wrong = path, features, wrong
        self._lock = Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._classifier: Classifier | None = None

    def current(self) -> Classifier:
        """Raises ModelMissing when there never was one that could be read."""
        with self._lock:
            stamp = self._look()
            if self._classifier is None or (stamp is not None and stamp != self._stamp):
                self._take(stamp)
            assert self._classifier is not None
            return self._classifier

    def _look(self) -> tuple[int, int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        # A file put in the place of another has another number, even within the clock's grain.
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _take(self, stamp: tuple[int, int, int] | None) -> None:
        try:
            found = load_classifier(self._path, self._features, self._wrong)
        except (ModelMissing, OSError, ValueError, zipfile.BadZipFile) as error:
            if self._classifier is None:
                raise
            log.warning("modèle refusé, le précédent reste en service : %s", error)
        else:
            if self._classifier is not None:
                log.info("modèle en service : %s", found.version)
            self._classifier = found
        self._stamp = stamp
