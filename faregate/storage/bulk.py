"""Statements that run all the time: compiled once for each kind of database, then run by the driver itself.

SQLAlchemy makes parameters of every row and a key of every statement, each time: most of the cost of a write.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import UpdateBase

Row = tuple[Any, ...]


class _Compiled(NamedTuple):
    sql: str
    arrange: Callable[[Row], Row]


class Bulk:
    """A write of rows, whose values have the names and the order of `names` (two or more) and the driver's own types.

    `statement` may be a function of the dialect's name. State: what it was compiled to, by that name.
    """

    def __init__(self, statement: UpdateBase | Callable[[str], UpdateBase], *names: str) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, _Compiled] = {}

    async def execute(self, connection: AsyncConnection, rows: Sequence[Row]) -> int:
        """Write the rows, at least one. The number of rows touched, where there was only one to write."""
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = self._compile(dialect)
        arranged = list(map(compiled.arrange, rows))
        return (await connection.exec_driver_sql(compiled.sql, arranged)).rowcount

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = self._statement(dialect.name) if callable(self._statement) else self._statement
        compiled: Any = statement.compile(dialect=dialect, column_keys=self._names, for_executemany=True)
        places = [self._names.index(name) for name in compiled.positiontup]
        return _Compiled(str(compiled), itemgetter(*places))
