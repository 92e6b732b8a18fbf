"""The tables of the money path as plain tables: statements on them never pass through the ORM."""

from sqlalchemy import Table

from faregate.billing.models import Account, Entry, Lease, Worker
from faregate.channels.models import Channel
from faregate.identity.models import Key, User
from faregate.storage import Base


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


account, lease, entry, worker = _table(Account), _table(Lease), _table(Entry), _table(Worker)
user, key, channel = _table(User), _table(Key), _table(Channel)

__all__ = ["account", "channel", "entry", "key", "lease", "user", "worker"]
