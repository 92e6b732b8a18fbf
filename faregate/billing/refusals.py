"""Telling a record that no database takes from a database that takes none at the moment."""

from sqlalchemy.exc import IntegrityError

from faregate.storage.unstorable import is_unstorable


def refuses_record(error: BaseException) -> bool:
    """True when the fault is a record's own. Everything else passes, however long it lasts: the words are kept."""
    return isinstance(error, Exception) and (isinstance(error, IntegrityError) or is_unstorable(error))
