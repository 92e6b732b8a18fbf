"""Testing channels: one at once, or all of them one after the other beside the requests.

A test of one channel changes no status. A test of all switches off what the operator's policy calls broken or slow,
and on again what was switched off by itself and works.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels.credentials import credentials_of
from faregate.channels.disabling import disable_credential
from faregate.channels.models import AUTO_DISABLED, DISABLED, ENABLED, Channel
from faregate.channels.repository import find_channel, get_channel
from faregate.channels.schemas import RoundStarted
from faregate.channels.settings import HealthSettings
from faregate.channels.snapshot import ChannelView, split_names, view
from faregate.channels.switching import switch
from faregate.identity import Caller, Context, Refusal
from faregate.kernel.errors import GatewayError
from faregate.kernel.ids import random_text
from faregate.kernel.log import get_logger

_LAST_RESORT = "gpt-4o-mini"
_FAILURE_LENGTH = 1000
_log = get_logger(__name__)


@dataclass(frozen=True)
class Probe:
    """What to ask a channel, and who does. Empty `model` and `endpoint` are chosen."""

    model: str
    endpoint: str = ""
    stream: bool = False
    user_id: int = 0
    username: str = ""
    group: str = ""


@dataclass(frozen=True)
class ProbeResult:
    """What came of it. `error_code` is New API's. `credential_id` was presented; `permanent`: refused for good."""

    success: bool
    message: str = ""
    time_s: float = 0
    error_code: str = ""
    credential_id: int = 0
    permanent: bool = False


class Prober(Protocol):
    """Makes a tiny real call to a channel. Nobody pays; the log shows it."""

    @property
    def switches_off(self) -> bool:
        """True when the operator wants what is broken switched off."""
        ...

    async def probe(self, channel: ChannelView, ask: Probe) -> ProbeResult:
        """The result, whatever it is."""
        ...


@dataclass
class _Outcome:
    tested: int = 0
    succeeded: int = 0
    failed: int = 0
    disabled: int = 0
    enabled: int = 0


def _outcome(result: ProbeResult, now: int) -> dict[str, object]:
    """What of a channel's row a test changes. A failure leaves the figures of the last test that passed."""
    if not result.success:
        return {"test_failed_at": now, "test_failure": result.message.replace("\0", "")[:_FAILURE_LENGTH]}
    return {
        "response_ms": int(result.time_s * 1000),
        "tested_at": now,
        "test_failed_at": None,
        "test_failure": None,
    }


class ChannelTests:
    """Tests channels. State: the test of all channels that is on its way in this process."""

    def __init__(self, context: Context, prober: Prober) -> None:
        self._context = context
        self._prober = prober
        self._round: asyncio.Task[None] | None = None

    async def test(
        self, channel_id: int, caller: Caller, *, model: str = "", endpoint: str = "", stream: bool = False
    ) -> ProbeResult:
        """Test one channel and keep how long it took, or why it failed. Raises NotFound."""
        asked = Probe(model, endpoint, stream, caller.id, caller.user.username, caller.user.group)
        return await self._probe(channel_id, asked)

    async def _probe(self, channel_id: int, asked: Probe) -> ProbeResult:
        context = self._context
        async with context.database.read() as session:
            channel = await get_channel(session, channel_id)
            seen = view(channel, await credentials_of(session, channel_id), context.vault)
        chosen = Probe(
            asked.model or channel.test_model or next(iter(split_names(channel.models)), _LAST_RESORT),
            asked.endpoint,
            asked.stream,
            asked.user_id,
            asked.username,
            asked.group,
        )
        result = await self._prober.probe(seen, chosen)
        async with context.database.write() as session:
            values = _outcome(result, context.now())
            await session.execute(update(Channel).where(Channel.id == channel_id).values(**values))
        return result

    def start_round(self, caller: Caller) -> RoundStarted:
        """Begin to test all channels. Raises Refusal with 409 while that is on its way already."""
        if self._round is not None and not self._round.done():
            raise Refusal("A test of all channels is on its way already.", status=409)
        asked = Probe("", user_id=caller.id, username=caller.user.username, group=caller.user.group)
        task_id = f"systask_{random_text(32)}"
        self._round = asyncio.create_task(self._test_all(asked, task_id), name="channel-tests")
        return RoundStarted(task_id=task_id, created_at=self._context.now())

    async def idle(self) -> None:
        """Return when no test of all channels is on its way."""
        if self._round is not None:
            await asyncio.gather(self._round, return_exceptions=True)

    async def stop(self) -> None:
        """End a test of all channels."""
        if self._round is not None:
            self._round.cancel()
        await self.idle()

    async def _test_all(self, asked: Probe, task_id: str) -> None:
        outcome = _Outcome()
        try:
            async with self._context.database.read() as session:
                rows = select(Channel.id).where(Channel.status != DISABLED).order_by(Channel.id)
                ids = list((await session.execute(rows)).scalars())
            for channel_id in ids:
                await self._test_in_round(channel_id, asked, outcome)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.error("channel.tests_broken_off", task=task_id, error=type(error).__name__)
        _log.info("channel.tests_done", task=task_id, **vars(outcome))

    async def _test_in_round(self, channel_id: int, asked: Probe, outcome: _Outcome) -> None:
        try:
            result = await self._probe(channel_id, asked)
        except GatewayError as error:
            # Removed meanwhile, or its key cannot be opened: the others are tested all the same.
            _log.warning("channel.not_tested", channel=channel_id, code=error.code)
            return
        except Exception as error:  # whatever is wrong with one channel, the others have their turn
            _log.error("channel.not_tested", channel=channel_id, error=type(error).__name__)
            return
        outcome.tested += 1
        outcome.succeeded += result.success
        outcome.failed += not result.success
        async with self._context.database.write() as session:
            channel = await find_channel(session, channel_id, locked=True)
            moved = await self._judge(session, channel, result) if channel else 0
        outcome.disabled += moved < 0
        outcome.enabled += moved > 0
        if moved:
            await self._context.bus.refresh()

    async def _judge(self, session: AsyncSession, channel: Channel, result: ProbeResult) -> int:
        """-1 when the channel or its key was switched off, 1 when it was switched on, else 0."""
        context = self._context
        settings = context.settings.get(HealthSettings)
        if channel.status == AUTO_DISABLED and result.success and settings.auto_enable:
            return await switch(session, [channel], ENABLED, context.now())
        if channel.status != ENABLED or not self._prober.switches_off:
            return 0
        if result.permanent:
            why = result.message
            return -int(await disable_credential(context, session, channel.id, result.credential_id, why))
        if result.success and channel.auto_ban == 1 and 0 < settings.slow_s < result.time_s:
            why = f"the test took {result.time_s:.1f} s, more than {settings.slow_s:g} s"
            return -await switch(session, [channel], AUTO_DISABLED, context.now(), why)
        return 0
