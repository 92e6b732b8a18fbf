"""Reading an upstream's refusal, whatever its form, and hiding the addresses in it.

Upstreams answer errors in many shapes (OpenAI, Anthropic, Google, FastAPI, bare text, pages). Every readable one
yields its own words; the rest is told by its status. What comes out is safe to show to a client.
"""

import re
from urllib.parse import urlsplit

import msgspec
from msgspec import Raw

from faregate.formats.dialect import Fault, FaultKind

UNREADABLE = "bad_response_status_code"
UNREADABLE_SUCCESS = "bad_response_body"
UPSTREAM = "upstream_error"

STATUS_KINDS: dict[int, FaultKind] = {
    401: "authentication",
    402: "insufficient_credit",
    403: "permission",
    404: "not_found",
    408: "timeout",
    413: "too_large",
    429: "rate_limit",
    503: "overloaded",
    504: "timeout",
    524: "timeout",
    529: "overloaded",
}
NATIVE_KINDS: dict[str, FaultKind] = {
    "invalid_request_error": "invalid_request",
    "authentication_error": "authentication",
    "billing_error": "insufficient_credit",
    "insufficient_quota": "insufficient_credit",
    "permission_error": "permission",
    "not_found_error": "not_found",
    "request_too_large": "too_large",
    "rate_limit_error": "rate_limit",
    "rate_limit_exceeded": "rate_limit",
    "overloaded_error": "overloaded",
    "timeout_error": "timeout",
    "INVALID_ARGUMENT": "invalid_request",
    "FAILED_PRECONDITION": "invalid_request",
    "UNAUTHENTICATED": "authentication",
    "PERMISSION_DENIED": "permission",
    "NOT_FOUND": "not_found",
    "RESOURCE_EXHAUSTED": "rate_limit",
    "UNAVAILABLE": "overloaded",
    "DEADLINE_EXCEEDED": "timeout",
}
_PLAIN_FIELDS = ("message", "msg", "err", "error_msg", "detail")
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_ITEMS = msgspec.json.Decoder(list[Raw])
_STRING = msgspec.json.Decoder(str)
_NUMBER = msgspec.json.Decoder(int)


def read_fault(body: bytes, status: int) -> Fault:
    """What an upstream's error body says; addresses masked. Never raises.

    A 200 that tells of an error becomes a 500, or the status the body itself names when that is 400 or more.
    """
    whole = Raw(body)
    listed = [_fields(item) for item in _items(whole)]
    fields = next(filter(None, listed), listed[0]) if listed else _fields(whole)
    error = _error_object(fields)
    words = _words(error)
    if words:
        return _of_error_object(error, words, fields, status, bare=bool(listed))
    return _of_plain_fields(fields, status)


def kind_of_status(status: int) -> FaultKind:
    """The neutral kind of an HTTP status."""
    if status in STATUS_KINDS:
        return STATUS_KINDS[status]
    return "invalid_request" if 400 <= status < 500 else "server"


def _error_object(fields: dict[str, Raw]) -> dict[str, Raw]:
    """The OpenAI-style object of a body: `error`, `response.error`, or a flat `{"type":"error", "message", ...}`."""
    nested = _fields(fields.get("error")) or _fields(_fields(fields.get("response")).get("error"))
    if nested:
        return nested
    flat = _text(fields.get("type")) == "error" and "message" in fields
    return {name: value for name, value in fields.items() if name != "type"} if flat else {}


def _of_error_object(error: dict[str, Raw], words: str, fields: dict[str, Raw], status: int, *, bare: bool) -> Fault:
    code = _code(error.get("code"))
    native = _text(error.get("type")) or _text(error.get("status"))
    kind_word = native or (code if isinstance(code, str) else "")
    metadata = _object_bytes(error.get("metadata"))
    if metadata:
        words = f"{words} ({metadata.decode('utf8', 'replace')})"
    anonymous = bare and not native and code is None
    told = status if status >= 300 else _told_status(error, fields)
    return Fault(
        status=told,
        message=masked(words),
        kind=_kind(kind_word, told),
        type=UNREADABLE if anonymous else _text(error.get("type")) or UPSTREAM,
        code=UNREADABLE if anonymous else code,
        param=_text(error.get("param")),
        native_type=native,
        metadata=metadata,
    )


def _of_plain_fields(fields: dict[str, Raw], status: int) -> Fault:
    raw_error = fields.get("error")
    words = _text(raw_error) or _strange(raw_error)
    for name in _PLAIN_FIELDS:
        words = words or _text(fields.get(name)) or _list_text(fields.get(name))
    words = words or _text(_fields(fields.get("header")).get("message"))
    told = status if status != 200 else _told_status({}, fields)
    word = UNREADABLE_SUCCESS if status == 200 and not words else UNREADABLE
    return Fault(
        status=told,
        message=masked(words) if words else f"bad response status code {status}",
        kind=kind_of_status(told),
        type=word,
        code=word,
    )


def _words(error: dict[str, Raw]) -> str:
    for name in _PLAIN_FIELDS:
        found = _text(error.get(name)) or _list_text(error.get(name))
        if found:
            return found
    return ""


def _kind(word: str, status: int) -> FaultKind:
    """The status decides, except where it says no more than "failed": then the upstream's own type does."""
    by_status = kind_of_status(status)
    vague = by_status == "server" or status == 400
    return NATIVE_KINDS.get(word, by_status) if vague else by_status


def _told_status(error: dict[str, Raw], fields: dict[str, Raw]) -> int:
    for raw in (error.get("status"), error.get("code"), fields.get("status"), fields.get("status_code")):
        number = _number(raw) or 0
        if 400 <= number <= 599:
            return number
    return 500


def _code(raw: Raw | None) -> str | int | None:
    """A code as it came when it is text or a whole number; None for null, absent and anything else."""
    if raw is None:
        return None
    return _text(raw) or _number(raw)


def _list_text(raw: Raw | None) -> str:
    """The text in a list of complaints (FastAPI: `[{"loc": [...], "msg": "..."}]`), joined by "; "."""
    return "; ".join(filter(None, (_complaint(item) for item in _items(raw))))


def _complaint(item: Raw) -> str:
    fields = _fields(item)
    message = _text(item) or _text(fields.get("msg")) or _text(fields.get("message"))
    place = "/".join(_text(step) or bytes(step).decode("utf8", "replace") for step in _items(fields.get("loc")))
    return f"{place}: {message}" if place and message else message


def _strange(raw: Raw | None) -> str:
    """An `error` that is neither text nor an object, as its JSON; "" for the values that say nothing."""
    if (
        raw is None
        or bytes(raw) in (b"null", b"false", b"true", b"0", b"[]")
        or _fields(raw)
        or bytes(raw)[:1] in b'{"'
    ):
        return ""
    return _list_text(raw) or bytes(raw).decode("utf8", "replace")


def _fields(raw: Raw | None) -> dict[str, Raw]:
    if not raw:
        return {}
    try:
        return _FIELDS.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return {}


def _items(raw: Raw | None) -> list[Raw]:
    if not raw:
        return []
    try:
        return _ITEMS.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return []


def _text(raw: Raw | None) -> str:
    if not raw:
        return ""
    try:
        return _STRING.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""


def _number(raw: Raw | None) -> int | None:
    if not raw:
        return None
    try:
        return _NUMBER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _object_bytes(raw: Raw | None) -> bytes:
    return bytes(raw) if raw and _fields(raw) else b""


# --- addresses -------------------------------------------------------------------------------------------
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_URL = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,15}://[^\s\"'<>]+")
_DOMAIN = re.compile(rf"(?<![\w./*-])(?:{_LABEL}\.)+[a-zA-Z]{{2,24}}(?![\w-])")
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]\d)")
_API_KEY = re.compile(r"(?i)(api[_-]?key[\"']?\s*[:=]\s*[\"']?)[^\s\"',;}]+")
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gov", "net", "org"))
_HIDDEN = "***"


def masked(text: str) -> str:
    """`text` without addresses and keys: URLs keep scheme, top-level domain and shape; domains their end.

    `https://api.vendor.com/v1/x?key=abc` becomes `https://***.com/***/***?key=***`, `10.1.2.3` `***.***.***.***`.
    """
    if "." not in text and "://" not in text and "ey" not in text and "EY" not in text:
        return text
    text = _URL.sub(lambda found: _masked_url(found.group()), text)
    text = _API_KEY.sub(rf"\1{_HIDDEN}", text)
    text = _IPV4.sub(".".join([_HIDDEN] * 4), text)
    return _DOMAIN.sub(lambda found: _masked_host(found.group()), text)


def _masked_url(url: str) -> str:
    trail = url[len(url.rstrip(".,;:!?)]}")) :]
    try:
        parts = urlsplit(url[: len(url) - len(trail)])
        host = parts.hostname or ""
    except ValueError:
        return f"{url.partition('://')[0]}://{_HIDDEN}{trail}"
    path = re.sub(r"[^/]+", _HIDDEN, parts.path)
    query = "&".join(f"{pair.partition('=')[0]}={_HIDDEN}" for pair in parts.query.split("&") if pair)
    shown = _HIDDEN if _IPV4.fullmatch(host) else _masked_host(host)
    return f"{parts.scheme}://{shown}{path}{'?' + query if query else ''}{trail}"


def _masked_host(host: str) -> str:
    """`***` and the top-level domain (two labels of it for the likes of co.uk); a field path with a number stays."""
    labels = host.split(".")
    if any(label.isdigit() for label in labels[1:]):
        return host
    if len(labels) < 2 or not labels[-1].isalpha():
        return _HIDDEN
    kept = 2 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 1
    return ".".join([_HIDDEN, *labels[-kept:]])
