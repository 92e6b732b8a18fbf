"""The keys of a channel that has several: their states, switching and removing them, by their place in the list."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels.credentials import arrange, credentials_of, usable
from faregate.channels.models import AUTO_DISABLED, DISABLED, ENABLED, Channel, Credential
from faregate.channels.repository import get_channel
from faregate.channels.rules import check_sensitive
from faregate.channels.schemas import KeyAction, KeyState, KeyStates
from faregate.identity import Caller, Context, record
from faregate.kernel.errors import BadRequest, Conflict
from faregate.storage import Topic, bump

LOOK = "get_key_status"
_DEFAULT_SIZE, _LARGEST_SIZE = 50, 1000


async def keys_of(session: AsyncSession, channel_id: int, *, locked: bool = False) -> tuple[Channel, list[Credential]]:
    """A channel with several keys, and they. Raises NotFound or BadRequest."""
    channel = await get_channel(session, channel_id, locked=locked)
    if not channel.is_multi_key:
        raise BadRequest("This channel does not have several keys.", param="channel_id")
    return channel, await credentials_of(session, channel_id)


async def look(session: AsyncSession, asked: KeyAction) -> KeyStates:
    """A page of states; a page too far is the last."""
    _, keys = await keys_of(session, asked.channel_id)
    picked = [row for row in keys if asked.status in (None, 0, row.status)]
    size = min(asked.page_size, _LARGEST_SIZE) if asked.page_size > 0 else _DEFAULT_SIZE
    pages = max(1, -(-len(picked) // size))
    page = min(max(1, asked.page), pages)
    return KeyStates(
        keys=[_state(row) for row in picked[(page - 1) * size : page * size]],
        total=len(picked),
        page=page,
        page_size=size,
        total_pages=pages,
        enabled_count=_count(keys, ENABLED),
        manual_disabled_count=_count(keys, DISABLED),
        auto_disabled_count=_count(keys, AUTO_DISABLED),
    )


def _count(keys: Sequence[Credential], status: int) -> int:
    return sum(row.status == status for row in keys)


def _state(row: Credential) -> KeyState:
    return KeyState(
        index=row.position,
        status=row.status,
        disabled_time=row.disabled_at or None,
        reason=row.disabled_reason or None,
        key_preview=row.hint,
    )


async def act(context: Context, session: AsyncSession, caller: Caller, asked: KeyAction) -> tuple[str, int | None]:
    """Do something to keys: what to say of it, and a count where the wire has one. Raises the refusals."""
    channel, keys = await keys_of(session, asked.channel_id, locked=True)
    count: int | None = None
    match asked.action:
        case "disable_key":
            _set(_picked(keys, asked), DISABLED, context.now())
            said = "The key is off."
        case "enable_key":
            _set(_picked(keys, asked), ENABLED, context.now())
            said = "The key is on."
        case "disable_all_keys":
            said = f"{_switch_all(usable(keys), DISABLED, context.now())} keys are off."
        case "enable_all_keys":
            off = [row for row in keys if row.status != ENABLED]
            said = f"{_switch_all(off, ENABLED, context.now(), may_be_none=True)} keys are on."
        case "delete_key":
            check_sensitive(caller, "keys")
            await _delete(session, keys, [_picked(keys, asked)])
            said = "The key is gone."
        case "delete_disabled_keys":
            check_sensitive(caller, "keys")
            count = await _delete(session, keys, [row for row in keys if row.status == AUTO_DISABLED])
            said = f"{count} keys are gone."
        case _:
            raise BadRequest(f"There is no action {asked.action[:40]!r}.", param="action")
    await session.flush()
    bump(session, Topic.CHANNELS)
    text = f"{asked.action} on channel {channel.name} (id {channel.id}): {said}"
    await record(context, session, caller, "channel.multi_key_manage", text, id=channel.id, action=asked.action)
    return said, count


def _picked(keys: Sequence[Credential], asked: KeyAction) -> Credential:
    if asked.key_index is None or not 0 <= asked.key_index < len(keys):
        raise BadRequest(f"key_index must be between 0 and {len(keys) - 1}.", param="key_index")
    return keys[asked.key_index]


def _set(row: Credential, status: int, now: int) -> None:
    row.status = status
    row.disabled_reason = ""
    row.disabled_at = 0 if status == ENABLED else now


def _switch_all(keys: Sequence[Credential], status: int, now: int, *, may_be_none: bool = False) -> int:
    if not keys and not may_be_none:
        raise Conflict("There is no key to switch.")
    for row in keys:
        _set(row, status, now)
    return len(keys)


async def _delete(session: AsyncSession, keys: Sequence[Credential], gone: Sequence[Credential]) -> int:
    if not gone:
        raise Conflict("There is no key to remove.")
    leaving = {row.id for row in gone}
    staying = [row for row in keys if row.id not in leaving]
    if not staying:
        raise Conflict("The last key of a channel stays.")
    await arrange(session, keys, staying)
    return len(leaving)
