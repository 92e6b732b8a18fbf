"""What each of one's keys has used since a moment, from the hourly sums."""

from sqlalchemy import func, select

from faregate.identity import Access, ByCaller, InContext, Reply, Router
from faregate.kernel.errors import BadRequest
from faregate.logbook.writer import rollup

router = Router("/api/console/keys", "keys")
_LONGEST_S = 32 * 86_400


@router.get("/usage", access=Access.USER)
async def usage_by_key(caller: ByCaller, context: InContext, since: int) -> Reply[dict[int, int]]:
    """Quota by key, from the hour in which `since` (unix seconds) lies; keys that used nothing are left out."""
    if since < context.now() - _LONGEST_S:
        raise BadRequest("since must not lie more than 32 days back.", param="since")
    query = (
        select(rollup.c.key_id, func.sum(rollup.c.charge))
        .where(rollup.c.hour >= since - since % 3600, rollup.c.user_id == caller.id)
        .group_by(rollup.c.key_id)
    )
    async with context.database.read() as session:
        return Reply(data={key_id: int(charge) for key_id, charge in await session.execute(query)})
