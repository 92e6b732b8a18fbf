"""Who may call, and with what: from a presented key to a caller with a group, a model and a body.

The checks are New API's, in its order: key, time, amount, address, owner, group, channel suffix, model.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from faregate.channels.snapshot import ChannelView, Routing
from faregate.identity import ENABLED, ROLE_ADMIN, KeyRecord, Network, client_address, parse_address, within
from faregate.kernel.clock import SYSTEM, Clock
from faregate.kernel.errors import BadRequest, Forbidden, Unauthenticated
from faregate.pricing.names import normalised
from faregate.relay.arrival import Arrival
from faregate.relay.credentials import presented
from faregate.relay.keyring import Keyring
from faregate.relay.plan import Offers, Wish

AUTO = "auto"
SUFFIX_REFUSED_HEADER = (b"specific_channel_version", b"701e3ae1dc3f7975556d354e0675168d004891c8")
_ID_DIGITS = 19
_SHOWN_CHARACTERS = 40
_INVALID = "invalid API key: unknown, switched off, expired or used up"


class SuffixRefused(Forbidden):
    """Only administrators may pick a channel."""


class GroupRules(Protocol):
    """Which groups a user may use."""

    def usable(self, user_group: str) -> Mapping[str, str]:
        """Names of the groups a user of `user_group` may use, with their descriptions; the own one included."""
        ...

    def exists(self, group: str) -> bool:
        """True when the group has a ratio."""
        ...

    @property
    def auto_groups(self) -> tuple[str, ...]:
        """The order that `auto` tries."""
        ...

    @property
    def max_listed(self) -> int:
        """How many groups of its own list a key may use."""
        ...


class Caller(Struct, frozen=True, gc=False):
    """An identified caller. `groups` are tried in order; more than one only for `auto`."""

    key: KeyRecord
    groups: tuple[str, ...]
    address: str
    picked: str  # a channel id an administrator chose, or ""


class Admission:
    """Identifies callers. `expired` and `exhausted` are told of keys found so on use."""

    def __init__(
        self,
        keyring: Keyring,
        groups: Callable[[], GroupRules],
        trusted_proxies: tuple[Network, ...],
        *,
        expired: Callable[[KeyRecord], Awaitable[None]],
        clock: Clock = SYSTEM,
    ) -> None:
        self._keyring = keyring
        self._groups = groups
        self._trusted = trusted_proxies
        self._expired = expired
        self._clock = clock

    async def identify(self, arrival: Arrival) -> Caller:
        """The caller. Raises Unauthenticated or Forbidden."""
        shown = presented(arrival)
        if not shown.key:
            raise Unauthenticated("no API key was presented", code="")
        key = self._keyring.cached(shown.key) or await self._keyring.find(shown.key)
        if key is None or key.status != ENABLED or key.is_deleted:
            raise Unauthenticated(_INVALID, code="")
        if key.is_expired(self._clock.now()):
            await self._expired(key)
            raise Unauthenticated(_INVALID, code="")
        address = self._address(arrival)
        _check_address(key, address)
        if not key.is_owner_enabled:
            raise Forbidden("the owner of this API key is switched off", code="")
        groups = self._usable_groups(key)
        if shown.channel and key.role < ROLE_ADMIN:
            raise SuffixRefused("only administrators may pick a channel", code="")
        return Caller(key, groups, address, shown.channel)

    def _address(self, arrival: Arrival) -> str:
        if b"x-forwarded-for" not in arrival.first and b"x-real-ip" not in arrival.first:
            return arrival.peer
        # All lines in order are one list (RFC 9110 §5.3): the first may be the caller's own, a proxy's comes after it.
        forwarded = b",".join(value for name, value in arrival.headers if name == b"x-forwarded-for")
        real = arrival.header(b"x-real-ip")
        return client_address(arrival.peer, forwarded.decode("latin-1"), real, self._trusted)

    def _usable_groups(self, key: KeyRecord) -> tuple[str, ...]:
        if not key.group:
            return (key.user_group,)
        rules = self._groups()
        usable = rules.usable(key.user_group)
        if key.group not in usable:
            raise Forbidden(f"the group {key.group!r} of this API key is not open to its owner", code="")
        if key.group == AUTO:
            listed = key.auto_groups[: rules.max_listed] or rules.auto_groups
            return tuple(group for group in listed if group in usable and rules.exists(group))
        if not rules.exists(key.group) and key.group != key.user_group:
            raise Forbidden(f"the group {key.group!r} of this API key was given up", code="")
        return (key.group,)


def _check_address(key: KeyRecord, address: str) -> None:
    if key.networks is None:
        return
    parsed = parse_address(address)
    if parsed is None:
        raise Forbidden("the caller's address cannot be read", code="")
    if not within(parsed, key.networks):
        raise Forbidden(f"the address {address} is not on this API key's list", code="access_denied")


def check_model(caller: Caller, model: str) -> None:
    """Raise Forbidden when the key may not use `model`. A picked channel passes the limits."""
    limits = caller.key.model_limits
    if limits is None or caller.picked:
        return
    if model not in limits and normalised(model) not in limits:
        raise Forbidden(f"this API key may not use the model {model!r}", code="")


def pick_channel(caller: Caller, routing: Routing) -> ChannelView | None:
    """The channel an administrator picked. Raises BadRequest or Forbidden."""
    if not caller.picked:
        return None
    channel = routing.by_id.get(_channel_id(caller.picked))
    if channel is None:
        raise BadRequest(f"there is no channel {caller.picked[:_SHOWN_CHARACTERS]!r}", code="", param="")
    if channel.status != ENABLED:
        raise Forbidden(f"the channel {caller.picked} is switched off", code="")
    return channel


def _channel_id(text: str) -> int:
    """The id that `text` says, or 0, which no channel has. No id is longer than 19 digits, and Python reads 4300."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS else 0


def choose_group(groups: Sequence[str], offers: Offers, wish: Wish) -> str:
    """The first group that can do what is wished, else the first with a channel for the model, else the first."""
    if len(groups) == 1:
        return groups[0]
    for group in groups:
        if offers.find(group, wish):
            return group
    listing = (group for group in groups if offers.routing.candidates(group, wish.model))
    return next(listing, groups[0] if groups else AUTO)
