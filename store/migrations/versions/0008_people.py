"""Roles, second factor, sign-in by a provider, known devices, one-time links; the history, with the triggers that guard it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COVERED = "EXISTS (SELECT 1 FROM history WHERE what = 'purge' AND number > OLD.number AND {upto} >= OLD.number)"
TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER history_never_changes BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'history lines never change'); END",
        "CREATE TRIGGER history_never_shrinks BEFORE DELETE ON history WHEN OLD.at > datetime('now', '-180 days') OR NOT "
        + COVERED.format(upto="CAST(substr(before, instr(before, '-') + 1) AS INTEGER)")
        + " BEGIN SELECT RAISE(ABORT, 'history lines leave by ecoute purge only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION history_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN "
        "IF OLD.at <= now() - interval '180 days' AND "
        + COVERED.format(upto="CAST(split_part(before, '-', 2) AS INTEGER)")
        + " THEN RETURN OLD; END IF; RAISE EXCEPTION 'history lines leave by ecoute purge only'; END IF; "
        "RAISE EXCEPTION 'history lines never change'; END $$",
        "CREATE TRIGGER history_never_changes BEFORE UPDATE OR DELETE ON history FOR EACH ROW EXECUTE FUNCTION history_guard()",
        "CREATE TRIGGER history_never_shrinks BEFORE TRUNCATE ON history FOR EACH STATEMENT EXECUTE FUNCTION history_guard()",
    ),
}


def upgrade() -> None:
    with op.batch_alter_table("agent_account") as table:
        table.add_column(sa.Column("role", sa.String(length=20), nullable=False, server_default="agent"))
        table.add_column(sa.Column("scopes", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        table.add_column(sa.Column("unit", sa.String(length=200), nullable=False, server_default=""))
        table.add_column(sa.Column("subject", sa.String(length=255), nullable=True))
        table.add_column(sa.Column("totp_secret", sa.Text(), nullable=True))
        table.add_column(sa.Column("totp_pending", sa.Text(), nullable=True))
        table.add_column(sa.Column("totp_step", sa.Integer(), nullable=True))
        table.create_unique_constraint(op.f("uq_agent_account_email"), ["email"])
        table.create_unique_constraint(op.f("uq_agent_account_subject"), ["subject"])
    # Sessions and failures live for hours: they begin anew.
    op.drop_table("agent_session")
    op.create_table(
        "agent_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("handle", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=80), nullable=False),
        sa.Column("id_token", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["agent_account.id"], name=op.f("fk_agent_session_account_id_agent_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_agent_session")),
        sa.UniqueConstraint("handle", name=op.f("uq_agent_session_handle")),
    )
    op.create_index(op.f("ix_agent_session_account_id"), "agent_session", ["account_id"])
    op.create_index(op.f("ix_agent_session_expires_at"), "agent_session", ["expires_at"])
    op.drop_table("login_failure")
    op.create_table(
        "login_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=100), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failure")),
    )
    op.create_index("ix_login_failure_login_at", "login_failure", ["login", "at"])
    op.create_index("ix_login_failure_network_at", "login_failure", ["network", "at"])
    op.create_table(
        "agent_device",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["agent_account.id"], name=op.f("fk_agent_device_account_id_agent_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_agent_device")),
    )
    op.create_index(op.f("ix_agent_device_account_id"), "agent_device", ["account_id"])
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["agent_account.id"], name=op.f("fk_recovery_code_account_id_agent_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"])
    op.create_table(
        "one_time_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["agent_account.id"], name=op.f("fk_one_time_link_account_id_agent_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_one_time_link")),
    )
    op.create_index(op.f("ix_one_time_link_account_id"), "one_time_link", ["account_id"])
    op.create_table(
        "history",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_history")),
    )
    for name in ("at", "person", "about"):
        op.create_index(op.f(f"ix_history_{name}"), "history", [name])
    for order in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(order)


def downgrade() -> None:
    op.drop_table("history")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION history_guard()")
    for name in ("one_time_link", "recovery_code", "agent_device", "login_failure", "agent_session"):
        op.drop_table(name)
    op.create_table(
        "login_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failure")),
    )
    op.create_index("ix_login_failure_login_at", "login_failure", ["login", "at"])
    op.create_table(
        "agent_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["agent_account.id"], name=op.f("fk_agent_session_account_id_agent_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_agent_session")),
    )
    op.create_index(op.f("ix_agent_session_account_id"), "agent_session", ["account_id"])
    op.create_index(op.f("ix_agent_session_expires_at"), "agent_session", ["expires_at"])
    with op.batch_alter_table("agent_account") as table:
        table.drop_constraint(op.f("uq_agent_account_email"), type_="unique")
        table.drop_constraint(op.f("uq_agent_account_subject"), type_="unique")
        for name in ("role", "scopes", "email", "unit", "subject", "totp_secret", "totp_pending", "totp_step"):
            table.drop_column(name)
