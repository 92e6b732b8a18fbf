"""What is read of the Responses wire (OpenAI API reference, Responses, 2026-10): structs that name only that.

Fields that hosts fill oddly are `object` or `Raw` and looked at with care; everything else in a body is left alone.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import msgspec
from msgspec import Raw, Struct

from faregate.formats.frames import data_of
from faregate.formats.turn import DialectName
from faregate.kernel.errors import BadRequest

OWN: Final[DialectName] = "openai_responses"
MAX_TOKENS = 1_073_741_823
NO_RAW = Raw()
MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_PLACE = re.compile(r"(.*?) - at `\$\.?(.*)`$", re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:u[dD][89aAbB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
_LINE_FEED = 10
_Wire = TypeVar("_Wire")


class Audio(Struct):
    """Sound inside a content part."""

    data: str = ""
    format: str = ""


class Part(Struct):
    """One content part of a message or of a tool's output, going in or coming out."""

    type: str = ""
    text: str | None = None
    refusal: str | None = None
    image_url: Raw = NO_RAW
    video_url: Raw = NO_RAW
    detail: str | None = None
    file_id: str | None = None
    file_url: str | None = None
    file_data: str | None = None
    filename: str | None = None
    input_audio: Audio | None = None
    prompt_cache_breakpoint: Raw = NO_RAW


class Item(Struct):
    """One item of `input` or `output`."""

    type: str | None = None
    id: str | None = None
    role: str | None = None
    content: Raw = NO_RAW
    summary: Raw = NO_RAW
    encrypted_content: str | None = None
    call_id: str | None = None
    name: str | None = None
    namespace: str | None = None
    arguments: Raw = NO_RAW
    input: str | None = None
    output: Raw = NO_RAW


class Incomplete(Struct):
    """Why a response is incomplete."""

    reason: str | None = None


class Response(Struct):
    """A response object, whole or inside an event."""

    id: str | None = None
    model: str | None = None
    created_at: float | None = None
    status: str | None = None
    output: list[Raw] | None = None
    usage: object = None
    error: Raw = NO_RAW
    incomplete_details: Incomplete | None = None


decode_part = msgspec.json.Decoder(Part).decode
decode_item = msgspec.json.Decoder(Item).decode
decode_response = msgspec.json.Decoder(Response).decode
decode_raws = msgspec.json.Decoder(list[Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode
encode = msgspec.json.Encoder().encode


def present(raw: Raw) -> bool:
    """True when a field was given and is not null."""
    return bool(raw) and bytes(raw) != b"null"


def told(error: Raw) -> bool:
    """True when an `error` field tells of an error: some hosts send an empty one with every answer."""
    return present(error) and bytes(error) not in (b"{}", b'""', b"[]", b"false")


def compact(raw: Raw) -> bytes:
    """The same JSON without white space between its tokens; numbers and strings keep their spelling."""
    return msgspec.json.format(bytes(raw), indent=-1)


def decode_text(raw: Raw) -> str:
    """The content of a JSON string; bytes that are not UTF-8 are replaced."""
    try:
        return _decode_text(raw)
    except UnicodeDecodeError:
        return _decode_text(bytes(raw).decode("utf8", "replace"))


def text_or_json(raw: Raw) -> str:
    """A JSON string's content, or the JSON text itself where a host sent an object; "" for null and absent."""
    if not present(raw):
        return ""
    if bytes(raw).startswith(b'"'):
        return decode_text(raw)
    return bytes(raw).decode("utf8", "replace")


def tolerantly(decode: Callable[[bytes], _Wire], data: bytes) -> _Wire:
    """`data` decoded, half characters replaced: hosts that cut between two UTF-16 units write escapes of one half."""
    try:
        return decode(data)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if b"\\ud" not in data and b"\\uD" not in data:
            raise
        return decode(_ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], data))


def lenient_parts(raw: Raw) -> Iterator[Part]:
    """The content parts of an upstream's item: a bare string is one text, what cannot be read is left out."""
    if not present(raw):
        return
    if bytes(raw).startswith(b'"'):
        yield Part(type="output_text", text=decode_text(raw))
        return
    try:
        listed = decode_raws(raw)
    except MALFORMED:
        return
    for one in listed:
        try:
            yield decode_part(one)
        except MALFORMED:
            continue


def refused(error: Exception, where: str = "") -> BadRequest:
    """The BadRequest for a decoding error: the field it names, below `where`, and the rule that was broken."""
    found = _PLACE.match(str(error))
    if found is None:
        text = f"{where} is invalid: {error}" if where else f"the request body is not a JSON object: {error}"
        return BadRequest(text, param=where)
    rule, place = found.groups()
    param = f"{where}.{place}" if where and place else where or place
    return BadRequest(f"{param} is invalid: {rule[:1].lower()}{rule[1:]}", param=param)


def read(raw: Raw | bytes, kind: type[_Wire], where: str = "") -> _Wire:
    """`raw` as `kind`. Raises BadRequest that names the field."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except MALFORMED as error:
        raise refused(error, where) from error


def payload(frame: bytes) -> bytes:
    """The data of a frame; b"" for comments and pings. Same as `data_of`, quick for one data line after an event."""
    start = frame.find(b"data:")
    if start < 0:
        return b""
    end = frame.find(b"\n", start)
    if end < 0 or (start and frame[start - 1] != _LINE_FEED) or frame.find(b"data:", end) >= 0:
        return data_of(frame)
    return frame[start + 5 : end].strip()
