"""Google's Gemini API (generateContent and embeddings).

Source: Gemini API reference, 2026-10.
"""

from urllib.parse import quote

from faregate.relay.providers.base import Headers, Provider, Target, base_of
from faregate.relay.routes import Mode

_BASE = "https://generativelanguage.googleapis.com"


def _address(target: Target) -> str:
    version = target.defaults.get(f"gemini:{target.model}") or target.defaults.get("gemini:default") or "v1beta"
    model = quote(target.model, safe="")
    where = f"{base_of(target, _BASE)}/{version}/models/{model}"
    if target.mode is Mode.EMBED:
        return f"{where}:{target.action or 'batchEmbedContents'}"
    if target.mode is Mode.COUNT:
        return f"{where}:countTokens"
    return f"{where}:streamGenerateContent?alt=sse" if target.stream else f"{where}:generateContent"


def _sign(target: Target) -> Headers:
    return [("x-goog-api-key", target.credential.secret)]


GEMINI = Provider(
    type=24,
    name="Gemini",
    owner="google gemini",
    dialects=("gemini",),
    address=_address,
    sign=_sign,
    base_url=_BASE,
    embeds=("gemini",),
    counts=True,
    models_path="/v1beta/models",
    endpoints=("gemini", "openai"),
)
