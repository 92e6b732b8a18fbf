"""Why the last test of a channel failed.

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op

from faregate.storage.tables import LongText

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("channel", sa.Column("test_failed_at", sa.BigInteger(), nullable=True))
    op.add_column("channel", sa.Column("test_failure", LongText, nullable=True))


def downgrade() -> None:
    """Back."""
    op.drop_column("channel", "test_failure")
    op.drop_column("channel", "test_failed_at")
