"""What all tables share: the declarative base, 64-bit keys, JSON kept as text.

Times are unix seconds in 64-bit integers; money is quota in 64-bit integers.
"""

from typing import Annotated, Any, ClassVar

import msgspec
from sqlalchemy import BigInteger, Dialect, Integer, MetaData, Text
from sqlalchemy.dialects.mysql import LONGTEXT
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

# SQLite gives out row ids only for a column that is exactly INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")
LongText = Text().with_variant(LONGTEXT(), "mysql", "mariadb")

Identity = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]

_NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
}


class Base(DeclarativeBase):
    """Every table of the house."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {int: BigInteger}
    __table_args__: Any = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        "mysql_charset": "utf8mb4",
        "mysql_collate": "utf8mb4_bin",
        "sqlite_autoincrement": True,
    }


class Json(TypeDecorator[Any]):
    """A JSON value kept as text; None is SQL NULL."""

    impl = LongText
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To text."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """From text."""
        return None if value is None else msgspec.json.decode(value)
