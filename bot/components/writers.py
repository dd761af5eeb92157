"""Rasa importer: tells who wrote each sentence, by the name of its file."""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Text

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData

WRITER = "writer"
"""Key under which a sentence tells who wrote it."""


class WriterImporter(RasaFileImporter):
    """Sentences of one writer resemble each other: what a model is worth shows on writers that it has not learnt from."""

    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        paths = sorted(self._nlu_files)
        parts = [load_data(path, language) for path in paths]
        for path, part in zip(paths, parts):
            for example in part.training_examples:
                example.set(WRITER, Path(path).stem)
        return TrainingData().merge(*parts)
