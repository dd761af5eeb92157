"""A challenger: a model trained with what agents taught, and read against the champion on messages that neither has learnt from."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from language.danger import find_danger
from language.kernel_head import Views
from triage.classify import URGENT
from triage.learning import Comparison, Lesson, compare
from triage.train import LABELS, Calibrations, decisions, train, wanted_of
from triage.trained import Trained, load_trained, save_trained
from triage.views import MessageFeatures, Parts, weighed

BATCH = 32


def challenge(
    champion: Trained,
    features: MessageFeatures,
    data: Sequence[dict[str, Any]],
    learnt: Sequence[Lesson],
    replayed: Sequence[Lesson],
    out: Path,
    version: str,
    sources: str,
    day: date,
    progress: Callable[[int], None],
) -> Comparison:
    """Fits a model on `data` and `learnt`, writes it to `out` with the comparison in its card, and gives the comparison.

    `progress` gets the number of messages read, in all those of `data`, `learnt` and `replayed`.
    """
    train([*data, *(lesson.row() for lesson in learnt)], features, out, sources, day, progress)
    challenger = load_trained(out)
    found = _compared(champion, challenger, features, replayed, progress)
    taught = {"learnt": len(learnt), "until": max(lesson.at for lesson in learnt).isoformat() if learnt else None}
    card = challenger.card | {"version": version, "champion": champion.card["version"], "taught": taught, "comparison": asdict(found)}
    save_trained(out, replace(challenger, card=card))
    return found


def _compared(
    champion: Trained, challenger: Trained, features: MessageFeatures, replayed: Sequence[Lesson], progress: Callable[[int], None]
) -> Comparison:
    """Both models on the same messages, each read once."""
    said: tuple[list[Any], list[Any]] = ([np.zeros((0, len(LABELS)))], [np.zeros((0, len(LABELS)))])
    for start in range(0, len(replayed), BATCH):
        batch = replayed[start : start + BATCH]
        parts = features.parts([(lesson.subject, lesson.text) for lesson in batch])
        in_danger = [find_danger(f"{lesson.subject} {lesson.text}") is not None for lesson in batch]
        for model, found in zip((champion, challenger), said):
            decided = _decided(model, parts)
            decided[in_danger, LABELS.index(URGENT)] = 1
            found.append(decided)
        progress(len(batch))
    wanted = wanted_of([lesson.row() for lesson in replayed]) if replayed else np.zeros((0, len(LABELS)))
    corrected = sum(lesson.corrected for lesson in replayed)
    return compare(LABELS, wanted, np.vstack(said[0]), np.vstack(said[1]), corrected)


def _decided(model: Trained, parts: Parts) -> Any:
    scores = model.head.scores(Views(parts.meanings, weighed(parts.counts, model.rarity)))[:, model.columns(LABELS)]
    return decisions(Calibrations(model.kind, model.sentiment, model.commitments, model.urgent), scores)[1]
