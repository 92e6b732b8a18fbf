"""One understood request: who asks, what for, under which group and price. Frozen; steps make new values from it."""

from functools import cached_property

from faregate.formats import DIALECTS
from faregate.formats.dialect import Envelope, Weight
from faregate.formats.estimate import prompt_estimate
from faregate.formats.openai_chat import completions
from faregate.formats.turn import DialectName, Turn
from faregate.formats.unary import embeddings
from faregate.identity import KeyRecord
from faregate.relay import embedding
from faregate.relay.affinity import Affinity
from faregate.relay.arrival import Arrival
from faregate.relay.plan import Wish
from faregate.relay.routes import Mode

_OPENAI_SHAPED = ("openai_chat",)


class Request:
    """A request and what is derived from its body on demand, at most once."""

    def __init__(
        self,
        arrival: Arrival,
        key: KeyRecord,
        body: bytes,
        envelope: Envelope,
        *,
        group: str,
        address: str,
        wish: Wish,
        affinity: Affinity | None,
        picked_channel: int,
    ) -> None:
        self.arrival = arrival
        self.key = key
        self.body = body
        self.envelope = envelope
        self.group = group
        self.address = address
        self.affinity = affinity
        self.picked_channel = picked_channel  # 0 when the plan chooses
        self.dialect: DialectName = wish.dialect  # the caller's
        self.model = wish.model  # the name the caller asked for: what prices and limits go by
        self.wish = wish

    @cached_property
    def weight(self) -> Weight:
        """The text of the request and the number of its media."""
        match self.wish.mode:
            case Mode.EMBED:
                return embedding.weigh(self.body, self.arrival.operation, self.model)
            case Mode.COMPLETE:
                return completions.weigh_completion(self.body)
            case _:
                return DIALECTS[self.dialect].weigh(self.body)

    @cached_property
    def token_numbers(self) -> int:
        """How many input tokens the request gives by number: so many they are."""
        match self.wish.mode:
            case Mode.EMBED:
                return embeddings.token_numbers(self.body)
            case Mode.COMPLETE:
                return completions.token_numbers(self.body)
            case _:
                return 0

    @cached_property
    def prompt_tokens(self) -> int:
        """About how many input tokens the request has; exactly where they are given by number alone."""
        weight = self.weight
        if self.token_numbers and not weight.text:
            return self.token_numbers
        return self.token_numbers + prompt_estimate(
            weight.text,
            self.model,
            tools=weight.tools,
            messages=weight.messages,
            named=weight.named,
            images=weight.images,
            audio=weight.audio,
            video=weight.video,
            files=weight.files,
            openai_client=self.dialect in _OPENAI_SHAPED,
        )

    @cached_property
    def turn(self) -> Turn:
        """The typed request. Raises BadRequest."""
        return DIALECTS[self.dialect].parse(self.body)
