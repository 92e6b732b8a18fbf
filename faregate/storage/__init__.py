"""The database under every room: engine, sessions, tables' base, typed settings sections, the revision bus.

Promises: one writer per process on SQLite, every write in one transaction that is either committed or raises, and a
revision row that tells every other process what changed.
"""

from faregate.storage.engine import Database, database_url
from faregate.storage.revision import Bus, Topic, bump
from faregate.storage.sections import Section, SettingsStore, option
from faregate.storage.tables import Base, BigId, Identity, Json, LongText

__all__ = [
    "Base",
    "BigId",
    "Bus",
    "Database",
    "Identity",
    "Json",
    "LongText",
    "Section",
    "SettingsStore",
    "Topic",
    "bump",
    "database_url",
    "option",
]
