"""Other ways in than the mailbox: files of forms, what was typed in, what was imported."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("compressed", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_attachment_file")),
    )
    op.create_table(
        "feedback_origin",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("postal_address", sa.String(length=500), nullable=False),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.Column("entered_by", sa.String(length=200), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_id", sa.String(length=120), nullable=True),
        sa.Column("declared", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["feedback_item.id"], name=op.f("fk_feedback_origin_item_id_feedback_item"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_feedback_origin")),
        sa.UniqueConstraint("source_id", name=op.f("uq_feedback_origin_source_id")),
    )
    op.create_index(op.f("ix_feedback_origin_service"), "feedback_origin", ["service"])
    # A column with a constant default is added in place: nothing that refers to the items is rebuilt.
    op.add_column("feedback_item", sa.Column("answered_elsewhere", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(op.f("ix_feedback_item_message_id"), "feedback_item", ["message_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_feedback_item_message_id"), table_name="feedback_item")
    op.drop_column("feedback_item", "answered_elsewhere")
    op.drop_index(op.f("ix_feedback_origin_service"), table_name="feedback_origin")
    op.drop_table("feedback_origin")
    op.drop_table("attachment_file")
