"""Reads a message with the trained heads: kind, commitments with their evidence, sentiment, urgency. Pure."""

from dataclasses import dataclass
from pathlib import Path

from language.danger import find_danger
from language.features import TextFeatures
from language.head import LinearHead, load_heads
from triage.errors import ModelMissing
from triage.model import Commitment, Kind, Label, Reading, Sentiment
from triage.sentences import sentences

MAX_COMMITMENTS = 3
MAX_READ = 20_000
"""Characters of a message that are read."""

MAX_SENTENCE = 400
MAX_SENTENCES = 12
"""Evidence is looked for in the first sentences only: each one costs an embedding."""

HEADS = ("kind", "commitments", "sentiment", "urgent")


@dataclass(frozen=True)
class Classifier:
    """Trained heads on features of the text. `version` names the model in what is stored."""

    features: TextFeatures
    heads: dict[str, LinearHead]
    version: str

    def read(self, subject: str, text: str, by_person: bool = False) -> Reading:
        """Labels of one message. `by_person`: it came by a way that machines do not take, and is never read as a machine's."""
        parts = sentences(text[:MAX_READ])[:MAX_SENTENCES]
        vectors = self.features.vectors([whole(subject, text[:MAX_READ]), *(part[:MAX_SENTENCE] for part in parts)])
        vector = vectors[0]
        kind, kind_confidence = self.heads["kind"].best(vector, but=(Kind.AUTOMATIQUE,) if by_person else ())
        sentiment, sentiment_confidence = self.heads["sentiment"].best(vector)
        urgent_head = self.heads["urgent"]
        urgent_confidence = float(urgent_head.probabilities(vector[None, :])[0, 0])
        # Spam and machines say nothing of the service.
        speaks = kind in (Kind.AVIS, Kind.DEMANDE)
        held = self.heads["commitments"].holding(vector)[:MAX_COMMITMENTS] if speaks else []
        by_sentence = self.heads["commitments"].probabilities(vectors[1:]) if parts and held else None
        labels = []
        for slug, confidence in held:
            column = self.heads["commitments"].labels.index(slug)
            evidence = (parts[int(by_sentence[:, column].argmax())],) if by_sentence is not None else ()
            labels.append(Label(Commitment(slug), confidence, evidence))
        return Reading(
            kind=Kind(kind),
            kind_confidence=kind_confidence,
            commitments=tuple(labels),
            sentiment=Sentiment(sentiment),
            sentiment_confidence=sentiment_confidence,
            urgent=urgent_confidence >= urgent_head.thresholds[0] or find_danger(f"{subject} {text}") is not None,
            urgent_confidence=urgent_confidence,
            model=self.version,
        )


def whole(subject: str, text: str) -> str:
    """What the heads read of a message: its subject is its first sentence."""
    return f"{subject.strip()}. {text.strip()}" if subject.strip() else text.strip()


def load_classifier(path: Path, features: TextFeatures) -> Classifier:
    """The trained model at `path`. Raises ModelMissing when there is none, or when it was trained on other features."""
    if not path.exists():
        raise ModelMissing
    heads, card = load_heads(path)
    if card["features"] != features.name:
        raise ModelMissing(f"Le modèle de tri a été entraîné avec {card['features']}, pas {features.name}. Lancez : ecoute train triage")
    return Classifier(features, heads, card["version"])
