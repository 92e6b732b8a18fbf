"""Run-time settings of the relay: failover, retries, affinity, the rules of single dialects."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, field_validator

from faregate.storage import Section, option

DEFAULT_RETRY_RANGES = "100-199,300-399,401-407,409-499,500-503,505-523,525-599"
_PASSED_BY_CODEX = [
    "Originator", "Session_id", "Thread_id", "Session-Id", "Thread-Id", "X-Client-Request-Id", "User-Agent",
    "X-Codex-Beta-Features", "X-Codex-Turn-State", "X-Codex-Turn-Metadata", "X-Codex-Window-Id",
    "X-Codex-Parent-Thread-Id", "X-OpenAI-Subagent", "X-OpenAI-Memgen-Request",
    "X-ResponsesAPI-Include-Timing-Metrics", "X-OpenAI-Internal-Codex-Responses-Lite",
]  # fmt: skip
_PASSED_BY_CLAUDE = [
    "X-Stainless-Arch", "X-Stainless-Lang", "X-Stainless-Os", "X-Stainless-Package-Version",
    "X-Stainless-Retry-Count", "X-Stainless-Runtime", "X-Stainless-Runtime-Version", "X-Stainless-Timeout",
    "User-Agent", "X-App", "Anthropic-Beta", "Anthropic-Dangerous-Direct-Browser-Access", "Anthropic-Version",
]  # fmt: skip


def status_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """`401,409-499` as pairs. Raises ValueError for anything that is not statuses between 100 and 599."""
    found: list[tuple[int, int]] = []
    for part in text.replace("，", ",").split(","):
        if not part.strip():
            continue
        bounds = re.fullmatch(r"\s*(\d{3})\s*(?:-\s*(\d{3})\s*)?", part)
        if not bounds:
            raise ValueError(f"{part.strip()!r} is neither a status nor a range such as 500-503")
        low, high = int(bounds[1]), int(bounds[2] or bounds[1])
        if not 100 <= low <= high <= 599:
            raise ValueError(f"{part.strip()!r} is not between 100 and 599")
        found.append((low, high))
    return tuple(found)


class RoutingSettings(Section):
    """Failover between channels."""

    title: ClassVar[str] = "Routing"
    help: ClassVar[str] = "How often a failed call is tried on another channel, and after which answers."

    retry_times: int = option("RetryTimes", 3, "Further channels to try after a failure", ge=0, le=100)
    retry_statuses: str = option(
        "AutomaticRetryStatusCodes", DEFAULT_RETRY_RANGES, "Upstream statuses after which another channel is tried"
    )
    auto_disable: bool = option("AutomaticDisableChannelEnabled", False, "Switch off channels that fail for good")
    disable_statuses: str = option("AutomaticDisableStatusCodes", "401", "Statuses that mean a channel fails for good")
    disable_keywords: str = option(
        "AutomaticDisableKeywords",
        "\n".join(
            (
                "Your credit balance is too low",
                "This organization has been disabled.",
                "You exceeded your current quota",
                "Permission denied",
                "The security token included in the request is invalid",
                "Operation not allowed",
                "Your account is not authorized",
            )
        ),
        "Words of an upstream's refusal that mean the same, one a line",
    )
    pass_through: bool = option("global.pass_through_request_enabled", False, "Send bodies on unchanged")

    @field_validator("retry_statuses", "disable_statuses")
    @classmethod
    def _ranges(cls, text: str) -> str:
        status_ranges(text)
        return text


class KeySource(BaseModel):
    """Where an affinity key is found."""

    model_config = ConfigDict(frozen=True)
    type: str
    key: str = ""
    path: str = ""


class AffinityRule(BaseModel):
    """Which calls stick together, and by what."""

    model_config = ConfigDict(frozen=True)
    name: str
    model_regex: tuple[str, ...] = ()
    path_regex: tuple[str, ...] = ()
    user_agent_include: list[str] = []
    key_sources: list[KeySource] = []
    value_regex: str = ""
    ttl_seconds: int = 0
    param_override_template: dict[str, Any] | None = None
    skip_retry_on_failure: bool = False
    include_using_group: bool = False
    include_model_name: bool = False
    include_rule_name: bool = False


def _pass_headers(names: list[str]) -> dict[str, Any]:
    return {"operations": [{"mode": "pass_headers", "value": names, "keep_origin": True}]}


def _default_rules() -> list[AffinityRule]:
    return [
        AffinityRule(
            name="codex cli trace",
            model_regex=("^gpt-.*$",),
            path_regex=("/v1/responses",),
            key_sources=[KeySource(type="gjson", path="prompt_cache_key")],
            param_override_template=_pass_headers(_PASSED_BY_CODEX),
            skip_retry_on_failure=True,
            include_using_group=True,
            include_rule_name=True,
        ),
        AffinityRule(
            name="claude cli trace",
            model_regex=("^claude-.*$",),
            path_regex=("/v1/messages",),
            key_sources=[KeySource(type="gjson", path="metadata.user_id")],
            param_override_template=_pass_headers(_PASSED_BY_CLAUDE),
            skip_retry_on_failure=True,
            include_using_group=True,
            include_rule_name=True,
        ),
    ]


class AffinitySettings(Section):
    """Calls of one session prefer one credential, so that the provider's prompt cache is used."""

    title: ClassVar[str] = "Affinity"
    help: ClassVar[str] = "Which calls belong together. A preference only: it never outlives its channel's health."

    enabled: bool = option("channel_affinity_setting.enabled", True, "Keep sessions on one channel")
    rules: list[AffinityRule] = option("channel_affinity_setting.rules", _default_rules(), "Rules, first match wins")


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    return pattern


class ResponsesPolicy(BaseModel):
    """Which chat calls are sent to a channel's Responses endpoint instead."""

    model_config = ConfigDict(frozen=True)
    enabled: bool = False
    all_channels: bool = True
    channel_ids: list[int] = []
    channel_types: list[int] = []
    model_patterns: list[Annotated[str, AfterValidator(_compiles)]] = []


class DialectSettings(Section):
    """Rules of single dialects."""

    title: ClassVar[str] = "Dialects"
    help: ClassVar[str] = "What is filled in when a request is written in another dialect."

    claude_default_max_tokens: dict[str, int] = option(
        "claude.default_max_tokens", {"default": 8192}, "Claude: max_tokens where a client gave none, by model"
    )
    claude_budget_share: float = option(
        "claude.thinking_adapter_budget_tokens_percentage",
        0.8,
        "Claude: share of max_tokens that is for thinking",
        gt=0,
        le=1,
    )
    claude_headers: dict[str, dict[str, list[str]]] = option(
        "claude.model_headers_settings", {}, "Claude: headers added for a model"
    )
    gemini_safety: dict[str, str] = option(
        "gemini.safety_settings", {"default": "OFF"}, "Gemini: threshold by category, or default"
    )
    gemini_versions: dict[str, str] = option(
        "gemini.version_settings", {"default": "v1beta", "gemini-1.0-pro": "v1"}, "Gemini: API version by model"
    )
    gemini_image_models: list[str] = option(
        "gemini.supported_imagine_models",
        [
            "gemini-2.0-flash-exp-image-generation", "gemini-2.0-flash-exp", "gemini-3-pro-image-preview",
            "gemini-3-pro-image", "gemini-2.5-flash-image", "gemini-3.1-flash-image", "gemini-3.1-flash-image-preview",
        ],
        "Gemini: models that answer with pictures",
    )  # fmt: skip
    gemini_signature: bool = option(
        "gemini.function_call_thought_signature_enabled", True, "Gemini: mark calls that carry no signature"
    )
    responses_policy: ResponsesPolicy = option(
        "global.chat_completions_to_responses_policy", ResponsesPolicy(), "Chat calls that go to a Responses endpoint"
    )


SECTIONS: tuple[type[Section], ...] = (RoutingSettings, AffinitySettings, DialectSettings)
