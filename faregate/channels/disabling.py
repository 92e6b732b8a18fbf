"""Switching off what a provider refuses for good: the credential, and the channel when none is left.

The relay tells of refusals while it serves; the switching happens beside the requests, once per credential.
"""

import asyncio

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels.credentials import credentials_of, unsealed, usable
from faregate.channels.models import AUTO_DISABLED, ENABLED, Channel, Credential
from faregate.channels.repository import find_channel
from faregate.channels.switching import switch
from faregate.identity import Context, LineType, LogLine
from faregate.kernel.errors import GatewayError
from faregate.kernel.log import get_logger
from faregate.storage import Topic, bump

NONE_LEFT = "All keys are disabled"
_MOST_AT_ONCE = 64
_REASON_LENGTH = 500
_log = get_logger(__name__)


async def disable_credential(
    context: Context, session: AsyncSession, channel_id: int, credential_id: int, reason: str
) -> bool:
    """Switch a credential off with reason and time, and its channel when it was the last one.

    False, and nothing happens, when the channel or the credential is gone or off already, or the channel's owner does
    not want it switched off by itself. Of a channel with one key, the channel itself is switched off.
    """
    channel = await find_channel(session, channel_id, locked=True)
    if channel is None or channel.status != ENABLED or channel.auto_ban != 1:
        return False
    keys = await credentials_of(session, channel_id)
    row = next((key for key in keys if key.id == credential_id), None)
    if row is None or row.status != ENABLED:
        return False
    reason = _told(context, row, reason)
    await _switch_off(session, channel, keys, row, reason, context.now())
    await _record(context, session, channel, row, reason)
    return True


def _told(context: Context, row: Credential, reason: str) -> str:
    """The reason without the secret: providers like to repeat what was presented."""
    secret = unsealed(context.vault, row)
    told = reason.replace(secret, "***") if secret else reason
    return told.replace("\0", "")[:_REASON_LENGTH]


async def _switch_off(
    session: AsyncSession, channel: Channel, keys: list[Credential], row: Credential, reason: str, now: int
) -> None:
    if not channel.is_multi_key:
        await switch(session, [channel], AUTO_DISABLED, now, reason)
        return
    row.status, row.disabled_reason, row.disabled_at = AUTO_DISABLED, reason, now
    await session.flush()
    bump(session, Topic.CHANNELS)
    if not usable(keys):
        await switch(session, [channel], AUTO_DISABLED, now, NONE_LEFT)


async def _record(context: Context, session: AsyncSession, channel: Channel, row: Credential, reason: str) -> None:
    what = f"key {row.position} of channel" if channel.is_multi_key else "channel"
    content = f"{what} {channel.name} (id {channel.id}) was switched off: {reason}"
    if channel.is_multi_key and channel.status != ENABLED:
        content += f". {NONE_LEFT}"
    await context.audit.write(session, LogLine(type=LineType.SYSTEM, user_id=0, username="", content=content))


class Disabler:
    """Switches credentials off in the background. State: the ones under way, of which there are never many."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._under_way: dict[int, asyncio.Task[None]] = {}

    def tell(self, channel_id: int, credential_id: int, reason: str) -> None:
        """A provider has refused this credential for good. Returns at once; repeats are ignored.

        When too many are under way this one is forgotten: its next refusal tells again.
        """
        if credential_id in self._under_way or len(self._under_way) >= _MOST_AT_ONCE:
            return
        task = asyncio.create_task(self._disable(channel_id, credential_id, reason))
        self._under_way[credential_id] = task
        task.add_done_callback(lambda _: self._under_way.pop(credential_id, None))

    async def idle(self) -> None:
        """Return when nothing is under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _disable(self, channel_id: int, credential_id: int, reason: str) -> None:
        context = self._context
        try:
            async with context.database.write() as session:
                done = await disable_credential(context, session, channel_id, credential_id, reason)
            if done:
                _log.warning("channel.disabled", channel=channel_id, credential=credential_id)
                await context.bus.refresh()
        except (SQLAlchemyError, GatewayError, OSError, TimeoutError) as error:
            _log.error("channel.not_disabled", channel=channel_id, error=type(error).__name__)
