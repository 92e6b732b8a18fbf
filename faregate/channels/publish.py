"""From rows to the data plane's routing."""

from collections.abc import Sequence

from sqlalchemy import select

from faregate.channels.models import Channel, Credential
from faregate.channels.snapshot import ChannelView, Routing, build, view
from faregate.kernel.log import get_logger
from faregate.kernel.secrets import Vault
from faregate.storage import Database

_log = get_logger(__name__)


async def load_routing(database: Database, vault: Vault) -> Routing:
    """The routing of all channels in the database."""
    async with database.read() as session:
        channels = (await session.execute(select(Channel))).scalars().all()
        credentials = (await session.execute(select(Credential).order_by(Credential.position))).scalars().all()
    of_channel: dict[int, list[Credential]] = {}
    for credential in credentials:
        of_channel.setdefault(credential.channel_id, []).append(credential)
    views = (_view(channel, of_channel.get(channel.id, ()), vault) for channel in channels)
    return build(found for found in views if found is not None)


def _view(channel: Channel, credentials: Sequence[Credential], vault: Vault) -> ChannelView | None:
    """The channel for the data plane; None for a row that cannot be read, which must not take the others with it."""
    try:
        return view(channel, credentials, vault)
    except (ValueError, TypeError, OverflowError, RecursionError):
        _log.exception("channel.unreadable", channel=channel.id)
        return None
