"""The first schema.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op

from faregate.storage.tables import BigId, LongText

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "account",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("charged", sa.BigInteger(), nullable=False),
        sa.Column("pruned", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_account_kind_owner_id", "account", ["kind", "owner_id"], unique=True)
    op.create_table(
        "channel",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=191), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("base_url", sa.String(length=1024), nullable=False),
        sa.Column("models", LongText, nullable=False),
        sa.Column("groups", sa.String(length=1024), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=191), nullable=True),
        sa.Column("auto_ban", sa.Integer(), nullable=False),
        sa.Column("test_model", sa.String(length=255), nullable=True),
        sa.Column("model_mapping", LongText, nullable=True),
        sa.Column("status_code_mapping", LongText, nullable=True),
        sa.Column("param_override", LongText, nullable=True),
        sa.Column("header_override", LongText, nullable=True),
        sa.Column("openai_organization", sa.String(length=191), nullable=True),
        sa.Column("other", LongText, nullable=False),
        sa.Column("setting", LongText, nullable=True),
        sa.Column("settings", LongText, nullable=False),
        sa.Column("remark", sa.String(length=255), nullable=True),
        sa.Column("is_multi_key", sa.Boolean(), nullable=False),
        sa.Column("multi_key_mode", sa.String(length=16), nullable=False),
        sa.Column("balance", sa.Float(), nullable=False),
        sa.Column("balance_updated_at", sa.BigInteger(), nullable=False),
        sa.Column("used_quota", sa.BigInteger(), nullable=False),
        sa.Column("response_ms", sa.Integer(), nullable=False),
        sa.Column("tested_at", sa.BigInteger(), nullable=False),
        sa.Column("status_reason", LongText, nullable=False),
        sa.Column("status_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_channel_name"), "channel", ["name"], unique=False)
    op.create_index("ix_channel_priority_id", "channel", ["priority", "id"], unique=False)
    op.create_index(op.f("ix_channel_tag"), "channel", ["tag"], unique=False)
    op.create_index(op.f("ix_channel_type"), "channel", ["type"], unique=False)
    op.create_table(
        "credential",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sealed", LongText, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("disabled_reason", LongText, nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_credential_channel_id_position", "credential", ["channel_id", "position"], unique=True)
    op.create_index(op.f("ix_credential_digest"), "credential", ["digest"], unique=False)
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("setup_secret_digest", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=50), nullable=False),
        sa.Column("initialized_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "key",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.String(length=512), nullable=False),
        sa.Column("hint", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=191), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("accessed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("unlimited", sa.Boolean(), nullable=False),
        sa.Column("used_quota", sa.BigInteger(), nullable=False),
        sa.Column("model_limits_enabled", sa.Boolean(), nullable=False),
        sa.Column("model_limits", LongText, nullable=False),
        sa.Column("allow_ips", LongText, nullable=True),
        sa.Column("group", sa.String(length=64), nullable=False),
        sa.Column("cross_group_retry", sa.Boolean(), nullable=False),
        sa.Column("auto_groups", LongText, nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name=op.f("uq_key_digest")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_key_deleted_at"), "key", ["deleted_at"], unique=False)
    op.create_index(op.f("ix_key_name"), "key", ["name"], unique=False)
    op.create_index("ix_key_user_id_id", "key", ["user_id", "id"], unique=False)
    op.create_table(
        "lease",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.String(length=36), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("settled >= 0 AND settled <= granted AND held >= 0", name=op.f("ck_lease_sound")),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lease_account_id_worker_id", "lease", ["account_id", "worker_id"], unique=True)
    op.create_index(op.f("ix_lease_wanted"), "lease", ["wanted"], unique=False)
    op.create_index(op.f("ix_lease_worker_id"), "lease", ["worker_id"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", LongText, nullable=False),
        sa.Column("reference", sa.String(length=191), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference", name=op.f("uq_ledger_entry_reference")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledger_entry_account_id_id", "ledger_entry", ["account_id", "id"], unique=False)
    op.create_table(
        "record",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("settlement_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("username", sa.String(length=191), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("key_name", sa.String(length=191), nullable=False),
        sa.Column("model", sa.String(length=191), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("group", sa.String(length=64), nullable=False),
        sa.Column("charge", sa.BigInteger(), nullable=False),
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("allowance_id", sa.BigInteger(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("is_stream", sa.Boolean(), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("upstream_request_id", sa.String(length=191), nullable=False),
        sa.Column("content", LongText, nullable=False),
        sa.Column("other", LongText, nullable=False),
        sa.CheckConstraint("charge >= 0 OR settlement_id IS NULL", name=op.f("ck_record_charge")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("settlement_id", name=op.f("uq_record_settlement_id")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_record_channel_id_id", "record", ["channel_id", "id"], unique=False)
    op.create_index("ix_record_created_at_id", "record", ["created_at", "id"], unique=False)
    op.create_index("ix_record_key_id_id", "record", ["key_id", "id"], unique=False)
    op.create_index("ix_record_model_id", "record", ["model", "id"], unique=False)
    op.create_index(op.f("ix_record_request_id"), "record", ["request_id"], unique=False)
    op.create_index("ix_record_type_id", "record", ["type", "id"], unique=False)
    op.create_index("ix_record_user_id_type_id", "record", ["user_id", "type", "id"], unique=False)
    op.create_index(op.f("ix_record_username"), "record", ["username"], unique=False)
    op.create_table(
        "revision",
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rollup",
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(length=191), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("charge", sa.BigInteger(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "user_id", "key_id", "channel_id", "model"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "served_model",
        sa.Column("group", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=255), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("group", "model", "channel_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_served_model_channel_id"), "served_model", ["channel_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("refresh_digest", sa.String(length=64), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=False),
        sa.Column("rotated_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("auth_version", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=64), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=512), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoke_reason", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_session_expires_at"), "session", ["expires_at"], unique=False)
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"], unique=False)
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=191), nullable=False),
        sa.Column("value", LongText, nullable=False),
        sa.PrimaryKeyConstraint("key"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "spent_refresh",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("spent_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_spent_refresh_session_id"), "spent_refresh", ["session_id"], unique=False)
    op.create_index(op.f("ix_spent_refresh_spent_at"), "spent_refresh", ["spent_at"], unique=False)
    op.create_table(
        "user",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("username", sa.String(length=191), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("display_name", sa.String(length=191), nullable=False),
        sa.Column("email", sa.String(length=191), nullable=False),
        sa.Column("role", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=64), nullable=False),
        sa.Column("access_token_digest", sa.String(length=64), nullable=True),
        sa.Column("used_quota", sa.BigInteger(), nullable=False),
        sa.Column("request_count", sa.BigInteger(), nullable=False),
        sa.Column("aff_code", sa.String(length=32), nullable=True),
        sa.Column("aff_count", sa.Integer(), nullable=False),
        sa.Column("aff_quota", sa.BigInteger(), nullable=False),
        sa.Column("aff_history", sa.BigInteger(), nullable=False),
        sa.Column("inviter_id", sa.BigInteger(), nullable=True),
        sa.Column("setting", LongText, nullable=True),
        sa.Column("permissions", LongText, nullable=True),
        sa.Column("remark", sa.String(length=255), nullable=False),
        sa.Column("auth_version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_login_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("access_token_digest", name=op.f("uq_user_access_token_digest")),
        sa.UniqueConstraint("aff_code", name=op.f("uq_user_aff_code")),
        sa.UniqueConstraint("username", name=op.f("uq_user_username")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_user_deleted_at"), "user", ["deleted_at"], unique=False)
    op.create_index(op.f("ix_user_display_name"), "user", ["display_name"], unique=False)
    op.create_index(op.f("ix_user_email"), "user", ["email"], unique=False)
    op.create_index(op.f("ix_user_group"), "user", ["group"], unique=False)
    op.create_index(op.f("ix_user_inviter_id"), "user", ["inviter_id"], unique=False)
    op.create_table(
        "worker",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("node", sa.String(length=191), nullable=False),
        sa.Column("journal", sa.String(length=1024), nullable=False),
        sa.Column("writes", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_worker_deadline_at"), "worker", ["deadline_at"], unique=False)


def downgrade() -> None:
    """Back."""
    op.drop_table("worker")
    op.drop_table("user")
    op.drop_table("spent_refresh")
    op.drop_table("setting")
    op.drop_table("session")
    op.drop_table("served_model")
    op.drop_table("rollup")
    op.drop_table("revision")
    op.drop_table("record")
    op.drop_table("ledger_entry")
    op.drop_table("lease")
    op.drop_table("key")
    op.drop_table("installation")
    op.drop_table("credential")
    op.drop_table("channel")
    op.drop_table("account")
