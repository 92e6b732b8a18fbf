"""Code that Google ran for an answer, in words for clients that know no such part."""

import msgspec
from msgspec import Struct

from faregate.formats.turn import Opaque


class _Code(Struct):
    language: str | None = None
    code: str | None = None


class _Outcome(Struct):
    output: str | None = None


class _CodePart(Struct, rename="camel"):
    executable_code: _Code | None = None
    code_execution_result: _Outcome | None = None


_PART = msgspec.json.Decoder(_CodePart)


def code_words(part: Opaque) -> str:
    """Fenced code, or its fenced output; "" for any other part."""
    try:
        found = _PART.decode(part.raw)
    except msgspec.MsgspecError:
        return ""
    if found.executable_code is not None:
        return _fenced(found.executable_code.language or "", found.executable_code.code or "")
    if found.code_execution_result is not None:
        return _fenced("output", found.code_execution_result.output or "")
    return ""


def _fenced(label: str, text: str) -> str:
    """A fence stands on lines of its own, wherever clients put it between other words."""
    return f"\n```{label}\n{text.rstrip()}\n```\n"
