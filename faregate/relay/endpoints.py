"""The data plane's front door: a bare ASGI callable for everything under /v1 and /v1beta."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec

from faregate.formats import DIALECTS
from faregate.formats.dialect import Envelope, Fault
from faregate.formats.openai_chat.completions import peek_completion
from faregate.formats.unary import embeddings
from faregate.kernel.clock import SYSTEM, Clock
from faregate.kernel.errors import BadRequest, Defect, GatewayError, NotFound, RateLimited, Refused
from faregate.kernel.ids import request_id
from faregate.kernel.log import get_logger
from faregate.relay import affinity, counting, embedding
from faregate.relay.admission import (
    SUFFIX_REFUSED_HEADER,
    Admission,
    Caller,
    SuffixRefused,
    check_model,
    choose_group,
    pick_channel,
)
from faregate.relay.arrival import Arrival, Scope, first_values
from faregate.relay.faults import fault_of
from faregate.relay.intake import ClientGone, read_body
from faregate.relay.models_list import render_list, render_model, shape_of, visible_models
from faregate.relay.pipeline import Pipeline, Receive, no_channel
from faregate.relay.plan import Wish
from faregate.relay.request import Request
from faregate.relay.responder import Responder, Send
from faregate.relay.routes import Mode, Operation, dialect_of_path, match, unslashed
from faregate.relay.watch import Watches

PREFIXES = ("/v1/", "/v1beta/")
_ELSEWHERE = "/v1/dashboard/"  # old billing queries: the management API answers them
_NOWHERE = Operation(Mode.ABSENT, "openai_chat")
_LISTS = (Mode.MODELS, Mode.MODEL)
_log = get_logger(__name__)
_PREFLIGHT = [  # the origin is the responder's to name
    (b"access-control-allow-methods", b"GET, POST, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, *"),  # the asterisk does not cover it (Fetch standard, 2026-08)
    (b"access-control-max-age", b"43200"),
]


class Relay:
    """Answers relay calls. State: how many are open, and whether new ones are refused (draining)."""

    def __init__(self, admission: Admission, pipeline: Pipeline, clock: Clock = SYSTEM) -> None:
        self._admission = admission
        self._pipeline = pipeline
        self._clock = clock
        self._watches = Watches()
        self.open_calls = 0

    def claims(self, path: str) -> bool:
        """True for paths that the relay answers, also with an error."""
        return path.startswith(PREFIXES) and not path.startswith(_ELSEWHERE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        arrival = self._arrival(scope)
        responder = Responder(arrival, send)
        self.open_calls += 1
        try:
            await self._answer(arrival, receive, responder)
        except ClientGone:
            _log.debug("client.gone", request_id=arrival.request_id)
        except GatewayError as error:
            await self._refuse(arrival, responder, error)
        except Exception:
            # An edge: whatever is wrong with us, the caller gets an answer and the worker lives.
            _log.exception("relay.defect", request_id=arrival.request_id, path=arrival.path)
            if not responder.begun:
                await responder.fault(_defect(arrival))
            else:
                raise
        finally:
            self.open_calls -= 1

    def _arrival(self, scope: Scope) -> Arrival:
        path: str = scope["path"]
        headers = scope["headers"]
        client = scope.get("client")
        return Arrival(
            request_id=request_id(),
            method=scope["method"],
            path=path,
            query=scope["query_string"],
            headers=headers,
            first=first_values(headers),
            peer=client[0] if client else "",
            operation=(operation := match(scope["method"], path)) or _NOWHERE,
            dialect=operation.dialect if operation else dialect_of_path(path),
            started=self._clock.ticks(),
            at=self._clock.now(),
        )

    async def _answer(self, arrival: Arrival, receive: Receive, responder: Responder) -> None:
        operation = arrival.operation
        if operation is _NOWHERE:
            await self._nowhere(arrival, responder)
            return
        if operation.mode is Mode.ABSENT:
            await responder.fault(_absent())
            return
        caller = await self._admission.identify(arrival)
        if operation.mode in _LISTS:
            await self._models(arrival, caller, responder)
            return
        request = await self._request(arrival, caller, receive)
        if operation.mode is Mode.COUNT:
            with self._watches.over(receive) as watch:
                counted = await counting.counted(self._pipeline, request, watch)
            await responder.json(200, counted)
            return
        await self._pipeline.serve(request, receive, responder)

    # --- understanding ------------------------------------------------------------------------------------
    async def _request(self, arrival: Arrival, caller: Caller, receive: Receive) -> Request:
        body = await read_body(arrival, receive, self._pipeline.limits.body_bytes)
        envelope = _envelope(arrival, body)
        offers = self._pipeline.offers
        model = envelope.model
        check_model(caller, model)
        picked = pick_channel(caller, offers.routing)
        wish = Wish(arrival.operation.mode, arrival.operation.dialect, model, arrival.path)
        group = choose_group(caller.groups, offers, wish)
        if picked is None:
            self._check_served(group, wish)
        found = affinity.find(self._pipeline.rules.affinity, arrival, body, envelope.affinity, model, group)
        return Request(
            arrival,
            caller.key,
            body,
            envelope,
            group=group,
            address=caller.address,
            wish=wish,
            affinity=found,
            picked_channel=picked.id if picked else 0,
        )

    def _check_served(self, group: str, wish: Wish) -> None:
        if self._pipeline.offers.find(group, wish):
            return
        if wish.mode is Mode.COUNT and self._pipeline.routing.candidates(group, wish.model):
            return
        raise no_channel(group, wish.model)

    # --- answers without an upstream ----------------------------------------------------------------------
    async def _models(self, arrival: Arrival, caller: Caller, responder: Responder) -> None:
        rules, routing = self._pipeline.rules, self._pipeline.routing
        tariffs = rules.tariffs
        names = visible_models(caller, routing, tariffs.book, accept_unpriced=tariffs.accept_unpriced)
        shape = shape_of(arrival)
        wanted = arrival.operation.model.removeprefix("models/")
        if arrival.operation.mode is Mode.MODEL:
            if wanted not in names:
                raise NotFound(f"the model {wanted!r} does not exist", code="model_not_found")
            answer: dict[str, Any] = render_model(wanted, shape, caller, routing)
        else:
            answer = render_list(names, shape, caller, routing)
        await responder.json(200, msgspec.json.encode(answer))

    async def _nowhere(self, arrival: Arrival, responder: Responder) -> None:
        if arrival.method == "OPTIONS":
            await responder.whole(204, _PREFLIGHT, b"")
        elif path := unslashed(arrival.method, arrival.path):
            await responder.whole(301 if arrival.method == "GET" else 307, [_location(path, arrival.query)], b"")
        elif arrival.path == "/v1/responses" and b"upgrade" in arrival.first:
            # Codex opens a WebSocket first and falls back to HTTP at once on 426.
            await responder.fault(_fault(426, "this endpoint is served over HTTP, not WebSocket", "upgrade_required"))
        else:
            await responder.fault(_fault(404, f"Invalid URL ({arrival.method} {arrival.path})", ""))

    async def _refuse(self, arrival: Arrival, responder: Responder, error: GatewayError) -> None:
        fault = fault_of(error, arrival.request_id)
        if error.status >= 500 and (error.detail or isinstance(error, Defect)):
            detail = error.detail or error.message
            _log.warning("relay.refused", request_id=arrival.request_id, code=error.code, detail=detail)
        if responder.begun:
            return
        headers: list[tuple[bytes, bytes]] = []
        if isinstance(error, SuffixRefused):
            headers.append(SUFFIX_REFUSED_HEADER)
        wait = error.retry_after if isinstance(error, Refused) else ""
        if isinstance(error, RateLimited) and error.retry_after_s:
            wait = str(error.retry_after_s)
        if wait and re.fullmatch(r"[\x20-\x7e]{1,64}", wait):
            headers.append((b"retry-after", wait.encode()))
        await responder.fault(fault, headers)


_Peek = Callable[[bytes], Envelope]


def _envelope(arrival: Arrival, body: bytes) -> Envelope:
    """The envelope of a body, with what the path says filled in. Raises BadRequest."""
    operation = arrival.operation
    if not body:
        raise BadRequest("the request has no body", code="")
    envelope = _peek_of(operation)(body)
    if operation.model:
        stream = bool(operation.stream) or arrival.query_value("alt") == "sse"
        envelope = msgspec.structs.replace(envelope, model=operation.model, stream=stream)
    if not envelope.model:
        raise BadRequest("model is required", param="model", code="")
    return envelope


def _peek_of(operation: Operation) -> _Peek:
    match operation.mode:
        case Mode.GENERATE:
            return DIALECTS[operation.dialect].peek
        case Mode.COMPLETE:
            return peek_completion
        case Mode.EMBED:
            return embeddings.peek if operation.dialect == "openai_chat" else embedding.peek_gemini
        case Mode.COUNT:
            return counting.peek_of(operation.dialect)
        case _:
            return DIALECTS[operation.dialect].peek


def _location(path: str, query: bytes) -> tuple[bytes, bytes]:
    target = quote(path, safe="/:").encode()  # quoted anew: the server has unquoted it, line breaks and all
    return (b"location", target + b"?" + query if query else target)


def _fault(status: int, message: str, code: str) -> Fault:
    return Fault(status=status, message=message, kind="not_found", type="invalid_request_error", code=code)


def _absent() -> Fault:
    return Fault(status=501, message="this endpoint is not offered", kind="not_found", code="api_not_implemented")


def _defect(arrival: Arrival) -> Fault:
    text = f"something went wrong in the gateway (request id: {arrival.request_id})"
    return Fault(status=500, message=text, kind="server", code="", request_id=arrival.request_id)
