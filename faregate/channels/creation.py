"""Making channels: one, one for every key, one with many keys, or a copy of another."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels.credentials import credentials_of, hint, put_secrets, sealed, split_secrets, unsealed
from faregate.channels.models import DISABLED, ENABLED, Channel
from faregate.channels.repository import get_channel, reindex
from faregate.channels.rules import SANDBOX, SANDBOX_KEY, check_channel, check_secret
from faregate.channels.schemas import Creation, NewChannel
from faregate.identity import Caller, Context, record
from faregate.kernel.errors import BadRequest
from faregate.storage import Topic, bump

_NAME_LENGTH = 191
_PREFIX_LENGTH = 8
_DEFAULT_GROUP, _DEFAULT_TURN = "default", "random"


async def create(context: Context, session: AsyncSession, caller: Caller, asked: Creation) -> list[Channel]:
    """The channels that were made. Raises BadRequest."""
    if asked.mode not in ("single", "batch", "multi_to_single"):
        raise BadRequest("mode must be single, batch or multi_to_single.", param="mode")
    if asked.channel is None:
        raise BadRequest("channel is missing.", param="channel")
    given = asked.channel
    secrets = _secrets(given, asked.mode)
    if asked.mode == "multi_to_single":
        channels = [_row(given, context.now())]
        channels[0].is_multi_key = True
        channels[0].multi_key_mode = asked.multi_key_mode or _DEFAULT_TURN
        presented: Sequence[Sequence[str]] = [secrets]
    else:
        channels = [_row(given, context.now()) for _ in secrets]
        presented = [[secret] for secret in secrets]
        if asked.mode == "batch" and asked.batch_add_set_key_prefix_2_name:
            _name_after(channels, secrets)
    check_channel(channels[0])
    await _store(context, session, channels, presented)
    text = f"made {len(channels)} channels named {given.name or ''}" if len(channels) > 1 else _made(channels[0])
    count, kind = len(channels), given.type or 0
    await record(context, session, caller, "channel.create", text, count=count, name=given.name or "", type=kind)
    return channels


def _made(channel: Channel) -> str:
    return f"made channel {channel.name} (id {channel.id})"


def _secrets(given: NewChannel, mode: str) -> list[str]:
    text = given.key or ""
    if not text.strip() and given.type == SANDBOX:
        text = SANDBOX_KEY
    # The key of a single channel may have lines; those around it came with the copying.
    secrets = [text.strip()] if mode == "single" else split_secrets(text)
    if not secrets:
        raise BadRequest("key must not be empty.", param="key")
    for secret in secrets:
        check_secret(given.type or 0, secret)
    return secrets


def _row(given: NewChannel, now: int) -> Channel:
    return Channel(
        type=given.type or 0,
        name=given.name or "",
        status=DISABLED if given.status == DISABLED else ENABLED,
        base_url=given.base_url or "",
        models=given.models or "",
        groups=given.group or _DEFAULT_GROUP,
        priority=given.priority or 0,
        weight=given.weight or 0,
        tag=given.tag,
        auto_ban=1 if given.auto_ban is None else given.auto_ban,
        test_model=given.test_model,
        model_mapping=given.model_mapping,
        status_code_mapping=given.status_code_mapping or "",
        param_override=given.param_override,
        header_override=given.header_override,
        openai_organization=given.openai_organization,
        other=given.other or "",
        setting=given.setting,
        settings=given.settings or "",
        remark=given.remark,
        is_multi_key=False,
        created_at=now,
    )


def _name_after(channels: Sequence[Channel], secrets: Sequence[str]) -> None:
    """Each its own prefix; a short key shows no more of itself than its hint does."""
    for channel, secret in zip(channels, secrets, strict=True):
        prefix = hint(secret).removesuffix("...")[:_PREFIX_LENGTH]
        channel.name = f"{channel.name[: _NAME_LENGTH - _PREFIX_LENGTH - 1]} {prefix}".strip()


async def _store(
    context: Context, session: AsyncSession, channels: Sequence[Channel], presented: Sequence[Sequence[str]]
) -> None:
    session.add_all(channels)
    await session.flush()
    session.add_all(
        sealed(context.vault, channel.id, position, secret)
        for channel, secrets in zip(channels, presented, strict=True)
        for position, secret in enumerate(secrets)
    )
    await reindex(session, channels)
    bump(session, Topic.CHANNELS)


async def copy(
    context: Context, session: AsyncSession, caller: Caller, channel_id: int, *, suffix: str, reset_balance: bool
) -> Channel:
    """A copy of a channel with its keys, under another name; their states stay behind."""
    source = await get_channel(session, channel_id)
    twin = Channel(**{column.key: getattr(source, column.key) for column in Channel.__table__.columns})
    twin.id = None  # pyright: ignore[reportAttributeAccessIssue] - the database gives one
    twin.name = source.name[: _NAME_LENGTH - len(suffix)] + suffix
    twin.created_at, twin.tested_at, twin.response_ms = context.now(), 0, 0
    twin.test_failed_at, twin.test_failure = None, None
    if reset_balance:
        twin.balance, twin.balance_updated_at, twin.used_quota = 0, 0, 0
    session.add(twin)
    await session.flush()
    secrets = [unsealed(context.vault, row) for row in await credentials_of(session, source.id)]
    await put_secrets(session, context.vault, twin.id, secrets)
    await reindex(session, [twin])
    bump(session, Topic.CHANNELS)
    text = f"copied channel {source.name} (id {source.id}) to {twin.name} (id {twin.id})"
    await record(context, session, caller, "channel.copy", text, sourceId=source.id, id=twin.id, name=twin.name)
    return twin
