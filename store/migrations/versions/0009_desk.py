"""The desk: who has a message, which comes first, what agents change and correct, and the search."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_feedback_item_status_queue", ["status", "queue", "rank", "id"]),
    ("ix_feedback_item_status_rank", ["status", "rank", "id"]),
    ("ix_feedback_item_status_assignee", ["status", "assignee_id", "rank", "id"]),
    ("ix_feedback_item_status_received", ["status", "received_at", "id"]),
    ("ix_feedback_item_status_due", ["status", "due_on"]),
    ("ix_feedback_item_sender", ["sender_email", "received_at"]),
)
VECTOR = "array_to_tsvector(string_to_array(btrim(words), ' '))"
SEARCH = {
    "sqlite": (
        "CREATE VIRTUAL TABLE item_search USING fts5(words, content='item_words', content_rowid='item_id', detail=none, "
        "tokenize=\"unicode61 remove_diacritics 0\")",
        "CREATE TRIGGER item_words_added AFTER INSERT ON item_words BEGIN "
        "INSERT INTO item_search(rowid, words) VALUES (new.item_id, new.words); END",
        "CREATE TRIGGER item_words_removed AFTER DELETE ON item_words BEGIN "
        "INSERT INTO item_search(item_search, rowid, words) VALUES ('delete', old.item_id, old.words); END",
        "CREATE TRIGGER item_words_changed AFTER UPDATE ON item_words BEGIN "
        "INSERT INTO item_search(item_search, rowid, words) VALUES ('delete', old.item_id, old.words); "
        "INSERT INTO item_search(rowid, words) VALUES (new.item_id, new.words); END",
    ),
    "postgresql": (f"CREATE INDEX item_search ON item_words USING gin ({VECTOR})",),
}


def upgrade() -> None:
    op.drop_index("ix_feedback_item_status_queue", table_name="feedback_item")
    op.add_column("feedback_item", sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feedback_item", sa.Column("assignee_id", sa.Integer(), nullable=True))
    op.add_column("feedback_item", sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True))
    _rank_what_is_there()
    for name, columns in INDEXES:
        op.create_index(name, "feedback_item", columns)
    op.create_index(op.f("ix_dossier_email"), "dossier", ["email"])
    op.create_table(
        "item_words",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["feedback_item.id"], name=op.f("fk_item_words_item_id_feedback_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_words")),
    )
    for statement in SEARCH[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)
    op.create_table(
        "item_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("agent_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["feedback_item.id"], name=op.f("fk_item_change_item_id_feedback_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_change")),
    )
    op.create_index(op.f("ix_item_change_batch"), "item_change", ["batch"])
    op.create_index(op.f("ix_item_change_item_id"), "item_change", ["item_id"])
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["feedback_item.id"], name=op.f("fk_correction_item_id_feedback_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_item_label", "correction", ["item_id", "label"])
    op.create_index(op.f("ix_correction_at"), "correction", ["at"])
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("agent_id", "name", name=op.f("uq_saved_filter_agent_id")),
    )
    op.create_table(
        "item_view",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("agent_name", sa.String(length=200), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["feedback_item.id"], name=op.f("fk_item_view_item_id_feedback_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "agent_id", name=op.f("pk_item_view")),
    )
    op.create_index(op.f("ix_item_view_seen_at"), "item_view", ["seen_at"])
    op.create_table(
        "answer_lease",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("agent_name", sa.String(length=200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["feedback_item.id"], name=op.f("fk_answer_lease_item_id_feedback_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_answer_lease")),
    )


def downgrade() -> None:
    for table in ("answer_lease", "item_view", "saved_filter", "correction", "item_change"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE item_search")
    op.drop_table("item_words")
    op.drop_index(op.f("ix_dossier_email"), table_name="dossier")
    for name, _columns in INDEXES:
        op.drop_index(name, table_name="feedback_item")
    for column in ("assigned_at", "assignee_id", "rank"):
        op.drop_column("feedback_item", column)
    op.create_index("ix_feedback_item_status_queue", "feedback_item", ["status", "queue"])


def _rank_what_is_there() -> None:
    """As triage/risk.py did when this was written. The words of the search are added by `ecoute prepare`."""
    item = sa.table(
        "feedback_item",
        sa.column("id", sa.Integer),
        sa.column("rank", sa.Integer),
        sa.column("urgent", sa.Boolean),
        sa.column("due_on", sa.Date),
        sa.column("received_at", sa.DateTime(timezone=True)),
        sa.column("sentiment", sa.String),
        sa.column("sentiment_confidence", sa.Double),
        sa.column("kind_confidence", sa.Double),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(item)).all():
        day = row.due_on.toordinal() if row.due_on else row.received_at.toordinal() + 10_000
        day -= 2 * (row.sentiment == "negatif" and row.sentiment_confidence >= 0.8) + (row.kind_confidence < 0.5)
        connection.execute(item.update().where(item.c.id == row.id).values(rank=day - 10_000_000 * row.urgent))
