"""Anthropic's Messages API.

Source: Anthropic API reference, 2026-10. The client's `anthropic-version` and `anthropic-beta` headers pass; without
one, 2023-06-01 is sent, which accepts the sampling parameters of other dialects.
"""

from faregate.relay.providers.base import Headers, Provider, Target, base_of
from faregate.relay.routes import Mode

_BASE = "https://api.anthropic.com"
VERSION = "2023-06-01"


def _address(target: Target) -> str:
    path = "/v1/messages/count_tokens" if target.mode is Mode.COUNT else "/v1/messages"
    beta = ("beta", "true") in target.query or target.channel.permissions.claude_beta_query
    return f"{base_of(target, _BASE)}{path}{'?beta=true' if beta else ''}"


def _sign(target: Target) -> Headers:
    return [("x-api-key", target.credential.secret), ("anthropic-version", VERSION)]


ANTHROPIC = Provider(
    type=14,
    name="Anthropic",
    owner="claude",
    dialects=("anthropic",),
    address=_address,
    sign=_sign,
    base_url=_BASE,
    counts=True,
    endpoints=("anthropic", "openai"),
)
