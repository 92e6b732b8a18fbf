"""Which models are served: identity's `Offer` on the routing index."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels.models import ENABLED, Channel, ServedModel
from faregate.identity import Served, Server

# From a model's name and the types of the channels that serve it, best first, to New API's endpoint types.
EndpointTypes = Callable[[str, Iterable[int]], Sequence[str]]


class ChannelOffer:
    """Reads the routing index. What a channel of some type speaks is told by `endpoint_types`."""

    def __init__(self, endpoint_types: EndpointTypes = lambda model, types: ()) -> None:
        self._endpoint_types = endpoint_types

    async def models(self, session: AsyncSession, groups: Sequence[str]) -> list[str]:
        """Names of the models that enabled channels serve to any of `groups`, without repetition."""
        found = select(ServedModel.model).where(ServedModel.group.in_(groups)).distinct().order_by(ServedModel.model)
        return list((await session.execute(found)).scalars())

    async def served(self, session: AsyncSession) -> list[Served]:
        """Every model that enabled channels serve, by name."""
        found = (
            select(ServedModel.model, ServedModel.group, Channel.type)
            .join(Channel, Channel.id == ServedModel.channel_id)
            .where(Channel.status == ENABLED)
            .group_by(ServedModel.model, ServedModel.group, Channel.type)
            .order_by(ServedModel.model, func.max(Channel.priority).desc(), func.min(Channel.id))
        )
        groups: dict[str, dict[str, None]] = {}
        types: dict[str, dict[int, None]] = {}
        for model, group, type in await session.execute(found):
            groups.setdefault(model, {})[group] = None
            types.setdefault(model, {})[type] = None
        return [
            Served(model, tuple(sorted(groups[model])), tuple(self._endpoint_types(model, types[model])))
            for model in groups
        ]

    async def servers(self, session: AsyncSession, models: Sequence[str]) -> Mapping[str, Sequence[Server]]:
        """The enabled channels that serve each of `models`, best first; models that nothing serves are left out."""
        if not models:
            return {}
        query = (
            select(ServedModel.model, Channel.id, Channel.name, ServedModel.group)
            .join(Channel, Channel.id == ServedModel.channel_id)
            .where(Channel.status == ENABLED, ServedModel.model.in_(models))
            .order_by(ServedModel.model, Channel.priority.desc(), Channel.id, ServedModel.group)
        )
        groups: dict[str, dict[tuple[int, str], list[str]]] = {}
        for model, ident, name, group in await session.execute(query):
            groups.setdefault(model, {}).setdefault((ident, name), []).append(group)
        return {
            model: [Server(ident, name, tuple(names)) for (ident, name), names in channels.items()]
            for model, channels in groups.items()
        }
