"""One candidate's own request: the body in its dialect, its address, its headers.

The caller's bytes are never changed; every attempt renders its own body, so a failed attempt cannot contaminate the
next. Addresses and credentials come from configuration only, never from the body.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Raw, Struct

from faregate.formats import DIALECTS
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.openai_responses import refuse_stateful
from faregate.formats.turn import DialectName
from faregate.kernel import egress
from faregate.kernel.body import fields
from faregate.kernel.errors import Misconfigured
from faregate.relay import embedding
from faregate.relay.arrival import Arrival
from faregate.relay.doubles import undoubled
from faregate.relay.plan import Candidate
from faregate.relay.providers import Target
from faregate.relay.providers.base import Headers
from faregate.relay.request import Request
from faregate.relay.routes import Mode
from faregate.relay.settings import DialectSettings

# Never sent on: credentials, what belongs to one connection, what a proxy added, and what we decide ourselves.
_WITHHELD = frozenset(
    (
        b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key", b"mj-api-secret", b"cookie", b"new-api-user",
        b"host", b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection",
        b"te", b"trailer", b"transfer-encoding", b"upgrade", b"content-length", b"content-encoding",
        b"accept-encoding", b"expect", b"content-type", b"accept", b"origin", b"referer",
        b"sec-websocket-protocol", b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-extensions",
        b"x-security-proof", b"x-auth-session",
        b"forwarded", b"forwarded-for", b"x-forwarded", b"via", b"cdn-loop", b"x-real-ip", b"x-client-ip", b"client-ip",
        b"true-client-ip", b"x-cluster-client-ip", b"x-remote-ip", b"x-remote-addr", b"x-remote-user", b"remote-user",
        b"fastly-client-ip", b"fly-client-ip", b"x-azure-clientip", b"x-azure-socketip", b"x-appengine-user-ip",
        b"x-envoy-external-address", b"x-vercel-forwarded-for", b"x-goog-iap-jwt-assertion",
    )
)  # fmt: skip
_WITHHELD_PREFIXES = (b"x-faregate", b"x-forwarded-", b"x-original-", b"x-auth-request-", b"x-amzn-oidc-", b"cf-")
_CONNECTION_WORDS = frozenset((b"", b"keep-alive", b"close", b"upgrade"))  # which name no header that would go up
_NOTHING: frozenset[bytes] = frozenset()
_ALWAYS = frozenset((b"user-agent", b"traceparent", b"tracestate"))  # whatever dialect goes up
# Fields that make a call dearer or tell more about the user than asked: sent only where the channel allows it.
_GUARDED_FIELDS: tuple[tuple[bytes, str, str], ...] = (
    (b'"service_tier"', "service_tier", "allow_service_tier"),
    (b'"inference_geo"', "inference_geo", "allow_inference_geo"),
    (b'"speed"', "speed", "allow_speed"),
    (b'"safety_identifier"', "safety_identifier", "allow_safety_identifier"),
)
_STREAM_OPTIONS = msgspec.json.Decoder(dict[str, Any] | None)
_EMPTY = Raw(b"")
_MAX_OUTLETS = 1024
_SETTING_CODES = {
    "model_mapping": "channel:model_mapped_error",
    "param_override": "channel:param_override_invalid",
    "header_override": "channel:header_override_invalid",
}
_LABELS: dict[DialectName, str] = {
    "openai_chat": "OpenAI Compatible",
    "anthropic": "Claude Messages",
    "gemini": "Google Gemini",
    "openai_responses": "OpenAI Responses",
}


class Outlet(Struct, frozen=True):
    """What all requests to one candidate have in common."""

    target: Target
    url: str
    signature: Headers
    guarded: tuple[tuple[bytes, str], ...]  # fields that the channel does not let through, and what betrays them


class Prepared(Struct, frozen=True):
    """What to send, and what had to be left out of it."""

    request: egress.Request
    target: Target
    notes: tuple[str, ...]


class Preparer:
    """Prepares requests under the present settings."""

    def __init__(self, settings: DialectSettings, deadlines: egress.Deadlines, azure_api_version: str) -> None:
        self._settings = settings
        self._deadlines = deadlines
        self._defaults: Mapping[str, str] = {
            "azure_api_version": azure_api_version,
            **{f"gemini:{model}": version for model, version in settings.gemini_versions.items()},
        }
        self._safety = _safety_settings(settings.gemini_safety)
        self._outlets: dict[tuple[Candidate, bool], Outlet] = {}

    def prepare(self, request: Request, candidate: Candidate) -> Prepared:
        """The candidate's request. Raises Unrepresentable, Misconfigured or BadRequest."""
        outlet = self._outlet(request, candidate)
        notes = Notes()
        body = self._body(request, candidate, outlet, notes)
        headers = self._headers(request, candidate, outlet)
        proxy = candidate.channel.behaviour.proxy
        return Prepared(
            egress.Request("POST", outlet.url, headers, body, proxy, self._deadlines), outlet.target, tuple(notes.lines)
        )

    def forget(self) -> None:
        """Let go of what was remembered of candidates: their routing is over."""
        self._outlets.clear()

    def _outlet(self, request: Request, candidate: Candidate) -> Outlet:
        """Remembered, unless a query makes it this request's own; candidates are remembered with their routing."""
        if request.arrival.query:
            return self._new_outlet(request, candidate)
        key = (candidate, request.envelope.stream)
        found = self._outlets.get(key)
        if found is None:
            if len(self._outlets) >= _MAX_OUTLETS:
                self._outlets.clear()
            found = self._outlets[key] = self._new_outlet(request, candidate)
        return found

    def _new_outlet(self, request: Request, candidate: Candidate) -> Outlet:
        _check_settings(candidate)
        target, allowed = self._target(request, candidate), candidate.channel.permissions
        guarded = [(mark, name) for mark, name, right in _GUARDED_FIELDS if not getattr(allowed, right)]
        if allowed.disable_store:
            guarded.append((b'"store"', "store"))
        provider = candidate.provider
        return Outlet(target, provider.address(target), provider.sign(target), tuple(guarded))

    def _target(self, request: Request, candidate: Candidate) -> Target:
        arrival = request.arrival
        return Target(
            channel=candidate.channel,
            credential=candidate.credential,
            model=candidate.model,
            mode=arrival.operation.mode,
            dialect=candidate.dialect,
            stream=request.envelope.stream,
            action=arrival.operation.action,
            path=arrival.path,
            query=_query(request, candidate),
            defaults=self._defaults,
            asked=request.model,
        )

    # --- body ---------------------------------------------------------------------------------------------
    def _body(self, request: Request, candidate: Candidate, outlet: Outlet, notes: Notes) -> bytes:
        if candidate.dialect != request.dialect:
            body = self._translated(request, candidate, notes)
        else:
            body = self._own_body(request, candidate, notes)
            if candidate.channel.behaviour.pass_through_body_enabled:
                return undoubled(body)
        edits = self._edits(request, candidate)
        removed = [name for mark, name in outlet.guarded if mark in body]
        if not edits and not removed:
            return undoubled(body) if body is request.body else body
        found = fields(body)
        for name in removed:
            found.pop(name, None)
        found.update(edits)
        return msgspec.json.encode(found)

    def _own_body(self, request: Request, candidate: Candidate, notes: Notes) -> bytes:
        """The caller's very bytes, unless they give back what an upstream of this dialect has never said."""
        dialect, body = DIALECTS[candidate.dialect], request.body
        if request.wish.mode is Mode.GENERATE and dialect.carries_foreign(body):
            return dialect.without_foreign(body, self._quirks(candidate), notes)
        return body

    def _translated(self, request: Request, candidate: Candidate, notes: Notes) -> bytes:
        if request.wish.mode is Mode.EMBED:
            return embedding.rendered(request.body, candidate.dialect, candidate.model, request.arrival.operation)
        turn = request.turn
        refuse_stateful(turn)
        turn = msgspec.structs.replace(turn, model=candidate.model, stream=request.envelope.stream)
        return DIALECTS[candidate.dialect].render(turn, self._quirks(candidate), notes)

    def _quirks(self, candidate: Candidate) -> Quirks:
        tokens = self._settings.claude_default_max_tokens
        return msgspec.structs.replace(
            candidate.provider.quirks,
            origin=str(candidate.credential.id),
            default_max_tokens=tokens.get(candidate.model, tokens.get("default", 8192)),
            thinking_budget_share=self._settings.claude_budget_share,
            safety_settings=self._safety,
            thought_signature=self._settings.gemini_signature,
            gemini_image_models=tuple(self._settings.gemini_image_models),
        )

    def _edits(self, request: Request, candidate: Candidate) -> dict[str, Raw]:
        """Fields to set on top of the rendered (or the caller's own) body."""
        edits: dict[str, Raw] = {}
        if candidate.dialect == request.dialect:
            edits = self._own_dialect_edits(request, candidate)
        override = candidate.channel.body_override
        if override:
            edits.update({name: _raw(value) for name, value in override.items() if name != "operations"})
        return edits

    def _own_dialect_edits(self, request: Request, candidate: Candidate) -> dict[str, Raw]:
        edits: dict[str, Raw] = {}
        operation = request.arrival.operation
        if candidate.model != request.model and not operation.model:
            edits["model"] = _raw(candidate.model)
        match candidate.dialect:
            case "openai_chat" if request.envelope.stream and candidate.provider.quirks.asks_usage:
                options = self._usage_wanted(request, candidate)
                if options is not None:
                    edits["stream_options"] = options
            case "anthropic" if operation.mode is Mode.GENERATE and not request.envelope.max_output_tokens:
                edits["max_tokens"] = _raw(self._quirks(candidate).default_max_tokens)
            case "gemini" if operation.action == "embedContent":
                edits["model"] = _raw(f"models/{candidate.model}")
            case _:
                pass
        return edits

    def _usage_wanted(self, request: Request, candidate: Candidate) -> Raw | None:
        """stream_options that ask for usage, or None where the caller's already do."""
        given = fields(request.body).get("stream_options", _EMPTY)
        options: dict[str, Any] = (_STREAM_OPTIONS.decode(given) if given else None) or {}
        hides = "include_obfuscation" in options and not candidate.channel.permissions.allow_include_obfuscation
        if options.get("include_usage") is True and not hides:
            return None
        options.pop("include_obfuscation", None) if hides else None
        return _raw({**options, "include_usage": True})

    # --- headers ------------------------------------------------------------------------------------------
    def _headers(self, request: Request, candidate: Candidate, outlet: Outlet) -> list[tuple[str, str]]:
        arrival = request.arrival
        same = candidate.dialect == request.dialect
        named = _named_by_connection(arrival)
        withheld, always = (_WITHHELD | named, _ALWAYS - named) if named else (_WITHHELD, _ALWAYS)
        headers = [
            (egress.header_text(name), egress.header_text(value))
            for name, value in arrival.headers
            if (name not in withheld if same else name in always) and not name.startswith(_WITHHELD_PREFIXES)
        ]
        accept = arrival.header(b"accept")
        if request.envelope.stream and (not accept or not same or accept == "*/*"):
            accept = "text/event-stream"
        if accept:
            headers.append(("Accept", accept))
        headers.append(("Content-Type", "application/json"))
        sent = {name for name, _ in headers}
        headers += [(name, value) for name, value in outlet.signature if name not in sent]
        if candidate.dialect == "anthropic" and self._settings.claude_headers:
            headers = _with_model_headers(headers, self._settings.claude_headers.get(request.model, {}))
        return _overridden(headers, request, candidate) if candidate.channel.header_override else headers


def _named_by_connection(arrival: Arrival) -> frozenset[bytes]:
    """The headers that belong to the caller's connection alone, because its `Connection` says so (RFC 9110 §7.6.1)."""
    if arrival.first.get(b"connection", b"") in _CONNECTION_WORDS and len(arrival.first) == len(arrival.headers):
        return _NOTHING  # the usual call: one line with one word, or none
    said = b",".join([value for name, value in arrival.headers if name == b"connection"])
    return frozenset([word.strip() for word in said.lower().split(b",")]) - _CONNECTION_WORDS


def _check_settings(candidate: Candidate) -> None:
    """Raises Misconfigured for a channel by whose settings no call can be made as they stand."""
    if unreadable := candidate.channel.unreadable:
        raise Misconfigured(f"the channel's {unreadable} is not a JSON object", code=_SETTING_CODES[unreadable])
    if not candidate.model:
        raise Misconfigured("the channel's model_mapping goes round in a circle", code=_SETTING_CODES["model_mapping"])


def _raw(value: object) -> Raw:
    return Raw(msgspec.json.encode(value))


def _query(request: Request, candidate: Candidate) -> tuple[tuple[str, str], ...]:
    """What the client's query says to an upstream of its own dialect. `key` is left out: it may hold the caller's."""
    if not request.arrival.query or candidate.dialect != request.dialect:
        return ()
    pairs = parse_qsl(request.arrival.query.decode("latin-1"), keep_blank_values=True)
    return tuple(pair for pair in pairs if pair[0] != "key")


def _safety_settings(by_category: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Thresholds of the four categories; an empty one leaves its category out."""
    default = by_category.get("default", "OFF")
    categories = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
    found = ((name, by_category.get(f"HARM_CATEGORY_{name}", by_category.get(name, default))) for name in categories)
    return tuple((name, threshold) for name, threshold in found if threshold)


def _with_model_headers(headers: list[tuple[str, str]], more: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """The operator's headers for a model, merged into comma lists without repeats."""
    found = dict(headers)
    for name, values in more.items():
        key = name.lower()
        present = [part.strip() for part in found.get(key, "").split(",") if part.strip()]
        found[key] = ",".join(dict.fromkeys([*present, *values]))
    return list(found.items())


def _overridden(headers: list[tuple[str, str]], request: Request, candidate: Candidate) -> list[tuple[str, str]]:
    """The channel's header override: replaces by name; `{api_key}` and `{client_header:Name}` are filled in."""
    found = list(headers)
    for name, template in candidate.channel.header_override.items():
        value = template.replace("{api_key}", candidate.credential.secret)
        if value.startswith("{client_header:") and value.endswith("}"):
            value = request.arrival.header(value[15:-1].strip().lower().encode("latin-1", "ignore"))
            if not value:
                continue
        lower = name.lower()
        found = [(key, kept) for key, kept in found if key.lower() != lower]
        found.append((name, value))
    return found


def conversion_labels(client: DialectName, upstream: DialectName) -> list[str]:
    """New API's words for the dialects a call went through."""
    return [_LABELS[client]] if client == upstream else [_LABELS[client], _LABELS[upstream]]
