"""The database under every room: engine, sessions, tables' base, typed settings sections, the revision bus.

Promises: one writer per process on SQLite, every write in one transaction that is either committed or raises, and a
revision row that tells every other process what changed.
"""

from faregate.storage.address import BadDatabaseAddress, database_url
from faregate.storage.bulk import Bulk
from faregate.storage.engine import Database
from faregate.storage.revision import Bus, Topic, bump, take_turn
from faregate.storage.sections import Section, SettingsStore, option
from faregate.storage.tables import Base, BigId, Identity, Json, LongText
from faregate.storage.upsert import insert_or_add, insert_or_keep
from faregate.storage.wakeups import Wakeups

__all__ = [
    "BadDatabaseAddress",
    "Base",
    "BigId",
    "Bulk",
    "Bus",
    "Database",
    "Identity",
    "Json",
    "LongText",
    "Section",
    "SettingsStore",
    "Topic",
    "Wakeups",
    "bump",
    "database_url",
    "insert_or_add",
    "insert_or_keep",
    "option",
    "take_turn",
]
