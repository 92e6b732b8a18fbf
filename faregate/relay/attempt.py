"""One attempt: send to one candidate, and bring its answer to the caller, whole or as a stream.

Four cases, by what the caller asked and what the upstream sends: stream to stream, whole to whole, and the two crossed
ones (an upstream that does not stream although asked, or streams unasked).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from functools import lru_cache

from msgspec import structs

from faregate.formats import DIALECTS
from faregate.formats.dialect import Dialect, Fault, Opening
from faregate.formats.events import Glimpse, Reply
from faregate.formats.fold import unfold
from faregate.formats.frames import Frames
from faregate.formats.openai_chat.completions import glimpse_completion_reply
from faregate.formats.usage import Usage
from faregate.kernel.clock import SYSTEM
from faregate.kernel.egress import Answer, Egress, Head
from faregate.kernel.errors import (
    BadRequest,
    CutOff,
    FirstTokenTimeout,
    Garbage,
    Misconfigured,
    UpstreamFailure,
)
from faregate.relay import completing, embedding
from faregate.relay.decoding import decoded
from faregate.relay.faults import RefusedBy, fault_of, said_by
from faregate.relay.gathering import Gathering, TurnGathering
from faregate.relay.meter import Meter
from faregate.relay.plan import Candidate
from faregate.relay.request import Request
from faregate.relay.responder import Responder
from faregate.relay.routes import Mode
from faregate.relay.seals import bound
from faregate.relay.stream import Pipe, Translation, Translator, until_ended
from faregate.relay.upstream import Prepared

_ERROR_BYTES = 1 << 20
_STREAM_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")  # how a line of server-sent events begins
_LONGEST_FIELD = max(map(len, _STREAM_FIELDS))
_MOST_BLANKS = 1 << 16
_KEPT_BACK = frozenset(
    (
        "connection", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade",
        "content-length", "content-encoding", "content-type", "set-cookie", "set-cookie2", "server", "date", "alt-svc",
        "x-oneapi-request-id", "x-new-api-version", "x-faregate-request-id", "strict-transport-security",
    )
)  # fmt: skip
_STREAM_HEADERS = frozenset(("x-reasoning-included", "x-codex-turn-state"))


class Attempt:
    """One upstream call. State: the meter, the first-token time, whether the reply is committed."""

    def __init__(
        self,
        request: Request,
        candidate: Candidate,
        prepared: Prepared,
        responder: Responder,
        *,
        body_limit_bytes: int,
        frame_limit_bytes: int,
        first_token_s: float,
        special_ratio: float,
        complete: Callable[["Attempt", Usage], None],
    ) -> None:
        self.request = request
        self.candidate = candidate
        self.prepared = prepared
        self.upstream: Dialect = DIALECTS[candidate.dialect]
        self.client: Dialect = DIALECTS[request.dialect]
        self._embeds = request.wish.mode is Mode.EMBED
        self._completes = request.wish.mode is Mode.COMPLETE
        self._origin = str(candidate.credential.id)  # what seals are bound to
        self.meter = Meter(self.upstream, request.model, is_native=not self._embeds)
        self.upstream_request_id = ""
        self._responder = responder
        self._body_limit_bytes = body_limit_bytes
        self._frame_limit_bytes = frame_limit_bytes
        self._first_token_s = first_token_s
        self.special_ratio = special_ratio  # the user group's own ratio, for the record
        self._complete = complete  # called once the upstream's answer is whole, before its last bytes go out
        self._pipe: Pipe | None = None
        self._unfolded_at = 0.0  # when a whole answer began to go out as a stream

    @property
    def committed(self) -> bool:
        """True when content has reached the caller."""
        return self._pipe.committed if self._pipe is not None else self._responder.begun

    @property
    def first_token_at(self) -> float:
        """When a stream began to reach the caller, in ticks; 0 if none did."""
        return self._pipe.committed_at if self._pipe is not None else self._unfolded_at

    @property
    def streamed(self) -> bool:
        """True when the answer reached the caller as a stream."""
        return self.first_token_at > 0

    def _usage(self) -> Usage:
        return self.meter.total(lambda: self.request.prompt_tokens)

    async def run(self, egress: Egress) -> None:
        """The whole exchange. Raises UpstreamFailure; on return the caller has a complete answer."""
        try:
            if self._first_token_s:
                await self._within_deadline(egress)
            else:
                await self._exchange(egress, None)
        except UpstreamFailure as failure:
            failure.committed = self.committed
            raise

    async def _within_deadline(self, egress: Egress) -> None:
        """The exchange, with a deadline for its first content."""
        try:
            async with asyncio.timeout(self._first_token_s) as deadline:
                await self._exchange(egress, deadline)
        except TimeoutError as error:
            raise FirstTokenTimeout(f"no content within {self._first_token_s:g} s") from error

    async def _exchange(self, egress: Egress, deadline: asyncio.Timeout | None) -> None:
        local = self.candidate.provider.local
        if local is not None:
            request = self.prepared.request
            assert isinstance(request.body, bytes)
            own = local(self.prepared.target, request.body, dict(request.headers))
            await self._answer(Head(own.status, list(own.headers)), own.chunks(), deadline)
            return
        async with await self._send(egress) as answer:
            await self._answer(answer.head, answer.chunks(), deadline)

    async def _send(self, egress: Egress) -> Answer:
        try:
            return await egress.send(self.prepared.request)
        except BadRequest as wrong:  # the channel's address, proxy, key or headers: what is the caller's was checked
            raise Misconfigured(f"the channel cannot be called as it is set: {wrong.message}") from wrong

    async def _answer(self, head: Head, chunks: AsyncIterator[bytes], deadline: asyncio.Timeout | None) -> None:
        self.upstream_request_id = head.get("x-oneapi-request-id") or head.get("x-request-id") or head.get("request-id")
        if encoding := head.get("content-encoding"):
            chunks = decoded(chunks, encoding)
        if head.status != 200:
            await self._refused(head, chunks)
        streams = head.get("content-type").startswith("text/event-stream")
        if self.request.envelope.stream:
            if not streams:
                chunks, streams = await _looked_at(chunks)
            await (self._stream(head, chunks, deadline) if streams else self._stream_whole(head, chunks))
        else:
            await (self._fold(head, chunks) if streams else self._whole(head, chunks))

    async def _refused(self, head: Head, chunks: AsyncIterator[bytes]) -> None:
        body = await _beginning(chunks, _ERROR_BYTES)
        raise RefusedBy(self._fault(body, head.status), retry_after=head.get("retry-after"))

    def _fault(self, body: bytes, status: int) -> Fault:
        return said_by(self.upstream, body, status, self.candidate.credential.secret)

    # --- streams ------------------------------------------------------------------------------------------
    def _opening(self) -> Opening:
        request = self.request
        return Opening(
            model=request.model,
            prompt_tokens=request.prompt_tokens if self.client is not self.upstream else 0,
            wants_usage=request.envelope.wants_usage,
            id=request.arrival.request_id,
            created=int(request.arrival.at),
        )

    def _translator(self) -> Translator:
        if self.client is self.upstream:
            return self.client.passage(self._opening())
        return Translation(self.upstream.reader(self._origin), self.client.writer(self._opening()))

    async def _stream(self, head: Head, chunks: AsyncIterator[bytes], deadline: asyncio.Timeout | None) -> None:
        headers = _passed_to_stream(head)
        secret = self.candidate.credential.secret
        self._pipe = Pipe(self.upstream, self._translator(), self.meter, self._responder, headers, secret)
        await self._pipe.run(chunks, self._frame_limit_bytes, deadline)
        usage = self._usage()
        self._complete(self, usage)
        await self._pipe.end(usage)

    async def fail(self, failure: UpstreamFailure) -> None:
        """End a committed stream with the dialect's own error event."""
        if self._pipe is not None:
            await self._pipe.fail(fault_of(failure, self.request.arrival.request_id))

    async def _stream_whole(self, head: Head, chunks: AsyncIterator[bytes]) -> None:
        """The upstream answered whole where a stream was asked: its content as a stream."""
        body = await self._read_reply(head, chunks)
        usage = self._usage()
        data = self._as_completion_stream(body, usage) if self._completes else self._as_stream(body, usage)
        self._unfolded_at = SYSTEM.ticks()
        self._complete(self, usage)
        await self._responder.begin_stream()
        await self._responder.piece(data)
        await self._responder.finish()

    def _as_stream(self, body: bytes, usage: Usage) -> bytes:
        writer = self.client.writer(self._opening())
        return b"".join([writer.write(event) for event in unfold(self._reply(body))]) + writer.end(usage)

    def _as_completion_stream(self, body: bytes, usage: Usage) -> bytes:
        passage, chunk = self.client.passage(self._opening()), completing.chunk_of(body)
        return passage.feed(chunk, self.upstream.glimpse(chunk)) + passage.end(usage, reported=False)

    # --- whole answers ------------------------------------------------------------------------------------
    async def _read_reply(self, head: Head, chunks: AsyncIterator[bytes]) -> bytes:
        """The whole body, metered. Raises when it is an error, empty or not of the dialect."""
        body = await _read(chunks, self._body_limit_bytes)
        glimpse = self._glimpse(body)
        if glimpse.error:
            raise RefusedBy(self._fault(glimpse.error, 200))
        if glimpse.junk or not body.strip():
            raise Garbage("the upstream's answer is not what its protocol says", detail=head.get("content-type"))
        self.meter.see(glimpse)
        self.meter.final = True
        return body

    def _glimpse(self, body: bytes) -> Glimpse:
        if self._embeds:
            return embedding.glimpse_reply(body)
        if self._completes:
            return glimpse_completion_reply(body)
        return self.upstream.glimpse_reply(body)

    async def _whole(self, head: Head, chunks: AsyncIterator[bytes]) -> None:
        body = await self._read_reply(head, chunks)
        usage = self._usage()
        if self._embeds:
            request = self.request
            operation, upstream = request.arrival.operation, self.candidate.dialect
            body = embedding.answered(body, request.body, operation, upstream, request.model, usage)
        elif self.client is not self.upstream:
            body = self.client.render_reply(_with_usage(self._reply(body), usage, self.request), self._opening())
        elif usage.estimated and self.request.dialect == "openai_chat":
            body = self.client.show_usage(body, usage)
        self._complete(self, usage)
        await self._responder.json(200, body, _passed(head))

    def _reply(self, body: bytes) -> Reply:
        """The typed answer, its seals bound to the account that issued them."""
        return bound(self.upstream.parse_reply(body), self.upstream.name, self._origin)

    def _gathering(self) -> Gathering:
        if self._completes:
            return completing.CompletionGathering(self._opening())
        return TurnGathering(self.upstream.reader(self._origin), self.client, self._opening())

    async def _fold(self, head: Head, chunks: AsyncIterator[bytes]) -> None:
        """The upstream streamed unasked: one whole answer of it."""
        frames, gathering = Frames(self._frame_limit_bytes), self._gathering()
        async for chunk in until_ended(chunks, self.meter):
            for frame in frames.feed(chunk):
                self._gather(frame, gathering)
        for frame in frames.last():
            self._gather(frame, gathering, last=True)
        if not self.meter.final:
            raise CutOff("the upstream's stream ended before its stop reason")
        usage = self._usage()
        body = gathering.whole(usage)
        self._complete(self, usage)
        await self._responder.json(200, body)

    def _gather(self, frame: bytes, gathering: Gathering, *, last: bool = False) -> None:
        glimpse = self.upstream.glimpse(frame)
        self.meter.follow(frame, glimpse)
        if last and glimpse.junk:
            return  # half an event, cut off by the connection's end
        if glimpse.error:
            raise RefusedBy(self._fault(glimpse.error, 200))
        gathering.feed(frame)


async def _looked_at(chunks: AsyncIterator[bytes]) -> tuple[AsyncIterator[bytes], bool]:
    """The same chunks, and whether they are the events of a stream: some hosts call theirs by another content type."""
    begun = b""
    async for chunk in chunks:
        begun += chunk
        if len(begun.lstrip()) >= _LONGEST_FIELD or len(begun) >= _MOST_BLANKS:
            break
    return _resumed(begun, chunks), begun.lstrip().startswith(_STREAM_FIELDS)


async def _resumed(begun: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if begun:
        yield begun
    async for chunk in chunks:
        yield chunk


async def _beginning(chunks: AsyncIterator[bytes], limit_bytes: int) -> bytes:
    """No more of the body than this: a refusal counts as such however much of the request it repeats."""
    pieces: list[bytes] = []
    size = 0
    async for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size >= limit_bytes:
            break
    return b"".join(pieces)[:limit_bytes]


async def _read(chunks: AsyncIterator[bytes], limit_bytes: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit_bytes:
            raise Garbage("the upstream's answer is larger than the limit")
        pieces.append(chunk)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _with_usage(reply: Reply, usage: Usage, request: Request) -> Reply:
    """The reply as the caller's dialect must show it: with a usage, an id and a time."""
    return structs.replace(
        reply,
        usage=usage,
        id=reply.id or request.arrival.request_id,
        created=reply.created or int(request.arrival.at),
    )


def _passed(head: Head) -> Sequence[tuple[bytes, bytes]]:
    """The upstream's response headers that a caller may see."""
    return [
        (shown, value.encode("utf-8", "surrogateescape")) for name, value in head.headers if (shown := _shown(name))
    ]


def _passed_to_stream(head: Head) -> Sequence[tuple[bytes, bytes]]:
    """The few that the caller of a stream sees."""
    return [
        (lower.encode(), value.encode("utf-8", "surrogateescape"))
        for name, value in head.headers
        if (lower := name.lower()) in _STREAM_HEADERS
    ]


@lru_cache(maxsize=1024)
def _shown(name: str) -> bytes:
    """A header's name as callers see it; empty when it is kept back."""
    lower = name.lower()
    return b"" if lower in _KEPT_BACK or lower.startswith("access-control-") else lower.encode("latin-1")
