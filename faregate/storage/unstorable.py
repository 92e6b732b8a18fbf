"""Telling a value that no column takes from a fault of ours or of the database."""

from sqlalchemy.exc import DataError, DBAPIError

_DATA_EXCEPTION = "22"  # the class of SQLSTATE for values that do not fit


def is_unstorable(error: Exception) -> bool:
    """True when the database refused a value for what it is: a number beyond 64 bits, or on PostgreSQL a NUL."""
    if isinstance(error, OverflowError):
        return "SQLite" in str(error)
    if not isinstance(error, DBAPIError):
        return False
    state: object = getattr(error.orig, "sqlstate", None)
    return isinstance(error, DataError) or str(state or "").startswith(_DATA_EXCEPTION)
