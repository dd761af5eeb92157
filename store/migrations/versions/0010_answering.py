"""Answers: drafts, what was sent, notes and mentions; outcome, reminder, promise and merging of an item."""

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ITEM = "fk_feedback_item_merged_into_id_feedback_item"


def upgrade() -> None:
    with op.batch_alter_table("feedback_item") as table:
        table.add_column(sa.Column("outcome", sa.String(20), nullable=True))
        table.add_column(sa.Column("remind_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("promised", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f(ITEM), "feedback_item", ["merged_into_id"], ["id"])
    # Who waited until now without a day is not waited for without end.
    items = sa.table("feedback_item", sa.column("status", sa.String), sa.column("remind_on", sa.Date))
    op.execute(items.update().where(items.c.status == "waiting").values(remind_on=date.today() + timedelta(days=15)))
    op.create_index(op.f("ix_feedback_item_remind_on"), "feedback_item", ["remind_on"])
    op.create_index(op.f("ix_feedback_item_merged_into_id"), "feedback_item", ["merged_into_id"])
    op.create_table(
        "answer_draft",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("means", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("author_name", sa.String(200), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["feedback_item.id"], name=op.f("fk_answer_draft_item_id_feedback_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_answer_draft")),
    )
    op.create_index(op.f("ix_answer_draft_state"), "answer_draft", ["state"])
    op.create_table(
        "sent_answer",
        sa.Column("exchange_id", sa.Integer(), nullable=False),
        sa.Column("means", sa.String(20), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("token", sa.String(40), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("batch", sa.String(32), nullable=False),
        sa.Column("undelivered", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.id"], name=op.f("fk_sent_answer_exchange_id_exchange"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("exchange_id", name=op.f("pk_sent_answer")),
        sa.UniqueConstraint("token", name=op.f("uq_sent_answer_token")),
    )
    op.create_table(
        "item_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("agent_name", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["feedback_item.id"], name=op.f("fk_item_note_item_id_feedback_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_note")),
    )
    op.create_index(op.f("ix_item_note_item_id"), "item_note", ["item_id"])
    op.create_table(
        "note_mention",
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["note_id"], ["item_note.id"], name=op.f("fk_note_mention_note_id_item_note"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("note_id", "agent_id", name=op.f("pk_note_mention")),
    )
    op.create_index("ix_note_mention_agent", "note_mention", ["agent_id", "seen_at"])


def downgrade() -> None:
    for table in ("note_mention", "item_note", "sent_answer", "answer_draft"):
        op.drop_table(table)
    op.drop_index(op.f("ix_feedback_item_merged_into_id"), table_name="feedback_item")
    op.drop_index(op.f("ix_feedback_item_remind_on"), table_name="feedback_item")
    with op.batch_alter_table("feedback_item") as table:
        table.drop_constraint(op.f(ITEM), type_="foreignkey")
        for name in ("merged_into_id", "promised", "remind_on", "outcome"):
            table.drop_column(name)
