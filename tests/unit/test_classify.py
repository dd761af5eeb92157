"""Reading a message with trained heads. The official fake embedder serves: words are enough to tell these apart."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.embed import HashEmbedder
from language.features import TextFeatures
from triage.classify import MAX_COMMITMENTS, Classifier, load_classifier
from triage.errors import ModelMissing
from triage.model import Commitment, Kind, Sentiment
from triage.sentences import sentences
from triage.train import read_data, reading_count, train

FEATURES = TextFeatures(HashEmbedder())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("modele") / "triage.npz"
    rows = read_data()[:250]
    read: list[int] = []
    card = train(rows, FEATURES, path, "essai", date(2026, 11, 24), read.append)
    assert sum(read) == reading_count(rows)
    assert card["messages"] == 250
    return path


@pytest.fixture(scope="module")
def classifier(model: Path) -> Classifier:
    return load_classifier(model, FEATURES)


def test_training_twice_gives_the_same_heads(classifier: Classifier, tmp_path: Path) -> None:
    train(read_data()[:250], FEATURES, tmp_path / "autre.npz", "essai", date(2026, 11, 24), lambda _: None)
    again = load_classifier(tmp_path / "autre.npz", FEATURES)
    for name, head in classifier.heads.items():
        assert (head.weights == again.heads[name].weights).all()
        assert head.thresholds == again.heads[name].thresholds


def test_what_a_person_left_is_never_a_machines(classifier: Classifier) -> None:
    kind = classifier.heads["kind"]
    doubting = replace(kind, bias=kind.bias + 20 * (np.array(kind.labels) == Kind.AUTOMATIQUE))
    wary = replace(classifier, heads=classifier.heads | {"kind": doubting})
    assert wary.read("", "Merci").kind is Kind.AUTOMATIQUE
    assert wary.read("", "Merci", by_person=True).kind is not Kind.AUTOMATIQUE


def test_a_person_in_danger_is_urgent(classifier: Classifier) -> None:
    assert classifier.read("", "Merci pour votre accueil. Je n'ai plus envie de vivre.").urgent


def test_evidence_is_in_the_text_word_for_word(classifier: Classifier) -> None:
    text = "Bonjour M. Durand.\nJe n'ai aucune nouvelle de mon dossier, le délai annoncé est dépassé depuis deux mois ! Cordialement"
    reading = classifier.read("Délai dépassé", text)
    assert Commitment.DELAIS in {label.slug for label in reading.commitments}
    assert all(sentence in text for label in reading.commitments for sentence in label.evidence)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_read_within_the_rules(classifier: Classifier, subject: str, text: str) -> None:
    reading = classifier.read(subject, text)
    assert reading.kind in Kind
    assert reading.sentiment in Sentiment
    assert len(reading.commitments) <= MAX_COMMITMENTS
    assert all(0 <= label.confidence <= 1 for label in reading.commitments)
    if reading.kind in (Kind.HORS_PERIMETRE, Kind.AUTOMATIQUE):
        assert reading.commitments == ()


def test_a_model_of_other_features_or_none_is_refused_with_what_to_do(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="ecoute train triage"):
        load_classifier(model, TextFeatures(HashEmbedder(), lexical=512))
    with pytest.raises(ModelMissing):
        load_classifier(tmp_path / "absent.npz", FEATURES)


def test_training_data_is_labelled_by_the_taxonomy() -> None:
    rows = read_data()
    assert len({row["id"] for row in rows}) == len(rows) == len({row["body"] for row in rows})
    for row in rows:
        assert row["kind"] in Kind
        assert row["sentiment"] in Sentiment
        assert set(row["commitments"]) <= set(Commitment)
        assert len(row["commitments"]) <= MAX_COMMITMENTS


@given(st.text())
def test_sentences_are_pieces_of_the_text_in_order(text: str) -> None:
    at = 0
    for sentence in sentences(text):
        found = text.index(sentence, at)
        at = found + len(sentence)


def test_abbreviations_end_no_sentence() -> None:
    assert sentences("Merci à M. Durand. Il a été clair ! Vu l'art. 3, c'est bon.\nAu revoir") == [
        "Merci à M. Durand.",
        "Il a été clair !",
        "Vu l'art. 3, c'est bon.",
        "Au revoir",
    ]
