"""Which settings are secrets: those that are declared so, and those whose name says so."""

from faregate.storage import SettingsStore

SECRET_ENDINGS = ("Token", "Secret", "Key", "secret", "api_key")


def is_secret_setting(settings: SettingsStore, key: str) -> bool:
    """True for a setting whose value is never shown, in no list and in no history."""
    return key.endswith(SECRET_ENDINGS) or settings.is_secret(key)
