"""Which models are served."""

from faregate.channels.models import DISABLED, Channel, ServedModel
from faregate.channels.offer import ChannelOffer
from faregate.identity import Served
from faregate.storage import Database


async def test_served_models_name_groups_and_types_of_enabled_channels_best_first(database: Database) -> None:
    async with database.write() as session:
        session.add_all(
            [Channel(id=1, type=1), Channel(id=2, type=14, priority=5), Channel(id=3, type=24, status=DISABLED)]
        )
        for group, model, channel_id in (
            ("vip", "b", 1),
            ("default", "b", 2),
            ("default", "a", 1),
            ("default", "c", 3),
        ):
            session.add(ServedModel(group=group, model=model, channel_id=channel_id))
    offer = ChannelOffer(lambda model, types: [f"{model}-{type}" for type in types])
    async with database.read() as session:
        assert await offer.served(session) == [
            Served("a", ("default",), ("a-1",)),
            Served("b", ("default", "vip"), ("b-14", "b-1")),
        ]
