"""Write the next file of faregate/storage/migrations/versions from the difference between the models and the schema.

    python scripts/make_migration.py "keys know their country"    the next number, after the files that are there
    python scripts/make_migration.py --first                      0001 anew, while no release has carried it

The difference is taken on SQLite; types that other engines spell differently are written by our own names. Read the
file before it is committed: data are yours to move.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

import faregate.app  # noqa: F401 # pyright: ignore[reportUnusedImport] - every room's tables
from faregate.storage import Base, Database, database_url
from faregate.storage.migrate import migrate

VERSIONS = Path(__file__).parent.parent / "faregate" / "storage" / "migrations" / "versions"
_OURS = {
    "sa.Text().with_variant(mysql.LONGTEXT(), 'mariadb').with_variant(mysql.LONGTEXT(), 'mysql')": "LongText",
    "faregate.storage.tables.Json()": "LongText",
    "sa.BigInteger().with_variant(sa.Integer(), 'sqlite')": "BigId",
}
_TEMPLATE = '''"""{title}

Revision: {number}
"""

import sqlalchemy as sa
from alembic import op

from faregate.storage.tables import BigId, LongText

revision = "{number}"
down_revision = {previous!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    {forward}


def downgrade() -> None:
    """Back."""
    {back}
'''


def main(arguments: list[str]) -> None:
    """Write the file and say where it is."""
    if len(arguments) != 1 or not arguments[0].strip():
        sys.exit(__doc__)
    is_first = arguments[0] == "--first"
    title = "The first schema." if is_first else arguments[0].strip().rstrip(".").capitalize() + "."
    found = [] if is_first else sorted(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))
    number = f"{len(found) + 1:04}"
    forward, back = asyncio.run(difference(with_present=not is_first))
    name = "first" if is_first else re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    path = VERSIONS / f"{number}_{name}.py"
    previous = found[-1] if found else None
    path.write_text(_TEMPLATE.format(title=title, number=number, previous=previous, forward=forward, back=back))
    subprocess.run([sys.executable, "-m", "ruff", "check", "--quiet", "--fix", str(path)], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)
    sys.stdout.write(f"{path}\n")


async def difference(*, with_present: bool) -> tuple[str, str]:
    """The bodies of upgrade and downgrade, from the present schema (or from nothing) to the models."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(database_url("", Path(folder)))
        try:
            if with_present:
                await migrate(database)
            async with database.engine.connect() as connection:
                return await connection.run_sync(_bodies, with_present)
        finally:
            await database.close()


def _bodies(connection: Connection, with_present: bool) -> tuple[str, str]:
    context = MigrationContext.configure(connection, opts={"target_metadata": Base.metadata, "compare_type": True})
    script = produce_migrations(context, Base.metadata)
    # SQLite changes a table by copying it; what makes new tables needs no copies.
    forward, back = (
        _body(render_python_code(found, render_as_batch=with_present, migration_context=context))
        for found in (script.upgrade_ops, script.downgrade_ops)
        if found is not None
    )
    return forward, back if with_present else _drop_all()


def _drop_all() -> str:
    return "\n    ".join(f"op.drop_table({table.name!r})" for table in reversed(Base.metadata.sorted_tables))


def _body(code: str) -> str:
    code = re.sub(r"^ *# ###.*$", "", code, flags=re.MULTILINE)
    for theirs, ours in _OURS.items():
        code = code.replace(theirs, ours)
    return code.strip()


if __name__ == "__main__":
    main(sys.argv[1:])
