"""Mails to be sent; what was written and answered about an item; the language of a message and what an agent must know of it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(300), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("next_try", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_try", MOMENT, nullable=True),
        sa.Column("lease", sa.String(32), nullable=True),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("about", "purpose", name=op.f("uq_outbox_about")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(op.f("ix_outbox_recipient"), "outbox", ["recipient"])
    op.create_index("ix_outbox_state_next_try", "outbox", ["state", "next_try"])
    op.create_table(
        "outbox_file",
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_outbox_file_outbox_id_outbox"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("outbox_id", "place", name=op.f("pk_outbox_file")),
    )
    with op.batch_alter_table("feedback_item") as table:
        table.add_column(sa.Column("language", sa.String(8), nullable=False, server_default="fr"))
        table.add_column(sa.Column("flags", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("follows_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("not_acknowledged", sa.String(200), nullable=True))
        table.create_foreign_key(op.f("fk_feedback_item_follows_id_feedback_item"), "feedback_item", ["follows_id"], ["id"])
    op.create_table(
        "exchange",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(254), nullable=False),
        sa.Column("message_id", sa.String(500), nullable=True),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quoted", sa.Text(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("outgoing_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["feedback_item.id"], name=op.f("fk_exchange_item_id_feedback_item"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["outgoing_id"], ["outbox.id"], name=op.f("fk_exchange_outgoing_id_outbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange")),
        sa.UniqueConstraint("sha256", name=op.f("uq_exchange_sha256")),
    )
    op.create_index(op.f("ix_exchange_item_id"), "exchange", ["item_id"])


def downgrade() -> None:
    op.drop_table("exchange")
    with op.batch_alter_table("feedback_item") as table:
        table.drop_constraint(op.f("fk_feedback_item_follows_id_feedback_item"), type_="foreignkey")
        for name in ("not_acknowledged", "follows_id", "flags", "language"):
            table.drop_column(name)
    op.drop_table("outbox_file")
    op.drop_table("outbox")
