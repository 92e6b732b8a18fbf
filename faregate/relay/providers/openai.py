"""OpenAI and every host that speaks its API at the same paths.

Source: OpenAI API reference, 2026-10; New API's channel types for the numbers and default addresses.
"""

from urllib.parse import urlencode

from faregate.relay.providers.base import Headers, Provider, Target, base_of, bearer
from faregate.relay.routes import Mode

_PATHS = {"openai_chat": "/v1/chat/completions", "openai_responses": "/v1/responses"}
_CLOUDFLARE_GATEWAY = "https://gateway.ai.cloudflare.com"


def path_of(target: Target) -> str:
    """The path of a call under the base address."""
    if target.mode is Mode.COMPLETE:
        return "/v1/completions"
    if target.mode is Mode.EMBED:
        return "/v1/embeddings"
    return _PATHS[target.dialect]


def _address(default: str):
    def address(target: Target) -> str:
        base = base_of(target, default)
        path = path_of(target)
        # Cloudflare's AI gateway has the version in its own base path.
        url = base + (path.removeprefix("/v1") if base.startswith(_CLOUDFLARE_GATEWAY) else path)
        return f"{url}?{urlencode(target.query)}" if target.query else url

    return address


def _sign(target: Target) -> Headers:
    organization = target.channel.organization
    return bearer(target) + ([("OpenAI-Organization", organization)] if organization else [])


def _compatible(type: int, name: str, base_url: str, owner: str = "openai") -> Provider:
    return Provider(
        type=type,
        name=name,
        owner=owner,
        dialects=("openai_chat", "openai_responses"),
        address=_address(base_url),
        sign=_sign,
        base_url=base_url,
        completes=True,
        embeds=("openai_chat",),
    )


def _custom_address(target: Target) -> str:
    return target.channel.base_url.replace("{model}", target.model)


OPENAI = _compatible(1, "OpenAI", "https://api.openai.com")
# Hosts with nothing of their own but an address.
COMPATIBLE = (
    _compatible(6, "OpenAIMax", "https://api.openaimax.com"),
    _compatible(7, "OhMyGPT", "https://api.ohmygpt.com"),
    _compatible(9, "AILS", "https://api.caipacity.com"),
    _compatible(10, "AIProxy", "https://api.aiproxy.io"),
    _compatible(12, "API2GPT", "https://api.api2gpt.com"),
    _compatible(13, "AIGC2D", "https://api.aigc2d.com"),
    _compatible(19, "360", "https://api.360.cn"),
    _compatible(22, "FastGPT", "https://fastgpt.run/api/openapi"),
    _compatible(31, "LingYiWanWu", "https://api.lingyiwanwu.com"),
    _compatible(47, "Xinference", ""),
)
# New API's type 8: the base address is the whole URL of the chat endpoint.
CUSTOM = Provider(
    type=8,
    name="Custom",
    owner="openai",
    dialects=("openai_chat",),
    address=_custom_address,
    sign=_sign,
    models_path="",
)
