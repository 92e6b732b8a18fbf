"""Azure OpenAI: deployments in the path, `api-key`, an API version in the query.

Source: Azure OpenAI REST reference, 2026-08.
"""

from urllib.parse import quote

from faregate.relay.providers.base import Headers, Provider, Target, base_of
from faregate.relay.routes import Mode

_TASKS = {Mode.COMPLETE: "completions", Mode.EMBED: "embeddings", Mode.GENERATE: "chat/completions"}
_DOTS_KEPT_SINCE = 1746835200  # 2025-05-10: deployments of channels made before have names without dots


def _version(target: Target) -> str:
    return dict(target.query).get("api-version") or target.channel.other or target.defaults["azure_api_version"]


def _address(target: Target) -> str:
    base = base_of(target, "")
    if target.dialect == "openai_responses" and target.mode is Mode.GENERATE:
        return _responses(base, target)
    created = target.channel.created_at
    model = target.model.replace(".", "") if 0 < created < _DOTS_KEPT_SINCE else target.model
    return f"{base}/openai/deployments/{quote(model)}/{_TASKS[target.mode]}?api-version={quote(_version(target))}"


def _responses(base: str, target: Target) -> str:
    chosen = target.channel.permissions.azure_responses_version
    if "cognitiveservices.azure.com" in base:
        return f"{base}/openai/responses?api-version={quote(chosen or _version(target))}"
    return f"{base}/openai/v1/responses?api-version={quote(chosen or 'preview')}"


def _sign(target: Target) -> Headers:
    return [("api-key", target.credential.secret)]


AZURE = Provider(
    type=3,
    name="Azure",
    owner="openai",
    dialects=("openai_chat", "openai_responses"),
    address=_address,
    sign=_sign,
    completes=True,
    embeds=("openai_chat",),
    models_path="",
)
