"""Finding one's own keys, by name or by the key itself.

Keys are stored as digests, so a pattern on the key is tried on one's own keys opened one by one (their number is
limited), or on its hint where another master secret sealed it; the names are matched by the database.
"""

import re

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.context import Context
from faregate.identity.envelope import Paging, wildcards
from faregate.identity.keys import bare, opened
from faregate.identity.models import Key
from faregate.kernel.secrets import BadSecret, key_digest

Keys = Select[Key]


def own_keys(user_id: int) -> Keys:
    """The user's keys, newest first."""
    return select(Key).where(Key.user_id == user_id, Key.deleted_at.is_(None)).order_by(Key.id.desc())


async def page_of_keys(session: AsyncSession, keys: Keys, paging: Paging) -> tuple[int, list[Key]]:
    """How many there are, and one page of them."""
    total = await session.scalar(select(func.count()).select_from(keys.order_by(None).subquery())) or 0
    rows = await session.scalars(keys.offset(paging.offset).limit(paging.size))
    return total, list(rows)


async def search_keys(
    context: Context, session: AsyncSession, user_id: int, *, name: str, token: str, paging: Paging
) -> tuple[int, list[Key]]:
    """The user's keys whose name and key fit; exact unless a text contains `%`. Raises BadRequest for a bad pattern."""
    keys = own_keys(user_id)
    if name:
        pattern = wildcards(name)
        fits = Key.name == name if pattern is None else func.lower(Key.name).like(pattern.lower(), escape="!")
        keys = keys.where(fits)
    presented = bare(token)
    if not presented:
        return await page_of_keys(session, keys, paging)
    if wildcards(presented) is None:
        return await page_of_keys(session, keys.where(Key.digest == key_digest(presented)), paging)
    parts = [re.escape(part) for part in presented.split("%")]
    pattern_of_key = re.compile(".*".join(parts))
    found = [key for key in await session.scalars(keys) if pattern_of_key.fullmatch(_readable(context, key))]
    return len(found), found[paging.offset : paging.offset + paging.size]


def _readable(context: Context, key: Key) -> str:
    try:
        return opened(context, key)
    except BadSecret:
        return key.hint
