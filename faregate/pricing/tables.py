"""The JSON tables shipped with this room, decoded once at import."""

from pathlib import Path
from typing import TypeVar

from msgspec import json

T = TypeVar("T")

_DATA = Path(__file__).with_name("data")


def load(name: str, shape: type[T]) -> T:
    """The shipped table `data/<name>.json` as `shape`."""
    return json.decode((_DATA / f"{name}.json").read_bytes(), type=shape)
