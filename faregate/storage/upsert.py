"""Insert or add, insert or keep, in each engine's own words: one statement, so two who are first do not collide."""

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


def insert_or_keep(backend: str, table: Table, key: Sequence[str]) -> Any:
    """An INSERT into `table` that leaves the row with this unique `key` as it is, if there is one."""
    if backend in ("mysql", "mariadb"):
        # Not IGNORE, which only shares the lock of the row that is there: two who then change it would deadlock.
        return mysql.insert(table).on_duplicate_key_update({name: table.c[name] for name in key})
    upsert = _postgresql(table) if backend == "postgresql" else sqlite.insert(table)
    return upsert.on_conflict_do_nothing(index_elements=key)


def _postgresql(table: Table) -> Any:
    # Here, for its dialect takes 2 MB; the other two are loaded anyway, by the options of our tables.
    from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415

    return insert(table)
