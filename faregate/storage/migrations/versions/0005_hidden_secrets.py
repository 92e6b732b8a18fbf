"""The history of settings forgets the values of keys whose name says that they are secrets.

Revision: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ENDINGS = ("Token", "Secret", "Key", "secret", "api_key")
_CHANGE = sa.table(
    "setting_change", sa.column("key"), sa.column("before"), sa.column("after"), sa.column("is_secret", sa.Boolean())
)


def upgrade() -> None:
    """Forward."""
    connection = op.get_bind()
    # Compared here and not by LIKE, to which some engines' capitals are the same as small letters.
    for key in connection.scalars(sa.select(_CHANGE.c.key).distinct()).all():
        if key.endswith(_ENDINGS):
            blank = sa.update(_CHANGE).where(_CHANGE.c.key == key)
            connection.execute(blank.values(before=None, after=None, is_secret=True))


def downgrade() -> None:
    """Back: what was forgotten does not return."""
