"""Google reads field names in camelCase and in snake_case, and one object where a list of objects belongs.

This turns the second of each into the first. Only field names of Google's own objects are touched: arguments, answers
of functions, schemas and unknown top-level fields keep their bytes.
"""

import re

import msgspec
from msgspec import Raw

from faregate.formats.gemini.wire import FIELDS, start_of
from faregate.kernel.body import fields

_LOOSE_KEY = re.compile(rb'"(?:[a-z]+(?:_[a-z]+)+"\s*:|(?:contents|parts|tools|functionDeclarations)"\s*:\s*\{)')
_TOP = {
    "system_instruction": "systemInstruction",
    "generation_config": "generationConfig",
    "safety_settings": "safetySettings",
    "tool_config": "toolConfig",
    "cached_content": "cachedContent",
    "service_tier": "serviceTier",
}
_ITEMS = msgspec.json.Decoder(list[Raw])


class _Shape:
    """State: the objects below that are Google's own, by field name, and whether this one stands in a list."""

    __slots__ = ("inner", "listed")

    def __init__(self, *, listed: bool = False, **inner: "_Shape") -> None:
        self.inner = inner
        self.listed = listed


_LEAF = _Shape()
_LEAVES = _Shape(listed=True)
_PARTS = _Shape(
    listed=True,
    inlineData=_LEAF,
    fileData=_LEAF,
    functionCall=_LEAF,
    functionResponse=_Shape(parts=_Shape(listed=True, inlineData=_LEAF, fileData=_LEAF)),
    executableCode=_LEAF,
    codeExecutionResult=_LEAF,
    videoMetadata=_LEAF,
)
_SHAPES = {
    "contents": _Shape(listed=True, parts=_PARTS),
    "systemInstruction": _Shape(parts=_PARTS),
    "generationConfig": _Shape(thinkingConfig=_LEAF, imageConfig=_LEAF),
    "tools": _Shape(listed=True, functionDeclarations=_LEAVES),
    "toolConfig": _Shape(functionCallingConfig=_LEAF),
}


def camel(name: str) -> str:
    """`max_output_tokens` as `maxOutputTokens`."""
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest) if head else name


def canonical(body: bytes) -> dict[str, Raw]:
    """The top-level fields of a request, Google's own in their usual form. Raises BadRequest if it is no object."""
    found = fields(body)
    if not _LOOSE_KEY.search(body):
        return found
    named = {_TOP.get(name, name): value for name, value in found.items()}
    return {name: _usual(value, _SHAPES[name]) if name in _SHAPES else value for name, value in named.items()}


def _usual(value: Raw, shape: _Shape) -> Raw:
    if start_of(value) == b"[":
        return Raw(msgspec.json.encode([_renamed(item, shape) for item in _ITEMS.decode(value)]))
    found = _renamed(value, shape)
    return Raw(b"[%b]" % found) if shape.listed and start_of(found) == b"{" else found


def _renamed(value: Raw, shape: _Shape) -> Raw:
    if start_of(value) != b"{":
        return value
    named = {camel(name): inner for name, inner in FIELDS.decode(value).items()}
    inner = shape.inner
    return Raw(
        msgspec.json.encode(
            {name: _usual(item, inner[name]) if name in inner else item for name, item in named.items()}
        )
    )
