"""The record table's indexes end in time and id, so that any filter reads its newest rows without sorting.

Revision: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OLD = {
    "ix_record_user_id_type_id": ["user_id", "type", "id"],
    "ix_record_type_id": ["type", "id"],
    "ix_record_key_id_id": ["key_id", "id"],
    "ix_record_channel_id_id": ["channel_id", "id"],
    "ix_record_model_id": ["model", "id"],
}
_NEW = {
    "ix_record_user_id_created_at_id": ["user_id", "created_at", "id"],
    "ix_record_type_created_at_id": ["type", "created_at", "id"],
    "ix_record_key_id_created_at_id": ["key_id", "created_at", "id"],
    "ix_record_channel_id_created_at_id": ["channel_id", "created_at", "id"],
    "ix_record_model_created_at_id": ["model", "created_at", "id"],
}


def upgrade() -> None:
    """Forward."""
    _replace(_OLD, _NEW)


def downgrade() -> None:
    """Back."""
    _replace(_NEW, _OLD)


def _replace(old: dict[str, list[str]], new: dict[str, list[str]]) -> None:
    for name, columns in new.items():
        op.create_index(name, "record", columns, unique=False)
    for name in old:
        op.drop_index(name, table_name="record")
