"""Who answers: one file a provider, and the table of all of them by New API's channel type number."""

from collections.abc import Mapping

from faregate.relay.providers.advanced_custom import ADVANCED_CUSTOM
from faregate.relay.providers.anthropic import ANTHROPIC
from faregate.relay.providers.azure import AZURE
from faregate.relay.providers.base import Provider, Target
from faregate.relay.providers.gemini import GEMINI
from faregate.relay.providers.openai import COMPATIBLE, CUSTOM, OPENAI
from faregate.relay.providers.sandbox import SANDBOX

PROVIDERS: tuple[Provider, ...] = (
    OPENAI,
    AZURE,
    *COMPATIBLE,
    CUSTOM,
    ANTHROPIC,
    GEMINI,
    ADVANCED_CUSTOM,
    SANDBOX,
)
BY_TYPE: Mapping[int, Provider] = {provider.type: provider for provider in PROVIDERS}

__all__ = ["BY_TYPE", "PROVIDERS", "Provider", "Target"]
