"""Insert or add, in each engine's own words. One statement, so two writers who are first at once do not collide."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import mysql, sqlite


def insert_or_add(backend: str, table: Table, key: Sequence[str], sums: Sequence[str]) -> Any:
    """An INSERT into `table` that adds the columns `sums` to the row with this unique `key`, if there is one."""
    if backend in ("mysql", "mariadb"):
        adding = mysql.insert(table)
        return adding.on_duplicate_key_update({name: table.c[name] + adding.inserted[name] for name in sums})
    upsert = _postgresql(table) if backend == "postgresql" else sqlite.insert(table)
    added = {name: table.c[name] + upsert.excluded[name] for name in sums}
    return upsert.on_conflict_do_update(index_elements=key, set_=added)


def _postgresql(table: Table) -> Any:
    # Here, for its dialect takes 2 MB; the other two are loaded anyway, by the options of our tables.
    from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415

    return insert(table)
