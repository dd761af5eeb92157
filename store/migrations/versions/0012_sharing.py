"""Sharing of messages between agents: ways of queues, what agents serve, absences, messages given back."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "queue_sharing",
        sa.Column("queue", sa.String(length=100), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("by_commitment", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_queue_sharing")),
    )
    op.create_table(
        "agent_sharing",
        sa.Column("agent_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agent_sharing")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_agent_id"), "absence", ["agent_id"])
    op.create_index(op.f("ix_absence_last_day"), "absence", ["last_day"])
    op.create_table(
        "given_back",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["feedback_item.id"], name=op.f("fk_given_back_item_id_feedback_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_back")),
    )
    op.create_index(op.f("ix_given_back_item_id"), "given_back", ["item_id"])
    op.create_index(op.f("ix_given_back_at"), "given_back", ["at"])


def downgrade() -> None:
    for table in ("given_back", "absence", "agent_sharing", "queue_sharing"):
        op.drop_table(table)
