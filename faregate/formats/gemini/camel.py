"""Google reads every field name in camelCase and in snake_case; this turns the second into the first.

Only field names of Google's own objects are touched: arguments, answers of functions, schemas and unknown top-level
fields keep their bytes.
"""

import re

import msgspec
from msgspec import Raw

from faregate.formats.gemini.wire import FIELDS, start_of
from faregate.kernel.body import fields

_SNAKE_KEY = re.compile(rb'"[a-z]+(?:_[a-z]+)+"\s*:')
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
    """State: the objects below that are Google's own, by field name."""

    __slots__ = ("inner",)

    def __init__(self, **inner: "_Shape") -> None:
        self.inner = inner


_LEAF = _Shape()
_PART = _Shape(
    inlineData=_LEAF,
    fileData=_LEAF,
    functionCall=_LEAF,
    functionResponse=_Shape(parts=_Shape(inlineData=_LEAF, fileData=_LEAF)),
    executableCode=_LEAF,
    codeExecutionResult=_LEAF,
    videoMetadata=_LEAF,
)
_CONTENT = _Shape(parts=_PART)
_SHAPES = {
    "contents": _CONTENT,
    "systemInstruction": _CONTENT,
    "generationConfig": _Shape(thinkingConfig=_LEAF, imageConfig=_LEAF),
    "tools": _Shape(functionDeclarations=_LEAF),
    "toolConfig": _Shape(functionCallingConfig=_LEAF),
}


def camel(name: str) -> str:
    """`max_output_tokens` as `maxOutputTokens`."""
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest) if head else name


def canonical(body: bytes) -> dict[str, Raw]:
    """The top-level fields of a request, Google's own names in camelCase. Raises BadRequest if it is no object."""
    found = fields(body)
    if not _SNAKE_KEY.search(body):
        return found
    named = {_TOP.get(name, name): value for name, value in found.items()}
    return {name: _renamed(value, _SHAPES[name]) if name in _SHAPES else value for name, value in named.items()}


def _renamed(value: Raw, shape: _Shape) -> Raw:
    start = start_of(value)
    if start == b"[":
        return Raw(msgspec.json.encode([_renamed(item, shape) for item in _ITEMS.decode(value)]))
    if start != b"{":
        return value
    named = {camel(name): inner for name, inner in FIELDS.decode(value).items()}
    inner = shape.inner
    return Raw(
        msgspec.json.encode(
            {name: _renamed(item, inner[name]) if name in inner else item for name, item in named.items()}
        )
    )
