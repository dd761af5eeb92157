"""Who speaks in a conversation, each change of it, which agents are there, and what visitors say of the exchange."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MOMENTS = ("waiting_since", "taken_at", "wrote_at", "answered_at", "seen_at", "typing_at")


def upgrade() -> None:
    with op.batch_alter_table("conversation") as table:
        table.alter_column("speaker", new_column_name="state", existing_type=sa.String(10), existing_nullable=False)
        table.add_column(sa.Column("agent_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("reason", sa.String(20), nullable=True))
        table.add_column(sa.Column("typing", sa.String(10), nullable=True))
        for name in MOMENTS:
            table.add_column(sa.Column(name, MOMENT, nullable=True))
    # Nobody could be waiting before: no agent could answer.
    op.execute("UPDATE conversation SET state = 'bot'")
    op.create_index("ix_conversation_state_waiting_since", "conversation", ["state", "waiting_since"])
    op.create_table(
        "conversation_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_step")),
    )
    op.create_index(op.f("ix_conversation_step_conversation_id"), "conversation_step", ["conversation_id"])
    op.create_index(op.f("ix_conversation_step_at"), "conversation_step", ["at"])
    op.create_table(
        "agent_presence",
        sa.Column("agent_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("after_hours", sa.Boolean(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agent_presence")),
    )
    op.create_table(
        "survey_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=False),
        sa.Column("comprehension", sa.Double(), nullable=True),
        sa.Column("with_agent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answer")),
    )
    op.create_index(op.f("ix_survey_answer_answered_on"), "survey_answer", ["answered_on"])


def downgrade() -> None:
    for name in ("survey_answer", "agent_presence", "conversation_step"):
        op.drop_table(name)
    op.drop_index("ix_conversation_state_waiting_since", "conversation")
    with op.batch_alter_table("conversation") as table:
        for name in (*MOMENTS, "typing", "reason", "agent_id"):
            table.drop_column(name)
        table.alter_column("state", new_column_name="speaker", existing_type=sa.String(10), existing_nullable=False)
