"""Reading a message with trained heads. The official fake embedder serves: words are enough to tell these apart."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.embed import HashEmbedder
from triage.classify import Classifier, load_classifier
from triage.errors import ModelMissing
from triage.model import MOST_COMMITMENTS, Autonomy, Commitment, Kind, Sentiment
from triage.sentences import sentences
from triage.train import read_data, train
from triage.views import MAX_SENTENCES, MessageFeatures


class OtherEmbedder(HashEmbedder):
    """The same under another name."""

    name = "other hash"


FEATURES = MessageFeatures(HashEmbedder(), HashEmbedder())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("modele") / "triage.npz"
    rows = read_data()[:250]
    read: list[int] = []
    card = train(rows, FEATURES, path, "essai", date(2026, 11, 24), read.append)
    assert sum(read) == card["messages"] == 250
    return path


@pytest.fixture(scope="module")
def classifier(model: Path) -> Classifier:
    return load_classifier(model, FEATURES)


def test_training_twice_gives_the_same_heads(classifier: Classifier, tmp_path: Path) -> None:
    train(read_data()[:250], FEATURES, tmp_path / "autre.npz", "essai", date(2026, 11, 24), lambda _: None)
    again = load_classifier(tmp_path / "autre.npz", FEATURES)
    held, found = classifier.model, again.model
    assert (held.head.duals == found.head.duals).all()
    assert (held.head.letters == found.head.letters).all()
    assert (held.kind, held.sentiment, held.commitments, held.urgent) == (found.kind, found.sentiment, found.commitments, found.urgent)
    assert held.curves == found.curves


def test_what_a_person_left_is_never_a_machines(classifier: Classifier) -> None:
    kind = classifier.model.kind
    doubting = replace(kind, offsets=tuple(np.array(kind.offsets) + 20 * (np.array(kind.labels) == Kind.AUTOMATIQUE)))
    wary = replace(classifier, model=replace(classifier.model, kind=doubting))
    assert wary.read("", "Merci").kind is Kind.AUTOMATIQUE
    assert wary.read("", "Merci", by_person=True).kind is not Kind.AUTOMATIQUE


def test_a_person_in_danger_is_urgent(classifier: Classifier) -> None:
    assert classifier.read("", "Merci pour votre accueil. Je n'ai plus envie de vivre.").urgent


def test_evidence_is_in_the_text_word_for_word(classifier: Classifier) -> None:
    text = "Bonjour M. Durand.\nJe n'ai aucune nouvelle de mon dossier, le délai annoncé est dépassé depuis deux mois ! Cordialement"
    reading = classifier.read("Délai dépassé", text)
    assert Commitment.DELAIS in {label.slug for label in reading.commitments}
    assert all(sentence in text for label in reading.commitments for sentence in label.evidence)
    assert reading.sentiment_evidence
    assert all(sentence in text for sentence in reading.sentiment_evidence)


def test_a_commitment_carries_the_feeling_of_its_own_sentence(classifier: Classifier) -> None:
    text = "Merci mille fois pour votre accueil chaleureux, un vrai plaisir. Aucune nouvelle de mon dossier, le délai annoncé est dépassé."
    by_slug = {label.slug: label for label in classifier.read("", text).commitments}
    assert by_slug[Commitment.DELAIS].evidence == ("Aucune nouvelle de mon dossier, le délai annoncé est dépassé.",)
    assert all(label.sentiment in Sentiment for label in by_slug.values())


def test_a_greeting_carries_no_label(classifier: Classifier) -> None:
    reading = classifier.read("", "Bonjour. Quelles pièces faut-il joindre à ma demande ? Cordialement.")
    assert reading.sentiment_evidence == ("Quelles pièces faut-il joindre à ma demande ?",)
    assert classifier.read("", "Merci.").sentiment_evidence == ("Merci.",)


def test_messages_are_read_together_as_alone(classifier: Classifier) -> None:
    messages = [(row["subject"], row["body"]) for row in read_data()[250:262]] + [("", ""), ("Objet seul", "")]
    alone = [classifier.read(*message).kind_confidence for message in messages]
    assert [one.kind_confidence for one in classifier.read_many(messages)] == pytest.approx(alone, abs=1e-3)
    assert classifier.read_many([]) == []


def test_a_long_message_is_read_by_its_first_sentences(classifier: Classifier) -> None:
    parts = FEATURES.parts([("", "Je ne sais pas quoi dire. " * 400)])
    assert len(parts.sentences[0]) == MAX_SENTENCES == len(parts.by_sentence)


def test_who_bears_no_error_automates_nothing(classifier: Classifier) -> None:
    wary = replace(classifier, wrong=0.0)
    assert all(wary.read(row["subject"], row["body"]).autonomy is not Autonomy.AUTOMATE for row in read_data()[:20])


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_read_within_the_rules(classifier: Classifier, subject: str, text: str) -> None:
    reading = classifier.read(subject, text)
    assert reading.kind in Kind
    assert reading.sentiment in Sentiment
    assert len(reading.commitments) <= MOST_COMMITMENTS
    assert all(0 <= label.confidence <= 1 for label in reading.commitments)
    if reading.kind in (Kind.HORS_PERIMETRE, Kind.AUTOMATIQUE):
        assert reading.commitments == ()


def test_a_model_of_other_features_or_none_is_refused_with_what_to_do(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="ecoute train triage"):
        load_classifier(model, MessageFeatures(OtherEmbedder(), HashEmbedder()))
    with pytest.raises(ModelMissing):
        load_classifier(tmp_path / "absent.npz", FEATURES)


def test_training_data_is_labelled_by_the_taxonomy() -> None:
    rows = read_data()
    assert len({row["id"] for row in rows}) == len(rows) == len({row["body"] for row in rows})
    for row in rows:
        assert row["kind"] in Kind
        assert row["sentiment"] in Sentiment
        assert set(row["commitments"]) <= set(Commitment)
        assert len(row["commitments"]) <= MOST_COMMITMENTS


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
