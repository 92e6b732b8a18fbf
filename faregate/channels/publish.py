"""From rows to the data plane's routing."""

from sqlalchemy import select

from faregate.channels.models import Channel, Credential
from faregate.channels.snapshot import Routing, build, view
from faregate.kernel.secrets import Vault
from faregate.storage import Database


async def load_routing(database: Database, vault: Vault) -> Routing:
    """The routing of all channels in the database."""
    async with database.read() as session:
        channels = (await session.execute(select(Channel))).scalars().all()
        credentials = (await session.execute(select(Credential).order_by(Credential.position))).scalars().all()
    of_channel: dict[int, list[Credential]] = {}
    for credential in credentials:
        of_channel.setdefault(credential.channel_id, []).append(credential)
    return build(view(channel, of_channel.get(channel.id, ()), vault) for channel in channels)
