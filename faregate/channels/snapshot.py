"""The immutable view of channels that the data plane reads: who serves which model to which group, best first.

Built off the request path whenever channels change, and swapped whole.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from msgspec import Struct, ValidationError, convert

from faregate.channels.models import ENABLED, Channel, Credential
from faregate.kernel.log import get_logger
from faregate.kernel.secrets import BadSecret, Vault
from faregate.pricing.names import normalised

CREDENTIAL_PURPOSE = "channel-credential"
_NOT_MODIFIED = 304
_log = get_logger(__name__)
Shape = TypeVar("Shape", bound=Struct)


class CredentialView(Struct, frozen=True):
    """One usable secret. `index` is its position in the channel's list."""

    id: int
    index: int
    secret: str


class Behaviour(Struct, frozen=True):
    """New API's `setting` column, as far as the relay acts on it."""

    proxy: str = ""
    pass_through_body_enabled: bool = False


class Permissions(Struct, frozen=True):
    """New API's `settings` column, as far as the relay acts on it."""

    azure_responses_version: str = ""
    claude_beta_query: bool = False
    allow_service_tier: bool = False
    allow_inference_geo: bool = False
    allow_speed: bool = False
    allow_safety_identifier: bool = False
    allow_include_obfuscation: bool = False
    disable_store: bool = False
    advanced_custom: dict[str, Any] = {}


class ChannelView(Struct, frozen=True, kw_only=True, eq=False):
    """One channel, ready to be called. Compared by identity."""

    id: int
    type: int
    name: str
    status: int
    base_url: str
    models: frozenset[str]
    groups: tuple[str, ...]
    priority: int
    weight: int
    auto_ban: bool
    mapping: Mapping[str, str]
    status_mapping: Mapping[int, int]
    body_override: Mapping[str, Any]
    header_override: Mapping[str, str]
    organization: str
    other: str
    created_at: int
    behaviour: Behaviour
    permissions: Permissions
    credentials: tuple[CredentialView, ...]
    is_multi_key: bool
    polls: bool  # several credentials: in turn instead of at random
    test_model: str = ""
    unreadable: str = ""  # a setting that is no JSON object and without which no call is what its operator wants

    def upstream_model(self, model: str) -> str:
        """The name to send for the name asked, following the mapping's chain to its end; "" where it has none.

        A name that is mapped to itself is an end.
        """
        seen: set[str] = set()
        name = model
        while (target := self.mapping.get(name)) and target != name:
            if name in seen:
                return ""
            seen.add(name)
            name = target
        return name


class Routing(Struct, frozen=True):
    """All channels by id, and the enabled ones by (group, model), highest priority first."""

    by_id: Mapping[int, ChannelView]
    served: Mapping[tuple[str, str], tuple[ChannelView, ...]]
    models: Mapping[str, tuple[str, ...]]  # group -> model names, sorted

    def candidates(self, group: str, model: str) -> tuple[ChannelView, ...]:
        """Enabled channels of `group` that list `model`, or else the family it belongs to, highest priority first."""
        return self.served.get((group, model)) or self.served.get((group, normalised(model)), ())


EMPTY = Routing({}, {}, {})


def _object(text: str | None, what: str, channel: int) -> dict[str, Any]:
    found = _parsed(text)
    if found is None:
        _log.warning("channel.unreadable_json", field=what, channel=channel)
    return found or {}


def _parsed(text: str | None) -> dict[str, Any] | None:
    """The JSON object; None for what is none. Nothing and null are an empty one."""
    if not text or not text.strip():
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if found is None:
        return {}
    return found if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType]


def _unreadable(channel: Channel) -> str:
    """The first setting by which no call can be made as it stands; "" when all are well."""
    needed = {
        "model_mapping": channel.model_mapping,
        "param_override": channel.param_override,
        "header_override": channel.header_override,
    }
    return next((name for name, text in needed.items() if _parsed(text) is None), "")


def _status_mapping(text: str | None, channel: int) -> dict[int, int]:
    """Integers only, and only onto real error statuses, which have a body."""
    found: dict[int, int] = {}
    for name, target in _object(text, "status_code_mapping", channel).items():
        try:
            source, goal = int(name), int(target)
        except (ValueError, TypeError, OverflowError):
            continue
        if 300 <= goal <= 599 and goal != _NOT_MODIFIED and source != 200:
            found[source] = goal
    return found


def _typed(text: str | None, shape: type[Shape], what: str, channel: int) -> Shape:
    try:
        return convert(_object(text, what, channel), shape, strict=False)
    except (ValidationError, UnicodeError):
        _log.warning("channel.unreadable_json", field=what, channel=channel)
        return shape()


def split_names(text: str) -> tuple[str, ...]:
    """Names of a comma list, blanks trimmed, empty ones and repeats left out, order kept."""
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def view(channel: Channel, credentials: Iterable[Credential], vault: Vault) -> ChannelView:
    """The view of one channel; credentials that are off, or that cannot be opened, are left out."""
    override = _object(channel.param_override, "param_override", channel.id)
    return ChannelView(
        id=channel.id,
        type=channel.type,
        name=channel.name,
        status=channel.status,
        base_url=channel.base_url,
        models=frozenset(split_names(channel.models)),
        groups=split_names(channel.groups),
        priority=channel.priority,
        weight=channel.weight,
        auto_ban=channel.auto_ban == 1,
        mapping={str(k): str(v) for k, v in _object(channel.model_mapping, "model_mapping", channel.id).items()},
        status_mapping=_status_mapping(channel.status_code_mapping, channel.id),
        body_override=override,
        header_override={
            str(k): v if isinstance(v, str) else json.dumps(v)
            for k, v in _object(channel.header_override, "header_override", channel.id).items()
        },
        organization=channel.openai_organization or "",
        other=channel.other,
        created_at=channel.created_at,
        behaviour=_typed(channel.setting, Behaviour, "setting", channel.id),
        permissions=_typed(channel.settings, Permissions, "settings", channel.id),
        credentials=tuple(_usable(credentials, vault)),
        is_multi_key=channel.is_multi_key,
        polls=channel.multi_key_mode == "polling",
        test_model=channel.test_model or "",
        unreadable=_unreadable(channel),
    )


def _usable(credentials: Iterable[Credential], vault: Vault) -> Iterable[CredentialView]:
    for row in credentials:
        if row.status != ENABLED:
            continue
        try:
            secret = vault.unseal(CREDENTIAL_PURPOSE, str(row.channel_id), row.sealed)
        except BadSecret:
            _log.error("credential.unreadable", channel=row.channel_id, position=row.position, hint=row.hint)
            continue
        yield CredentialView(row.id, row.position, secret)


def build(channels: Iterable[ChannelView]) -> Routing:
    """The routing of these channels."""
    by_id = {channel.id: channel for channel in channels}
    served: dict[tuple[str, str], list[ChannelView]] = {}
    for channel in by_id.values():
        if channel.status != ENABLED:
            continue
        for group in channel.groups:
            for model in channel.models:
                served.setdefault((group, model), []).append(channel)
    models: dict[str, set[str]] = {}
    for group, model in served:
        models.setdefault(group, set()).add(model)
    return Routing(
        by_id,
        {key: tuple(sorted(found, key=lambda c: (-c.priority, c.id))) for key, found in served.items()},
        {group: tuple(sorted(names)) for group, names in models.items()},
    )
