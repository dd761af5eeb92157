"""What agents look for, and where it stands in a text."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.search import Piece, Term, indexed, pieces, read_query
from triage.search_table import SQLITE, _fts5, _run


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    """The index alone, on one message."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.execute("CREATE TABLE item_words (item_id INTEGER PRIMARY KEY, words TEXT)")
    for statement in SQLITE:
        connection.execute(statement)
    yield connection
    connection.close()


def finds(index: sqlite3.Connection, text: str, query: str) -> bool:
    """Whether the message is found, as the desk looks for it."""
    index.execute("DELETE FROM item_words")
    index.execute("INSERT INTO item_words VALUES (1, ?)", (indexed([text]),))

    def holds(term: Term) -> bool:
        rows = index.execute("SELECT rowid FROM item_search WHERE item_search MATCH ?", (_fts5(term),)).fetchall()
        return bool(rows) and (len(term.words) < 2 or _run(term) in indexed([text]))

    return all(holds(term) != term.without for term in read_query(query))


TEXT = "AV-2026-000123 luc.petit@exemple.fr Les délais annoncés sont dépassés : mon dossier EXP-2026-00123 a été accepté l'été dernier."


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("délai", True),
        ("delais", True),
        ("DÉLAIS", True),
        ("acceptée", True),
        ("accepte", True),
        ("dossiers dépassé", True),
        ("refusé", False),
        ('"délais annoncés"', True),
        ('"annoncés délais"', False),
        ('"délai annoncé"', False),
        ("dép*", True),
        ("xyz*", False),
        ("délais -dossier", False),
        ("délais -refus", True),
        ("AV-2026-000123", True),
        ("av-2026-000124", False),
        ("luc.petit@exemple.fr", True),
        ("petit@exemple", True),
        ("EXP-2026-00123", True),
        ("l'été", True),
        ("les délais de la Région", False),
        ("le délai du dossier", True),
        ("", True),
        ('"', True),
        ("-", True),
        ("***", True),
    ],
)
def test_every_form_of_a_word_is_found(index: sqlite3.Connection, query: str, found: bool) -> None:
    assert finds(index, TEXT, query) is found


@given(query=st.text(max_size=60), text=st.text(max_size=60))
def test_no_query_and_no_text_raises(index: sqlite3.Connection, query: str, text: str) -> None:
    finds(index, text, query)
    assert "".join(piece.text for piece in pieces(text, read_query(query))).strip("…") in text or "…" in text


@given(text=st.text(alphabet="aeéèlmrst'- ", max_size=80))
def test_a_text_is_found_by_its_own_words(index: sqlite3.Connection, text: str) -> None:
    for word in text.split():
        assert finds(index, text, word.lstrip("-"))
        assert finds(index, text, f'"{word}"')


def test_small_words_count_only_alone_or_quoted() -> None:
    assert [term.words for term in read_query("les délais")] == [("delais",)]
    assert [term.words for term in read_query("les")] == [("les",)]
    assert read_query('"les délais"') == (Term(words=("les", "delais")),)


def test_the_passage_found_is_shown_with_all_that_was_found_in_it() -> None:
    text = "Bonjour. " + "Du texte avant. " * 20 + "Mes dossiers sont en retard. " + "Et après. " * 40
    shown = pieces(text, read_query("dossier retard"))
    assert [piece.text for piece in shown if piece.found] == ["dossiers", "retard"]
    assert shown[0] == Piece("…")
    assert len("".join(piece.text for piece in shown)) < 320
    assert pieces("Bonjour à tous", ()) == [Piece("Bonjour à tous")]
