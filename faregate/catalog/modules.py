"""Pages that operators switch off or keep for people who signed in: the setting of the site's header.

The setting is JSON of module names to true, false, or `{"enabled", "requireAuth"}`; texts and numbers count as well.
What is missing or cannot be read is on and open.
"""

from typing import Any, NamedTuple

import msgspec

from faregate.catalog.settings import SiteSettings
from faregate.identity import AuthRefusal, Caller, Refusal
from faregate.storage import SettingsStore


class Gate(NamedTuple):
    """Whether a page is there, and whether one must have signed in to see it."""

    is_open: bool
    needs_sign_in: bool


class _Module(msgspec.Struct):
    enabled: Any = True
    requireAuth: Any = False


def gate(header_modules: str, module: str) -> Gate:
    """The gate of `module` under the text of the setting."""
    try:
        modules = msgspec.json.decode(header_modules, type=dict[str, Any]) if header_modules.strip() else {}
    except (msgspec.DecodeError, RecursionError):
        modules = {}
    value = modules.get(module, True)
    if isinstance(value, dict):
        both = msgspec.convert(value, _Module)
        return Gate(_is_on(both.enabled), _is_on(both.requireAuth))
    return Gate(_is_on(value), needs_sign_in=False)


def _is_on(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in ("true", "1")
    return value not in (False, 0, None)


def check_module(settings: SettingsStore, module: str, caller: Caller | None) -> None:
    """Raise Refusal where `module` is switched off, AuthRefusal where a visitor must sign in first."""
    found = gate(settings.get(SiteSettings).header_modules, module)
    if not found.is_open:
        raise Refusal(f"The page {module} is switched off.", status=403)
    if found.needs_sign_in and caller is None:
        raise AuthRefusal("AUTH_UNAUTHORIZED")
