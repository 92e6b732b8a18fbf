"""Which channel to try, and which next: highest priority with a healthy candidate, then the client's own dialect, then
weight × health. A tried one is never tried again in the same request.
"""

import random
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from faregate.channels.health import Health
from faregate.channels.snapshot import ChannelView, CredentialView, Routing
from faregate.formats.turn import DialectName
from faregate.relay.affinity import Affinity, preferred
from faregate.relay.providers import BY_TYPE, Provider
from faregate.relay.routes import Mode

_MAX_OFFERS = 10_000


class Candidate(Struct, frozen=True, eq=False):
    """One thing to try. Compared by identity."""

    channel: ChannelView
    credential: CredentialView
    provider: Provider
    dialect: DialectName
    model: str  # the upstream's name for the model


class Wish(Struct, frozen=True, gc=False):
    """What the plan is made for."""

    mode: Mode
    dialect: DialectName  # the client's
    model: str
    path: str


Override = Callable[[ChannelView, str], DialectName | None]


def dialects_for(channel: ChannelView, wish: Wish) -> tuple[DialectName, ...]:
    """The dialects in which this channel can do what is wished, best first; () when it cannot."""
    provider = BY_TYPE.get(channel.type)
    if provider is None:
        return ()
    if provider.speaks is not None:
        return provider.speaks(channel, wish.path, wish.model)
    match wish.mode:
        case Mode.GENERATE:
            return provider.dialects
        case Mode.COMPLETE:
            return ("openai_chat",) if provider.completes else ()
        case Mode.EMBED:
            return provider.embeds
        case Mode.COUNT:
            return (wish.dialect,) if provider.counts and wish.dialect in provider.dialects else ()
        case _:
            return ()


class Option:
    """A channel that can do what is wished, and in which dialects. State: the candidates made of it so far."""

    __slots__ = ("_candidates", "_own", "_wish", "channel", "dialects")

    def __init__(self, channel: ChannelView, dialects: tuple[DialectName, ...], wish: Wish) -> None:
        self.channel = channel
        self.dialects = dialects
        self._wish = wish
        self._own: DialectName = wish.dialect if wish.dialect in dialects else dialects[0]
        self._candidates: dict[DialectName, tuple[Candidate, ...]] = {}

    def candidates(self, forced: DialectName | None) -> tuple[Candidate, ...]:
        """One for each credential, in the `forced` dialect if the channel has it, else the caller's own or the best."""
        dialect = forced if forced is not None and forced in self.dialects else self._own
        found = self._candidates.get(dialect)
        if found is None:
            found = self._candidates[dialect] = tuple(self._made(dialect))
        return found

    def _made(self, dialect: DialectName) -> Iterable[Candidate]:
        channel = self.channel
        model = channel.upstream_model(self._wish.model)
        for credential in channel.credentials:
            yield Candidate(channel, credential, BY_TYPE[channel.type], dialect, model)


class Offers:
    """What one routing can do for a wish, remembered: routings change seldom, wishes repeat."""

    def __init__(self, routing: Routing) -> None:
        self.routing = routing
        self._found: dict[tuple[str, Mode, DialectName, str, str], tuple[Option, ...]] = {}

    def find(self, group: str, wish: Wish) -> tuple[Option, ...]:
        """The options of a group, highest priority first."""
        key = (group, wish.mode, wish.dialect, wish.model, wish.path)
        found = self._found.get(key)
        if found is None:
            found = options(self.routing.candidates(group, wish.model), wish)
            if len(self._found) >= _MAX_OFFERS:
                self._found.clear()
            self._found[key] = found
        return found


def options(channels: Iterable[ChannelView], wish: Wish) -> tuple[Option, ...]:
    """Those of `channels` that can do what is wished."""
    return tuple(Option(channel, dialects, wish) for channel in channels if (dialects := dialects_for(channel, wish)))


class Turns:
    """Whose turn it is in channels that take their credentials in turn. State: the index last taken, by channel."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}

    def take(self, free: Sequence[Candidate]) -> Candidate:
        """The one after the last taken, beginning again at the end. `free`: candidates of one channel, not none."""
        channel = free[0].channel.id
        last = self._last.get(channel, -1)
        ordered = sorted(free, key=lambda candidate: candidate.credential.index)
        taken = next((one for one in ordered if one.credential.index > last), ordered[0])
        self._last[channel] = taken.credential.index
        return taken


class Plan:
    """The candidates of one request. State: the credentials tried."""

    def __init__(
        self,
        offered: Sequence[Option],
        wish: Wish,
        health: Health,
        *,
        turns: Turns | None = None,
        affinity: Affinity | None = None,
        override: Override | None = None,
    ) -> None:
        self._offered = offered
        self._wish = wish
        self._health = health
        self._turns = turns or Turns()
        self._affinity = affinity
        self._override = override
        self._tried: set[int] = set()

    def next(self) -> Candidate | None:
        """The best candidate not tried yet, or None. A healthy one if there is any, else whichever is left."""
        return self._pick(healthy_only=True) or self._pick(healthy_only=False)

    def exclude(self, channel: ChannelView) -> None:
        """Leave out a whole channel (it cannot express the request)."""
        self._tried.update(credential.id for credential in channel.credentials)

    def _pick(self, *, healthy_only: bool) -> Candidate | None:
        level: list[Candidate] = []
        for option in self._offered:
            if level and option.channel.priority != level[0].channel.priority:
                break
            level.extend(self._of_channel(option, healthy_only))
        if not level:
            return None
        chosen = level[0] if len(level) == 1 else self._choose(level)
        self._tried.add(chosen.credential.id)
        return chosen

    def _of_channel(self, option: Option, healthy_only: bool) -> Iterable[Candidate]:
        forced = self._override(option.channel, self._wish.model) if self._override else None
        for candidate in option.candidates(forced):
            credential = candidate.credential.id
            if credential in self._tried:
                continue
            if not healthy_only or self._health.may_try(credential, candidate.model):
                yield candidate

    def _choose(self, level: Sequence[Candidate]) -> Candidate:
        level = [candidate for candidate in level if candidate.dialect == self._wish.dialect] or level
        if len(level) == 1:
            return level[0]
        shares = _shares(level)
        if self._affinity is not None:
            ids = [candidate.credential.id for candidate in level]
            return level[ids.index(preferred(self._affinity.key, zip(ids, shares, strict=True)))]
        chosen = random.choices(level, self._by_health(level, shares))[0]
        if not chosen.channel.polls:
            return chosen
        return self._turns.take([candidate for candidate in level if candidate.channel is chosen.channel])

    def _by_health(self, level: Sequence[Candidate], shares: Sequence[float]) -> list[float]:
        score = self._health.score
        return [share * score(one.credential.id, one.model) for one, share in zip(level, shares, strict=True)]


def _shares(level: Sequence[Candidate]) -> list[float]:
    """What part of the calls is meant for each: its channel's weight, split among the channel's credentials.

    As in New API with its memory cache: a channel without weight gets calls only where none has any, all alike then.
    """
    is_weighted = any(candidate.channel.weight for candidate in level)
    return [(one.channel.weight if is_weighted else 1) / len(one.channel.credentials) for one in level]
