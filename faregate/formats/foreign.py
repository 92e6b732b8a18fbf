"""Taking out of a request what other dialects' models thought or sealed, for an upstream of the request's own dialect.

What that is, each dialect says in its own `foreign.py`. Only the way down to it is decoded: all else keeps its exact
bytes and its place, and what has not the expected form is left to the upstream's judgement.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import Raw

from faregate.kernel.body import fields

PACKED = b'"fg1.'  # how a packed seal begins in JSON (see seal.py)
NOTHING = Raw()
Edit = Callable[[Raw], Raw | None]  # the very value when it may stay as it is, None when it may not go up
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_ITEMS = msgspec.json.Decoder(list[Raw])
_TEXT = msgspec.json.Decoder(str)
_Value = TypeVar("_Value")


def edited(body: bytes, name: str, edit: Edit) -> bytes:
    """The body with the items of its list `name` edited; the very body when that changes none of them."""
    found = fields(body)
    kept = edited_items(found.get(name, NOTHING), edit)
    return body if kept is None else msgspec.json.encode({**found, name: kept})


def edited_items(raw: Raw, edit: Edit) -> list[Raw] | None:
    """The items that are left of a list; None when every one stays as it is, or when `raw` is no list."""
    items = items_of(raw)
    kept = [edit(item) for item in items]
    if all(after is before for after, before in zip(kept, items, strict=True)):
        return None
    return [item for item in kept if item is not None]


def items_of(raw: Raw) -> list[Raw]:
    """The items of a list; none when `raw` is something else."""
    return _decoded(_ITEMS, raw, [])


def fields_of(raw: Raw) -> dict[str, Raw]:
    """The fields of an object; none when `raw` is something else."""
    return _decoded(_FIELDS, raw, {})


def text_of(raw: Raw) -> str:
    """The content of a string; "" when `raw` is something else."""
    return _decoded(_TEXT, raw, "")


def encoded(value: object) -> Raw:
    """The JSON of a value that is put in another's place."""
    return Raw(msgspec.json.encode(value))


def _decoded(decoder: msgspec.json.Decoder[_Value], raw: Raw, otherwise: _Value) -> _Value:
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return otherwise
