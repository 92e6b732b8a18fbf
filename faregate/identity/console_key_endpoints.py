"""One's own API keys, for the console: finding, making, editing, switching. Reading a whole key is in key_endpoints."""

from typing import Literal

from pydantic import BaseModel, Field, StrictInt
from sqlalchemy import select

from faregate.identity.console_keys import ConsoleKey, KeyWish, State, fields_of, find_keys, revived, views
from faregate.identity.envelope import Page, Paged, Reply
from faregate.identity.keys import create_key, get_key, opened, switch_key, update_key
from faregate.identity.models import DISABLED, ENABLED, Key
from faregate.identity.routing import Access, ByCaller, InContext, Router
from faregate.kernel.errors import BadRequest, Conflict

router = Router("/api/console/keys", "keys")
_MOST = 1000


class MadeKey(BaseModel):
    """A new key; `key` with its `sk-`."""

    id: int
    key: str


class Switching(BaseModel):
    """Keys to be switched on or off."""

    ids: list[StrictInt] = Field(default_factory=list[int])
    on: bool = False


class Switched(BaseModel):
    """How many keys were switched, and the names of those that could not be: their time or amount is used up."""

    changed: int
    refused: list[str]


@router.get("", access=Access.USER)
async def list_keys(
    caller: ByCaller, context: InContext, paging: Paged, find: str = "", status: State | Literal[""] = ""
) -> Reply[Page[ConsoleKey]]:
    """One's own keys, newest first; by part of the name or the whole key, and by state."""
    async with context.database.read() as session:
        total, keys = await find_keys(context, session, caller.id, find=find, state=status, paging=paging)
    return paging.reply(total, keys)


@router.get("/{key_id}", access=Access.USER)
async def show_key(key_id: int, caller: ByCaller, context: InContext) -> Reply[ConsoleKey]:
    """One of one's own keys."""
    async with context.database.read() as session:
        return Reply(data=(await views(context, session, [await get_key(session, caller.id, key_id)]))[0])


@router.post("", access=Access.USER, no_cache=True)
async def make_key(given: KeyWish, caller: ByCaller, context: InContext) -> Reply[MadeKey]:
    """A new key, shown whole."""
    async with context.database.write() as session:
        fields = await fields_of(context, session, caller.user.group, given)
        key = await create_key(context, session, caller.id, fields)
        return Reply(data=MadeKey(id=key.id, key=f"sk-{opened(context, key)}"))


@router.put("/{key_id}", access=Access.USER)
async def edit_key(key_id: int, given: KeyWish, caller: ByCaller, context: InContext) -> Reply[ConsoleKey]:
    """Replace everything an owner decides; a key that had run out and has time and amount again is on again."""
    async with context.database.write() as session:
        key = await get_key(session, caller.id, key_id, locked=True)
        fields = await fields_of(context, session, caller.user.group, given, key)
        await update_key(context, session, caller.id, key, fields)
        key.status = revived(key, fields, context.now())
        return Reply(data=(await views(context, session, [key]))[0])


@router.post("/status", access=Access.USER)
async def switch_keys(given: Switching, caller: ByCaller, context: InContext) -> Reply[Switched]:
    """Switch one's own keys on or off; others are left out."""
    if not 1 <= len(given.ids) <= _MOST:
        raise BadRequest(f"ids must name 1 to {_MOST} keys.", param="ids")
    found = select(Key).where(Key.id.in_(given.ids), Key.user_id == caller.id, Key.deleted_at.is_(None))
    changed, refused = 0, list[str]()
    async with context.database.write() as session:
        for key in await session.scalars(found.order_by(Key.id).with_for_update()):
            try:
                await switch_key(context, session, key, ENABLED if given.on else DISABLED)
                changed += 1
            except Conflict:
                refused.append(key.name)
    return Reply(data=Switched(changed=changed, refused=refused))
