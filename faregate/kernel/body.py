"""Editing a JSON request without decoding it: every value not named keeps its exact bytes."""

import msgspec

from faregate.kernel.errors import BadRequest

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def fields(body: bytes) -> dict[str, msgspec.Raw]:
    """Top-level fields of a JSON object, values undecoded. Raises BadRequest for anything else."""
    try:
        return _FIELDS.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadRequest(f"the request body is not a JSON object: {error}") from error


def splice(body: bytes, *, remove: tuple[str, ...] = (), **edits: object) -> bytes:
    """Replace (or add) and remove top-level fields; all other values are copied as bytes (1.10 stays 1.10)."""
    found = fields(body)
    for name in remove:
        found.pop(name, None)
    for name, value in edits.items():
        found[name] = value if isinstance(value, msgspec.Raw) else msgspec.Raw(msgspec.json.encode(value))
    return msgspec.json.encode(found)
