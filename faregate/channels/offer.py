"""Which models are served: identity's `Offer` on the routing index."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels.models import ServedModel


class ChannelOffer:
    """Reads the routing index."""

    async def models(self, session: AsyncSession, groups: Sequence[str]) -> list[str]:
        """Names of the models that enabled channels serve to any of `groups`, without repetition."""
        found = select(ServedModel.model).where(ServedModel.group.in_(groups)).distinct().order_by(ServedModel.model)
        return list((await session.execute(found)).scalars())
