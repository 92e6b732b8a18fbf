"""Tables of settings whose parts are not there yet: kept for clients that ask, and checked like those in use."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from faregate.kernel.errors import BadRequest
from faregate.storage import SettingsStore

_MOST = 2**31 - 1
Total = Annotated[int, Meta(ge=0, le=_MOST)]
Successes = Annotated[int, Meta(ge=1, le=_MOST)]
Ratio = Annotated[float, Meta(ge=0)]
# Key -> what its text must be; an empty text stands for none.
_TABLES: dict[str, msgspec.json.Decoder[Any]] = {
    "ModelRequestRateLimitGroup": msgspec.json.Decoder(dict[str, tuple[Total, Successes]]),
    "TopupGroupRatio": msgspec.json.Decoder(dict[str, Ratio]),
    "PayMethods": msgspec.json.Decoder(list[dict[str, str]]),
}


def kept_tables_can_be_read(_settings: SettingsStore, changes: Mapping[str, str]) -> None:
    """Raise BadRequest for a table that whoever comes to use it could not read."""
    for key, decoder in _TABLES.items():
        text = changes.get(key, "").strip()
        if not text:
            continue
        try:
            decoder.decode(text)
        except msgspec.ValidationError as error:
            raise BadRequest(f"{key}: {error}", param=key) from error
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadRequest(f"{key} is not valid JSON: {error}", param=key) from error
