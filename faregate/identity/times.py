"""Times as texts of the wire."""

from datetime import UTC, datetime


def rfc3339(seconds: int | None) -> str | None:
    """Unix seconds as `2026-01-31T12:00:00Z`."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
