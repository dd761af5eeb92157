"""The words of each message, indexed by what each database has for it: FTS5, or GIN on a tsvector. Kept up to date by triggers.

Only the words are written by us, in the transaction that writes the message: an index that lags behind cannot be.
"""

from collections.abc import Sequence

from sqlalchemy import (
    DDL,
    BindParameter,
    ColumnElement,
    ForeignKey,
    SQLColumnExpression,
    Text,
    and_,
    bindparam,
    event,
    exists,
    not_,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from store.base import Base
from triage.search import MARK, Term

SQLITE = (
    # No place of words is kept: phrases are looked for in the text itself, and the index is half as large.
    "CREATE VIRTUAL TABLE item_search USING fts5(words, content='item_words', content_rowid='item_id', detail=none, "
    'tokenize="unicode61 remove_diacritics 0")',
    "CREATE TRIGGER item_words_added AFTER INSERT ON item_words BEGIN "
    "INSERT INTO item_search(rowid, words) VALUES (new.item_id, new.words); END",
    "CREATE TRIGGER item_words_removed AFTER DELETE ON item_words BEGIN "
    "INSERT INTO item_search(item_search, rowid, words) VALUES ('delete', old.item_id, old.words); END",
    "CREATE TRIGGER item_words_changed AFTER UPDATE ON item_words BEGIN "
    "INSERT INTO item_search(item_search, rowid, words) VALUES ('delete', old.item_id, old.words); "
    "INSERT INTO item_search(rowid, words) VALUES (new.item_id, new.words); END",
)
_VECTOR = "array_to_tsvector(string_to_array(btrim(words), ' '))"
POSTGRESQL = (f"CREATE INDEX item_search ON item_words USING gin ({_VECTOR})",)


MANY = 2000


class ItemWordsRow(Base):
    """`words`: as `triage.search.indexed` gives them."""

    __tablename__ = "item_words"

    item_id: Mapped[int] = mapped_column(ForeignKey("feedback_item.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(Text)


for _statement in SQLITE:
    event.listen(ItemWordsRow.__table__, "after_create", DDL(_statement.replace("%", "%%")).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
for _statement in POSTGRESQL:
    event.listen(ItemWordsRow.__table__, "after_create", DDL(_statement.replace("%", "%%")).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]


def matching(session: Session, terms: Sequence[Term], item_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Condition on an item's number that its message holds what is looked for."""
    wanted = [term for term in terms if not term.without]
    conditions = _holding(session, wanted, item_id) if wanted else []
    conditions += [not_(and_(*_holding(session, [term], item_id))) for term in terms if term.without]
    return and_(true(), *conditions)


def _holding(session: Session, terms: Sequence[Term], item_id: SQLColumnExpression[int]) -> list[ColumnElement[bool]]:
    """That the index knows the item for all the terms; then, of phrases, that the words follow one another."""
    row = ItemWordsRow
    phrases = [row.words.contains(_run(term), autoescape=True) for term in terms if len(term.words) > 1]
    exact = [exists().where(row.item_id == item_id, *phrases)] if phrases else []
    if session.get_bind().dialect.name == "sqlite":
        sought: BindParameter[str] = bindparam("sought", " AND ".join(_fts5(term) for term in terms), unique=True)
        hits = session.scalar(text("SELECT count(*) FROM item_search WHERE item_search MATCH :sought"), {"sought": sought.value}) or 0
        # SQLite does not guess how many there are. When many, it is quicker to walk the list in its order than to sort them all: a sum
        # keeps it from looking each one up by its number.
        key = item_id + 0 if hits > MANY else item_id
        rows = text("SELECT rowid AS item_id FROM item_search WHERE item_search MATCH :sought").bindparams(sought).columns(row.item_id)
        return [key.in_(select(rows.subquery().c.item_id)), *exact]
    sought = bindparam("sought", " & ".join(_tsquery(term) for term in terms), unique=True)
    return [item_id.in_(select(row.item_id).where(text(f"{_VECTOR} @@ CAST(:sought AS tsquery)").bindparams(sought))), *exact]


def _run(term: Term) -> str:
    """The words of a phrase as they stand in the row; the last one is whole unless it only begins so."""
    return " " + " ".join(term.words) + ("" if term.prefix else " ")


def _fts5(term: Term) -> str:
    if term.stems:
        return "(" + " OR ".join(f'"{MARK}{stem}"' for stem in term.stems) + ")"
    *whole, last = (f'"{word}"' for word in term.words)
    return "(" + " AND ".join([*whole, last + ("*" if term.prefix else "")]) + ")"


def _tsquery(term: Term) -> str:
    if term.stems:
        return "(" + " | ".join(f"'{MARK}{stem}'" for stem in term.stems) + ")"
    *whole, last = (f"'{word}'" for word in term.words)
    return "(" + " & ".join([*whole, last + (":*" if term.prefix else "")]) + ")"
