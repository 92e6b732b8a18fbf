"""Channels on the wire, in New API's words. Nothing here holds a secret on its way out."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt

from faregate.kernel.egress import parse_proxy
from faregate.kernel.errors import BadRequest

_MODEL_LENGTH, _GROUP_LENGTH, _LIST_LENGTH = 255, 64, 1024
_MOST_IDS = 10_000
_PROXIES = ("http", "https", "socks5", "socks5h")
_LABEL_LENGTH = 63  # of a host's name between two dots
_BLANK = re.compile(r"\s")
_HEADER_NAME = re.compile(r"(?:re|regex):.+|[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# New API's short names for hosts that have one address per dialect.
_PLANS = frozenset(("glm-coding-plan", "glm-coding-plan-international", "kimi-coding-plan", "doubao-coding-plan"))


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain zero bytes")
    return text


def _json_object(text: str) -> str:
    if not text.strip():
        return ""
    try:
        # msgspec: no infinite or absurd numbers, no half characters, no depth without end.
        msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ValueError(f"must be a JSON object: {error}") from error
    return text


def _setting(text: str) -> str:
    text = _json_object(text)
    proxy: Any = json.loads(text).get("proxy") if text else None
    if proxy:
        _check_proxy(proxy)
    return text


def _check_proxy(proxy: object) -> None:
    if not isinstance(proxy, str) or urlsplit(proxy).scheme not in _PROXIES:
        raise ValueError(f"proxy must be an address that begins with {', '.join(_PROXIES)}")
    if _BLANK.search(proxy) or not proxy.isprintable():
        raise ValueError("proxy must not contain blanks; in a password they are written %20")
    try:
        host = parse_proxy(proxy).url.raw_host or ""
    except BadRequest as error:
        raise ValueError(error.message) from error
    if urlsplit(proxy).port == 0 or not all(0 < len(part) <= _LABEL_LENGTH for part in host.rstrip(".").split(".")):
        raise ValueError("the host or the port of the proxy cannot be")


def _proxy(text: str) -> str:
    if not text.strip():
        return ""
    _check_proxy(text)
    return text


def _header_text(text: str) -> str:
    text = _json_object(text)
    if text:
        headers: dict[str, Any] = json.loads(text)
        _headers(headers)
    return text


def _header_wish(given: dict[str, Any] | str) -> dict[str, Any] | str:
    return _header_text(given) if isinstance(given, str) else _headers(given)


def _headers(headers: dict[str, Any]) -> dict[str, Any]:
    """Names that HTTP knows; `*` and `re:…` stand for the caller's own headers."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a header")
        if isinstance(value, str) and re.search(r"[\x00\r\n]", value):
            raise ValueError(f"the value of {name!r} must be one line")
    return headers


def _address(text: str) -> str:
    text = text.strip()
    if not text or text in _PLANS:
        return text
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or not text.isprintable() or _BLANK.search(text):
        raise ValueError("must be an http or https address")
    return text


def _names(longest: int):
    def checked(text: str) -> str:
        names = dict.fromkeys(name for part in text.split(",") if (name := part.strip()))
        for name in names:
            if len(name) > longest:
                raise ValueError(f"the name {name[:20]!r}… is longer than {longest} characters")
        return ",".join(names)

    return AfterValidator(checked)


Text = Annotated[str, AfterValidator(_plain)]
ShortText = Annotated[str, Field(max_length=191), AfterValidator(_plain)]
NoteText = Annotated[str, Field(max_length=255), AfterValidator(_plain)]
JsonText = Annotated[str, AfterValidator(_plain), AfterValidator(_json_object)]
HeaderText = Annotated[str, AfterValidator(_plain), AfterValidator(_header_text)]
HeaderWish = Annotated[dict[str, Any] | Text, AfterValidator(_header_wish)]
SettingText = Annotated[str, AfterValidator(_plain), AfterValidator(_setting)]
ProxyText = Annotated[str, AfterValidator(_proxy)]
Address = Annotated[str, Field(max_length=_LIST_LENGTH), AfterValidator(_address)]
ModelNames = Annotated[str, AfterValidator(_plain), _names(_MODEL_LENGTH)]
GroupNames = Annotated[str, Field(max_length=_LIST_LENGTH), AfterValidator(_plain), _names(_GROUP_LENGTH)]
Number = Annotated[int, Field(ge=-(2**53), le=2**53)]
Weight = Annotated[int, Field(ge=0, le=2**31 - 1)]
Kind = Annotated[int, Field(ge=0, le=2**31 - 1)]
Ident = Annotated[StrictInt, Field(ge=0, le=2**62)]
Idents = Annotated[list[Ident], Field(max_length=_MOST_IDS)]
KeyMode = Literal["append", "replace"]
Turn = Literal["random", "polling"]


class ChannelFields(BaseModel):
    """What an administrator may decide about a channel; None says nothing."""

    type: Kind | None = None
    key: Text | None = None
    openai_organization: ShortText | None = None
    test_model: NoteText | None = None
    name: ShortText | None = None
    weight: Weight | None = None
    base_url: Address | None = None
    other: Text | None = None
    models: ModelNames | None = None
    group: GroupNames | None = None
    model_mapping: JsonText | None = None
    status_code_mapping: JsonText | None = None
    priority: Number | None = None
    auto_ban: Literal[0, 1] | None = None
    tag: ShortText | None = None
    setting: SettingText | None = None
    param_override: JsonText | None = None
    header_override: HeaderText | None = None
    remark: NoteText | None = None
    settings: JsonText | None = None


class NewChannel(ChannelFields):
    """A channel to be made. `status` 2 makes it switched off."""

    status: int | None = None


class Creation(BaseModel):
    """How many channels are made of one description: `mode` single, batch or multi_to_single."""

    mode: str = ""
    multi_key_mode: Turn | Literal[""] | None = None
    batch_add_set_key_prefix_2_name: bool = False
    channel: NewChannel | None = None


class ChannelEdit(ChannelFields):
    """An edit. What the server manages itself is ignored; fields nobody knows count as sensitive."""

    model_config = ConfigDict(extra="allow")

    id: Ident = 0
    multi_key_mode: Turn | Literal[""] | None = None
    key_mode: KeyMode | Literal[""] | None = None


class TagEdit(BaseModel):
    """An edit of all channels of a tag; None changes nothing."""

    tag: ShortText = ""
    new_tag: ShortText | None = None
    priority: Number | None = None
    weight: Weight | None = None
    model_mapping: JsonText | None = None
    models: ModelNames | None = None
    groups: GroupNames | None = None
    param_override: JsonText | None = None
    header_override: HeaderText | None = None


class Tag(BaseModel):
    """A tag."""

    tag: ShortText = ""


class Ids(BaseModel):
    """Several channels."""

    ids: Idents = Field(default_factory=list[Ident])


class TagChange(Ids):
    """A new tag for several channels; None takes it away."""

    tag: ShortText | None = None


class StatusChange(BaseModel):
    """1 switches on, 2 off."""

    status: int = 0


class StatusChanges(Ids):
    """The same for several channels."""

    status: int = 0


class KeyAction(BaseModel):
    """Something to be done to the keys of a channel. `status` filters the list of states."""

    channel_id: Ident = 0
    action: str = ""
    key_index: int | None = None
    page: int = 1
    page_size: int = 50
    status: int | None = None


class ModelQuestion(BaseModel):
    """Which models does this provider offer? Asked with credentials that are not saved."""

    type: Kind = 0
    key: Text = ""
    base_url: Address = ""
    channel_id: Ident = 0
    advanced_custom: dict[str, Any] | None = None
    header_override: HeaderWish | None = None
    proxy: ProxyText = ""


class ChannelInfo(BaseModel):
    """The keys of a channel with several of them: how many, and which are off (2 by hand, 3 by itself), by index."""

    is_multi_key: bool = False
    multi_key_size: int = 0
    multi_key_status_list: Mapping[str, int] | None = None
    multi_key_polling_index: int = 0
    multi_key_mode: str = ""


class ShownChannel(BaseModel):
    """A channel as it is read. `key` is always empty."""

    id: int
    type: int
    key: Literal[""] = ""
    openai_organization: str | None
    test_model: str | None
    status: int
    name: str
    weight: int
    created_time: int
    test_time: int
    response_time: int
    base_url: str
    other: str
    balance: float
    balance_updated_time: int
    models: str
    group: str
    used_quota: int
    model_mapping: str | None
    status_code_mapping: str | None
    priority: int
    auto_ban: int
    other_info: str
    tag: str | None
    setting: str | None
    param_override: str | None
    header_override: str | None
    remark: str | None
    channel_info: ChannelInfo
    settings: str


class EditedChannel(ShownChannel):
    """A channel after an edit, with what the edit said about keys."""

    multi_key_mode: str | None = None
    key_mode: str | None = None


class ChannelPage(BaseModel):
    """One page of channels, and how many there are of each type."""

    items: list[ShownChannel]
    total: int
    page: int
    page_size: int
    type_counts: dict[str, int]


class FoundChannels(BaseModel):
    """One page of a search."""

    items: list[ShownChannel]
    total: int
    type_counts: dict[str, int]


class KnownModel(BaseModel):
    """A model as OpenAI's model list shows it."""

    id: str
    object: str = "model"
    created: int = 1626777600
    owned_by: str
    supported_endpoint_types: list[str]


class Operating(BaseModel):
    """Settings that the list of channels shows."""

    retry_times: int


class Copied(BaseModel):
    """The id of a copy."""

    id: int


class Rebuilt(BaseModel):
    """Channels whose routing was rebuilt, and those of which a name did not fit."""

    success: int
    fails: int


class KeyState(BaseModel):
    """One key. Times are unix seconds."""

    index: int
    status: int
    disabled_time: int | None = None
    reason: str | None = None
    key_preview: str


class KeyStates(BaseModel):
    """One page of the keys of a channel."""

    keys: list[KeyState]
    total: int
    page: int
    page_size: int
    total_pages: int
    enabled_count: int
    manual_disabled_count: int
    auto_disabled_count: int


class ProbeAnswer(BaseModel):
    """How a channel's test went. `time` is seconds, 0 when it failed."""

    success: bool
    message: str
    time: float
    error_code: str | None = None


class RoundStarted(BaseModel):
    """A test of all channels on its way."""

    task_id: str
    type: str = "channel_test"
    status: str = "running"
    created_at: int
