"""To whom a code was mailed: the file read afterwards must be of the same person."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("identity_code") as table:
        table.add_column(sa.Column("owner", sa.String(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("identity_code") as table:
        table.drop_column("owner")
