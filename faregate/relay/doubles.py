"""Bodies that name a field twice: decoders differ in which one they take, and what is priced must be what runs."""

import msgspec
from msgspec import Raw

from faregate.kernel.errors import BadRequest


class _Key:
    """A name as it stands in the body. Compared by identity, so that a mapping of them keeps every pair."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def _key(_: type, name: str) -> _Key:
    return _Key(name)


_PAIRS = msgspec.json.Decoder(dict[_Key, Raw], dec_hook=_key)


def undoubled(body: bytes) -> bytes:
    """The very body, or, where a top-level field is named twice, one with the last of each: the one that we read.

    Values keep their exact bytes. Raises BadRequest for what is no JSON object.
    """
    try:
        pairs = _PAIRS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the request body is not a JSON object: {error}") from error
    found = {key.name: value for key, value in pairs.items()}
    return body if len(found) == len(pairs) else msgspec.json.encode(found)
