"""Where a mail was put, whether it was too big to be read whole, how often it was replayed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mail_ledger") as table:
        table.add_column(sa.Column("replays", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("placed", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("oversize", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Where settled mails were put before this was noted.
    op.execute("UPDATE mail_ledger SET placed = 'Automatique' WHERE settled_at IS NOT NULL AND outcome = 'automatic'")
    op.execute("UPDATE mail_ledger SET placed = 'Quarantaine' WHERE settled_at IS NOT NULL AND outcome = 'failed'")
    op.execute(
        "UPDATE mail_ledger SET placed = (SELECT folder FROM feedback_item WHERE feedback_item.id = mail_ledger.item_id)"
        " WHERE settled_at IS NOT NULL AND item_id IS NOT NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table("mail_ledger") as table:
        table.drop_column("oversize")
        table.drop_column("placed")
        table.drop_column("replays")
