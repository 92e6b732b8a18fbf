"""The providers there are, for the console's choice: number, name, address, and what a channel of each must be told."""

from typing import Literal

from pydantic import BaseModel

from faregate.identity import Access, Reply, Router
from faregate.relay.providers import PROVIDERS, Provider

router = Router("/api/console/providers", "console")
Field = Literal["organization", "api_version", "responses_version", "beta_query", "routes"]
# What some providers are told beyond address and key, by channel type.
_FIELDS: dict[int, tuple[Field, ...]] = {
    3: ("api_version", "responses_version"),
    14: ("beta_query",),
    58: ("routes",),
}
_CUSTOM = 8  # its address is the whole URL
_COMPATIBLE: tuple[Field, ...] = ("organization",)


class ProviderView(BaseModel):
    """One provider. `address`: what a channel of it may say of its address (`whole`: the URL of the chat endpoint).

    `needs_key`: false where there is no account. `lists_models`: its models can be fetched. `fields`: what else it
    takes.
    """

    type: int
    name: str
    base_url: str
    dialects: list[str]
    address: Literal["optional", "required", "whole", "none"]
    needs_key: bool
    lists_models: bool
    fields: list[Field]


@router.get("", access=Access.ADMIN, permission="channel.read")
async def providers() -> Reply[list[ProviderView]]:
    """Every provider this gateway speaks to, by number."""
    return Reply(data=[_view(one) for one in sorted(PROVIDERS, key=lambda one: one.type)])


def _view(provider: Provider) -> ProviderView:
    is_local = provider.local is not None
    return ProviderView(
        type=provider.type,
        name=provider.name,
        base_url=provider.base_url,
        dialects=list(provider.dialects),
        address=_address(provider),
        needs_key=not is_local,
        lists_models=is_local or bool(provider.models_path) or provider.speaks is not None,
        fields=list(_fields(provider)),
    )


def _address(provider: Provider) -> Literal["optional", "required", "whole", "none"]:
    if provider.local is not None:
        return "none"
    if provider.base_url:
        return "optional"
    return "whole" if provider.type == _CUSTOM else "required"


def _fields(provider: Provider) -> tuple[Field, ...]:
    if "openai_responses" in provider.dialects and provider.local is None and provider.models_path:
        return _COMPATIBLE
    return _FIELDS.get(provider.type, ())
