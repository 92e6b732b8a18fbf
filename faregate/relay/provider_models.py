"""Asking providers which models they offer."""

from typing import Any
from urllib.parse import quote

import msgspec

from faregate.channels.snapshot import ChannelView
from faregate.kernel.egress import Deadlines, Egress
from faregate.kernel.egress import Request as Outgoing
from faregate.kernel.errors import BadRequest, Garbage, Refused
from faregate.relay.providers import BY_TYPE, Provider, Target
from faregate.relay.providers.openai import OPENAI
from faregate.relay.routes import Mode

_PATH = "/v1/models"
_DEADLINES = Deadlines(connect_s=10, first_byte_s=30, idle_s=30, total_s=60)
_LARGEST_BYTES = 16 << 20
_MOST_PAGES = 100


class _Listed(msgspec.Struct):
    """A model in OpenAI's and Anthropic's lists (`id`) or in Google's (`name`)."""

    id: str = ""
    name: str = ""


class _List(msgspec.Struct):
    data: list[_Listed] = []
    models: list[_Listed] = []
    nextPageToken: str = ""


class ProviderModels:
    """Fetches model lists."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    async def fetch(self, channel: ChannelView) -> list[str]:
        """Names of the models, trimmed, each once. Raises UpstreamFailure, or BadRequest where there is no list."""
        provider = BY_TYPE.get(channel.type, OPENAI)
        if provider.local is not None:
            return list(provider.models)
        target = _target(channel, provider)
        url = _address(target, provider)
        headers = _headers(target, provider)
        names: dict[str, None] = {}
        page = ""
        for _ in range(_MOST_PAGES):
            listed = await self._page(channel, url + page, headers)
            found = (one.id or one.name.removeprefix("models/") for one in (*listed.data, *listed.models))
            names.update((name.strip(), None) for name in found if name.strip())
            if not listed.nextPageToken:
                break
            page = f"?pageToken={quote(listed.nextPageToken, safe='')}"
        return list(names)

    async def _page(self, channel: ChannelView, url: str, headers: list[tuple[str, str]]) -> _List:
        outgoing = Outgoing("GET", url, headers, proxy=channel.behaviour.proxy, deadlines=_DEADLINES)
        async with await self._egress.send(outgoing) as answer:
            body = await answer.read(_LARGEST_BYTES)
        if answer.head.status != 200:
            status = answer.head.status
            raise Refused(f"The model list could not be fetched: the provider answered {status}.", status=status)
        try:
            return msgspec.json.decode(body, type=_List)
        except msgspec.MsgspecError as error:
            raise Garbage("The model list could not be fetched: the answer is not a list of models.") from error


def _target(channel: ChannelView, provider: Provider) -> Target:
    if not channel.credentials:
        raise BadRequest("The channel has no key that is on.")
    if not channel.base_url and (channel.type not in BY_TYPE or not provider.base_url):
        raise BadRequest("The channel has no address to ask.", param="base_url")
    return Target(
        channel=channel,
        credential=channel.credentials[0],
        model="",
        mode=Mode.MODELS,
        dialect=provider.dialects[0] if provider.dialects else "openai_chat",
        stream=False,
        action="",
        path=_PATH,
        query=(),
        defaults={},
    )


def _address(target: Target, provider: Provider) -> str:
    if provider.speaks is not None:
        return provider.address(target)  # its own routes say where the list is
    if not provider.models_path:
        raise BadRequest("Providers of this type have no model list.", param="type")
    return (target.channel.base_url or provider.base_url).rstrip("/") + provider.models_path


def _headers(target: Target, provider: Provider) -> list[tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    given: list[tuple[str, Any]] = [("Accept", "application/json"), *provider.sign(target)]
    given += target.channel.header_override.items()
    for name, value in given:
        if not value.startswith("{client_header:"):
            found[name.lower()] = (name, value.replace("{api_key}", target.credential.secret))
    return list(found.values())
