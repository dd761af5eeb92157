"""Reads messages with the trained model: kind, commitments, sentiment, urgency, and the sentence that carries each. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from language.danger import find_danger
from language.embed import Floats
from language.kernel_head import KernelHead, Views
from triage.autonomy import Trust, weakest
from triage.calibrate import OneOf
from triage.errors import ModelMissing
from triage.model import MOST_COMMITMENTS, Commitment, Kind, Label, Reading, Sentiment
from triage.trained import Trained, load_trained
from triage.views import MessageFeatures, weighed

SURE_SENTENCE = 0.6
"""Below, what a sentence says of the feeling is left for the feeling of the message."""

WORDS_TOLD = 4
"""Shorter sentences greet and sign: they carry no label when another can."""

URGENT, NOT_URGENT = "urgent", "pas_urgent"


@dataclass(frozen=True)
class Classifier:
    """A trained model on features of the text. `version` names it in what is stored; `wrong`: share wrong borne among what is automated."""

    features: MessageFeatures
    model: Trained
    version: str
    wrong: float = 0.03

    def read(self, subject: str, text: str, by_person: bool = False) -> Reading:
        """Labels of one message. `by_person`: it came by a way that machines do not take, and is never read as a machine's."""
        return self.read_many([(subject, text)], by_person)[0]

    def read_many(self, messages: Sequence[tuple[str, str]], by_person: bool = False) -> list[Reading]:
        """The same for several messages, given by subject and text; faster together, on two cores."""
        if not messages:
            return []
        parts = self.features.parts(messages)
        scores = self.model.head.scores(Views(parts.meanings, weighed(parts.counts, self.model.rarity)))
        readings, at = [], 0
        for row, held, (subject, text) in zip(scores, parts.sentences, messages):
            by_sentence = self._sentence_scores(held, parts.by_sentence[at : at + len(held)])
            readings.append(self._reading(row, held, by_sentence, f"{subject} {text}", by_person))
            at += len(held)
        return readings

    def _sentence_scores(self, held: Sequence[str], vectors: Any) -> Floats:
        if not held:
            return np.zeros((0, len(self.model.head.labels)))
        return self._sentence_head.scores(self.features.sentence_views(held, vectors, self.model.rarity))

    @cached_property
    def _sentence_head(self) -> KernelHead:
        """The head without the views that a sentence lacks: what they bring on average stands for them."""
        head = self.model.head
        return replace(head, landmarks=head.landmarks[1:3], bias=head.bias + self.model.unseen)

    def _reading(self, scores: Floats, held: Sequence[str], by_sentence: Floats, said: str, by_person: bool) -> Reading:
        model = self.model
        trust = Trust(model.curves, self.wrong)
        kind, kind_confidence = _best(model.kind, scores[model.columns(model.kind.labels)], (Kind.AUTOMATIQUE,) if by_person else ())
        feeling = model.columns(model.sentiment.labels)
        sentiment, sentiment_confidence = _best(model.sentiment, scores[feeling])
        urgency = model.columns(model.urgent.labels)
        urgent_confidence = float(model.urgent.probabilities(scores[urgency])[0])
        urgent = urgent_confidence >= model.urgent.thresholds[0] or find_danger(said) is not None
        labels = []
        # Spam and machines say nothing of the service.
        speaks = kind in (Kind.AVIS, Kind.DEMANDE)
        for slug, confidence in self._commitments(scores) if speaks else ():
            at = _strongest(held, by_sentence, model.head.labels.index(slug))
            said_of_it, sure = _best(model.sentiment, by_sentence[at][feeling]) if at is not None else (sentiment, 0.0)
            if len(held) < 2 or sure < SURE_SENTENCE:
                said_of_it = sentiment
            evidence = (held[at],) if at is not None else ()
            labels.append(Label(Commitment(slug), confidence, evidence, Sentiment(said_of_it), trust.level(slug, confidence)))
        carries = _strongest(held, by_sentence, model.head.labels.index(sentiment))
        hurries = _strongest(held, by_sentence, model.head.labels.index(URGENT)) if urgent else None
        levels = [trust.level(kind, kind_confidence), *(label.autonomy for label in labels)]
        levels.append(trust.level(URGENT, urgent_confidence) if urgent else trust.level(NOT_URGENT, 1 - urgent_confidence))
        if speaks:  # nobody acts upon the feeling of spam
            levels.append(trust.level(sentiment, sentiment_confidence))
        return Reading(
            kind=Kind(kind),
            kind_confidence=kind_confidence,
            commitments=tuple(labels),
            sentiment=Sentiment(sentiment),
            sentiment_confidence=sentiment_confidence,
            urgent=urgent,
            urgent_confidence=urgent_confidence,
            model=self.version,
            sentiment_evidence=(held[carries],) if carries is not None else (),
            urgent_evidence=(held[hurries],) if hurries is not None else (),
            autonomy=weakest(levels),
        )

    def _commitments(self, scores: Floats) -> list[tuple[str, float]]:
        """Those that hold, the surest first."""
        alone = self.model.commitments
        shares = alone.probabilities(scores[self.model.columns(alone.labels)])
        found = [(label, float(share)) for label, share, least in zip(alone.labels, shares, alone.thresholds) if share >= least]
        return sorted(found, key=lambda pair: -pair[1])[:MOST_COMMITMENTS]


def load_classifier(path: Path, features: MessageFeatures, wrong: float = 0.03) -> Classifier:
    """The trained model at `path`. Raises ModelMissing when there is none, or when it was trained on other features."""
    if not path.exists():
        raise ModelMissing
    try:
        model = load_trained(path)
    except KeyError as error:
        raise ModelMissing("Le modèle de tri est d'une version précédente. Lancez : ecoute train triage") from error
    if model.card["features"] != features.name:
        raise ModelMissing(
            f"Le modèle de tri a été entraîné avec {model.card['features']}, pas {features.name}. Lancez : ecoute train triage"
        )
    return Classifier(features, model, model.card["version"], wrong)


def _best(calibration: OneOf, scores: Floats, but: Sequence[str] = ()) -> tuple[str, float]:
    """The most probable label with its probability, those of `but` left out."""
    shares = calibration.probabilities(scores[None, :])[0]
    if but:
        shares = np.where(np.isin(calibration.labels, but), 0.0, shares)
        shares /= shares.sum()
    at = int(shares.argmax())
    return calibration.labels[at], float(shares[at])


def _strongest(held: Sequence[str], by_sentence: Floats, column: int) -> int | None:
    """The sentence that speaks most for a label, greetings only when there is nothing else; None when there is no sentence."""
    told = [at for at, sentence in enumerate(held) if len(sentence.split()) >= WORDS_TOLD] or range(len(held))
    return max(told, key=lambda at: by_sentence[at, column], default=None)
