"""What a provider is: who answers, in which dialects, at which address, signed how. Data and two small functions."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from faregate.channels.snapshot import ChannelView, CredentialView
from faregate.formats.dialect import Quirks
from faregate.formats.turn import DialectName
from faregate.relay.routes import Mode

Headers = list[tuple[str, str]]


class Target(Struct, frozen=True):
    """One upstream call, before its body: everything an address or a signature may depend on."""

    channel: ChannelView
    credential: CredentialView
    model: str  # the upstream's name
    mode: Mode
    dialect: DialectName
    stream: bool
    action: str  # Gemini's verb
    path: str  # the client's
    query: tuple[tuple[str, str], ...]  # the client's, without keys; empty when its dialect is another
    defaults: Mapping[str, str]  # process-wide: azure_api_version, gemini versions by model as "gemini:<model>"
    asked: str = ""  # the client's name for the model


class LocalAnswer(Protocol):
    """An answer that a provider gives itself, without the network."""

    status: int
    headers: Sequence[tuple[str, str]]

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        ...


LocalSend = Callable[[Target, bytes, Mapping[str, str]], LocalAnswer]


class Provider(Struct, frozen=True, kw_only=True):
    """A company or host. `dialects` are those it speaks for conversations, best first.

    `address` and `sign` go by their target alone: what they say of one is remembered.
    """

    type: int
    name: str  # as the console shows it
    owner: str  # owned_by in model lists
    dialects: tuple[DialectName, ...]
    address: Callable[[Target], str]
    sign: Callable[[Target], Headers]
    base_url: str = ""
    completes: bool = False  # legacy completions
    embeds: tuple[DialectName, ...] = ()
    counts: bool = False  # has a token counting endpoint
    quirks: Quirks = Quirks()
    models_path: str = "/v1/models"  # where its model list is, relative to the base; "" when it has none
    endpoints: tuple[str, ...] = ("openai",)  # New API's supported_endpoint_types
    local: LocalSend | None = None  # answers in-process
    models: tuple[str, ...] = ()  # what one that answers in-process offers
    # Where the dialects depend on the channel's own routes: (channel, path, model) -> dialects, () for none.
    speaks: Callable[[ChannelView, str, str], tuple[DialectName, ...]] | None = None


def base_of(target: Target, default: str) -> str:
    """The channel's base address or the provider's, without a trailing slash."""
    return (target.channel.base_url or default).rstrip("/")


def bearer(target: Target) -> Headers:
    """`Authorization: Bearer`."""
    return [("Authorization", f"Bearer {target.credential.secret}")]
