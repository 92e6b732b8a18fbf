"""Working with channels over the wire: their keys, tests, and the models their providers offer."""

from typing import Annotated

from fastapi import Path

from faregate.channels import keys
from faregate.channels.doors import ThroughDoors
from faregate.channels.schemas import KeyAction, KeyStates, ModelQuestion, ProbeAnswer, RoundStarted
from faregate.channels.upstream_models import fetch_saved, fetch_unsaved
from faregate.identity import Access, ByCaller, Done, InContext, Reply, Router

router = Router("/api/channel", "channels")
ChannelId = Annotated[int, Path(ge=0, le=2**62)]
_OPERATE, _SENSITIVE = "channel.operate", "channel.sensitive_write"


@router.post("/multi_key/manage", access=Access.ADMIN, permission=_OPERATE)
async def manage_keys(given: KeyAction, caller: ByCaller, context: InContext) -> Reply[KeyStates] | Reply[int] | Done:
    """Look at the keys of a channel, switch them, or remove them."""
    if given.action == keys.LOOK:
        caller.recorded = True  # looking leaves nothing in the audit log
        async with context.database.read() as session:
            return Reply(data=await keys.look(session, given))
    async with context.database.write() as session:
        said, count = await keys.act(context, session, caller, given)
    return Done(message=said) if count is None else Reply(message=said, data=count)


@router.get("/test", access=Access.ADMIN, permission=_OPERATE)
async def probe_all(caller: ByCaller, doors: ThroughDoors) -> Reply[RoundStarted]:
    """Begin to test all channels."""
    return Reply(data=doors.tests.start_round(caller))


@router.get("/test/{channel_id}", access=Access.ADMIN, permission=_OPERATE)
async def probe_one(
    channel_id: ChannelId,
    caller: ByCaller,
    doors: ThroughDoors,
    model: str = "",
    endpoint_type: str = "",
    stream: str = "",
) -> ProbeAnswer:
    """Make a tiny call to a channel."""
    is_stream = stream.lower() in ("true", "1")
    result = await doors.tests.test(channel_id, caller, model=model.strip(), endpoint=endpoint_type, stream=is_stream)
    return ProbeAnswer(
        success=result.success,
        message=result.message,
        time=round(result.time_s, 3),
        error_code=result.error_code or None,
    )


@router.get("/fetch_models/{channel_id}", access=Access.ADMIN, permission=_OPERATE)
async def fetch_models(channel_id: ChannelId, context: InContext, doors: ThroughDoors) -> Reply[list[str]]:
    """The models that the provider of a channel offers."""
    return Reply(data=await fetch_saved(context, doors.fetcher, channel_id))


@router.post("/fetch_models", access=Access.ADMIN, permission=_SENSITIVE, bad_body_status=400)
async def fetch_models_unsaved(given: ModelQuestion, context: InContext, doors: ThroughDoors) -> Reply[list[str]]:
    """The models that a provider offers to credentials that are not saved."""
    return Reply(data=await fetch_unsaved(context, doors.fetcher, given))
