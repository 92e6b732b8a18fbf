"""Which models providers offer: asked with a channel's own key, or with credentials that are not saved yet.

And the models everybody knows by name, a shipped table.
"""

import json
from pathlib import Path

import msgspec
from msgspec import structs

from faregate.channels.credentials import credentials_of, split_secrets
from faregate.channels.doors import ModelFetcher
from faregate.channels.models import Channel
from faregate.channels.repository import get_channel
from faregate.channels.rules import ADVANCED_CUSTOM, SANDBOX, SANDBOX_KEY, check_secret
from faregate.channels.schemas import KnownModel, ModelQuestion
from faregate.channels.snapshot import ChannelView, CredentialView, view
from faregate.identity import Context
from faregate.kernel.errors import BadRequest

# owned_by -> names; New API's list of November 2026, first owner first.
_KNOWN = msgspec.json.decode(
    Path(__file__).with_name("data").joinpath("known_models.json").read_bytes(), type=dict[str, list[str]]
)
_ENDPOINTS = {
    "claude": ["anthropic", "openai"],
    "google gemini": ["gemini", "openai"],
    "sandbox": ["openai", "openai-response", "anthropic", "gemini", "embeddings"],
}


def known_models() -> list[KnownModel]:
    """Every model of the shipped table once, under its first owner."""
    owners: dict[str, str] = {}
    for owner, names in _KNOWN.items():
        for name in names:
            owners.setdefault(name, owner)
    return [
        KnownModel(id=name, owned_by=owner, supported_endpoint_types=_ENDPOINTS.get(owner, ["openai"]))
        for name, owner in owners.items()
    ]


async def fetch_saved(context: Context, fetcher: ModelFetcher, channel_id: int) -> list[str]:
    """The models that the provider of a channel offers. Raises NotFound, BadRequest or UpstreamFailure."""
    async with context.database.read() as session:
        channel = await get_channel(session, channel_id)
        seen = view(channel, await credentials_of(session, channel_id), context.vault)
    return await fetcher.fetch(seen)


async def fetch_unsaved(context: Context, fetcher: ModelFetcher, asked: ModelQuestion) -> list[str]:
    """The models a provider offers to these credentials. Raises BadRequest or UpstreamFailure."""
    if asked.channel_id:
        if asked.type != ADVANCED_CUSTOM:
            raise BadRequest("channel_id goes with custom channels only.", param="channel_id")
        return await fetcher.fetch(await _with_saved_key(context, asked))
    lines = split_secrets(asked.key) if asked.key.strip() else []
    secret = lines[0] if lines else SANDBOX_KEY if asked.type == SANDBOX else ""
    check_secret(asked.type, secret)
    return await fetcher.fetch(_described(context, asked, secret))


async def _with_saved_key(context: Context, asked: ModelQuestion) -> ChannelView:
    """The description of the question with the key (and, where it has none, the address) of a saved channel."""
    async with context.database.read() as session:
        channel = await get_channel(session, asked.channel_id)
        saved = view(channel, await credentials_of(session, channel.id), context.vault)
    described = _described(context, asked, asked.key.strip())
    if asked.key.strip():
        return described
    if asked.base_url not in ("", saved.base_url):
        raise BadRequest("A saved key is only sent to the saved address; give a key.", param="base_url")
    return structs.replace(described, base_url=saved.base_url, credentials=saved.credentials)


def _described(context: Context, asked: ModelQuestion, secret: str) -> ChannelView:
    headers = asked.header_override
    row = Channel(
        id=0, type=asked.type, name="", status=1, base_url=asked.base_url, models="", groups="", priority=0, weight=0,
        auto_ban=0, other="", created_at=0, is_multi_key=False, multi_key_mode="",
        setting=json.dumps({"proxy": asked.proxy}),
        settings=json.dumps({"advanced_custom": asked.advanced_custom or {}}),
        header_override=headers if isinstance(headers, str) else json.dumps(headers or {}),
    )  # fmt: skip
    return structs.replace(view(row, (), context.vault), credentials=(CredentialView(0, 0, secret),))
