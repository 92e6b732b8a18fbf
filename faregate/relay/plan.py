"""Which channel to try, and which next: highest priority with a healthy candidate, then the client's own dialect, then
weight × health. A tried one is never tried again in the same request.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from faregate.channels.health import Health
from faregate.channels.snapshot import ChannelView, CredentialView, Routing
from faregate.formats.turn import DialectName
from faregate.relay.affinity import Affinity, preferred
from faregate.relay.providers import BY_TYPE, Provider
from faregate.relay.routes import Mode

_MAX_OFFERS = 10_000


class Candidate(NamedTuple):
    """One thing to try."""

    channel: ChannelView
    credential: CredentialView
    provider: Provider
    dialect: DialectName
    model: str  # the upstream's name for the model


class Wish(NamedTuple):
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


class Option(NamedTuple):
    """A channel that can do what is wished, and in which dialects."""

    channel: ChannelView
    provider: Provider
    dialects: tuple[DialectName, ...]


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
    return tuple(
        Option(channel, BY_TYPE[channel.type], dialects)
        for channel in channels
        if (dialects := dialects_for(channel, wish))
    )


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
        own = [candidate for candidate in level if candidate.dialect == self._wish.dialect]
        chosen = self._choose(own or level)
        self._tried.add(chosen.credential.id)
        return chosen

    def _of_channel(self, option: Option, healthy_only: bool) -> Iterable[Candidate]:
        channel, provider, dialects = option
        forced = self._override(channel, self._wish.model) if self._override else None
        own = self._wish.dialect
        dialect = forced if forced in dialects else own if own in dialects else dialects[0]
        model = channel.upstream_model(self._wish.model)
        for credential in channel.credentials:
            if credential.id in self._tried:
                continue
            if healthy_only and not self._health.may_try(credential.id, model):
                continue
            yield Candidate(channel, credential, provider, dialect, model)

    def _choose(self, level: Sequence[Candidate]) -> Candidate:
        if len(level) == 1:
            return level[0]
        if self._affinity is not None:
            best = preferred(self._affinity.key, (candidate.credential.id for candidate in level))
            return next(candidate for candidate in level if candidate.credential.id == best)
        weights = [self._weight(candidate) for candidate in level]
        chosen = random.choices(level, weights)[0]
        if not chosen.channel.polls:
            return chosen
        return self._turns.take([candidate for candidate in level if candidate.channel is chosen.channel])

    def _weight(self, candidate: Candidate) -> float:
        """A channel's weight (0 counts as a little, as in New API's default mode), shared by its credentials."""
        share = (candidate.channel.weight + 10) / len(candidate.channel.credentials)
        return share * self._health.score(candidate.credential.id, candidate.model)
