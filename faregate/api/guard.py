"""What stands before and after every endpoint: limits, identity, rights, the body's size, headers, the audit log.

Order: count the call, find out who calls, count what is counted by user, then (within the audited part) check rights,
bound the body, run the endpoint. Refusals become answers here, so that the audit log sees what was answered.
"""

import json
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message

from faregate.api.automatic import write_automatic
from faregate.api.calling_key import calling_key
from faregate.api.faults import invalid, render, render_call
from faregate.api.limits import CallLimits
from faregate.identity import (
    Access,
    AuthRefusal,
    Caller,
    Context,
    Declaration,
    KeyRecord,
    LimitClass,
    Refusal,
    Visit,
    authenticate,
    bearer,
    client_address,
    find_key_owner,
    may,
)
from faregate.kernel.errors import BadRequest, GatewayError, TooLarge
from faregate.kernel.log import get_logger
from faregate.kernel.secrets import key_digest
from faregate.storage.unstorable import is_unstorable

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_WRITES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_NO_SIGN_IN = (Access.PUBLIC, Access.KEY, Access.CALL)
_ROLES = {Access.USER: 1, Access.ADMIN: 10, Access.ROOT: 100}
_AUTH_VERSION = "864b7076dbcd0a3c01b5520316720ebf"  # what New API's console compares
_NO_CACHE = {
    "Cache-Control": "no-store, no-cache, must-revalidate, private, max-age=0",
    "Pragma": "no-cache",
    "Expires": "0",
}
_DISABLED = 2
_HUNG_UP = 499  # nobody reads it but the log
_FLAG_BYTES = 65_536
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_CONSTANTS = (b"NaN", b"Infinity")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_log = get_logger(__name__)
_UNSTORABLE = "A value in the request cannot be stored: a number beyond 64 bits, or a text with the character NUL."


class _Success(msgspec.Struct):
    success: bool = True


def guarded_route(declared: Declaration) -> type[APIRoute]:
    """The class of the route that `declared` describes."""

    class GuardedRoute(APIRoute):
        """Calls the endpoint through the guard of its app."""

        def get_route_handler(self) -> Handler:
            handler = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                return await request.app.state.guard.answer(declared, request, handler)

            return guarded

    return GuardedRoute


class Guard:
    """Enforces what routes declare. One for the whole API."""

    def __init__(self, context: Context, limits: CallLimits) -> None:
        self._context = context
        self._limits = limits

    async def answer(self, declared: Declaration, request: Request, handler: Handler) -> Response:
        """The whole answer to a request."""
        if self._context.before_call is not None:
            await self._context.before_call()
        try:
            caller = await self._enter(declared, request)
        except GatewayError as error:
            return self._finished(declared, self._refusal(declared, error), None)
        is_write = declared.method in _WRITES
        if caller is None or not is_write or declared.access not in (Access.ADMIN, Access.ROOT):
            response = await self._run(declared, request, handler, caller)
        else:
            response = await self._audited(declared, request, handler, caller)
        if is_write and response.status_code < 400:
            await self._refresh()
        return self._finished(declared, response, caller)

    async def _refresh(self) -> None:
        """Let this process see what was written. That is stored: a fault here is not the caller's."""
        try:
            await self._context.bus.refresh()
        except Exception:
            _log.exception("revision.not_taken_up")

    async def _enter(self, declared: Declaration, request: Request) -> Caller | None:
        """Count the call and find out who calls. Raises the refusals."""
        visit = self._visit(request)
        request.state.visit = visit
        self._limits.every.count(visit.ip)
        if declared.limit is LimitClass.CRITICAL:
            self._limits.critical.count(visit.ip)
        if declared.access is Access.KEY:
            request.state.key = await self._key(declared, request)
        if declared.access is Access.CALL:
            request.state.key = await calling_key(self._context, request.headers.get("authorization", ""), visit)
        caller = await self._caller(declared, request, visit)
        if caller is None:
            return None
        request.state.caller = caller
        if declared.limit is LimitClass.SEARCH:
            self._limits.search.count(str(caller.id))
        if declared.user_limit:
            self._limits.by_user.count(f"{declared.user_limit}:{caller.id}")
        return caller

    def _visit(self, request: Request) -> Visit:
        headers = request.headers
        peer = request.client.host if request.client else ""
        forwarded = ",".join(headers.getlist("x-forwarded-for"))
        ip = client_address(peer, forwarded, headers.get("x-real-ip", ""), self._context.access.trusted_proxies)
        return Visit(ip, headers.get("user-agent", ""), request.scope.get("state", {}).get("request_id", ""))

    async def _caller(self, declared: Declaration, request: Request, visit: Visit) -> Caller | None:
        header = request.headers.get("authorization", "")
        if declared.access in _NO_SIGN_IN or (declared.access is Access.OPTIONAL and not header):
            return None
        async with self._context.database.read() as session:
            caller = await authenticate(self._context, session, header, visit)
        if caller.user.role < _ROLES.get(declared.access, 0):
            raise AuthRefusal("AUTH_INSUFFICIENT_PRIVILEGE")
        if declared.session_only and not caller.session_id:
            raise AuthRefusal("AUTH_SESSION_REQUIRED")
        return caller

    async def _key(self, declared: Declaration, request: Request) -> KeyRecord:
        """The calling API key, read-only: expired and used-up keys may still ask about themselves."""
        header = request.headers.get("authorization", "").strip()
        credential = bearer(header)
        presented = credential.removeprefix("sk-")
        is_bare = credential == header
        if not presented or (is_bare and not declared.bare_key):
            raise Refusal("Send an API key as Authorization: Bearer sk-….", status=401)
        async with self._context.database.read() as session:
            record = await find_key_owner(session, self._context.balances, key_digest(presented))
        if record is None or record.status == _DISABLED or record.is_deleted:
            raise Refusal("The API key is unknown or switched off.", status=401)
        if not record.is_owner_enabled:
            raise Refusal("The owner of the API key is disabled.", status=403)
        return record

    async def _run(self, declared: Declaration, request: Request, handler: Handler, caller: Caller | None) -> Response:
        try:
            if declared.permission and (caller is None or not may(caller.user, declared.permission)):
                raise Refusal(f"You do not have the right {declared.permission}.", status=403)
            return await handler(await self._bounded(declared, request))
        except GatewayError as error:
            return self._refusal(declared, error)
        except ClientDisconnect:
            return Response(status_code=_HUNG_UP)
        except RequestValidationError as error:
            return invalid(error, declared.bad_body_status)
        except (OverflowError, DBAPIError) as error:
            if not is_unstorable(error):
                raise
            return self._refusal(declared, BadRequest(_UNSTORABLE))

    def _refusal(self, declared: Declaration, error: GatewayError) -> Response:
        return render_call(error) if declared.access is Access.CALL else render(self._context, error)

    async def _audited(self, declared: Declaration, request: Request, handler: Handler, caller: Caller) -> Response:
        response: Response | None = None
        try:
            response = await self._run(declared, request, handler, caller)
            return response
        finally:
            status = response.status_code if response is not None else 500
            success = status < 400 and response is not None and _succeeded(response)
            if not (caller.recorded and success):
                await write_automatic(self._context, declared, caller, request.url.path, status, success=success)

    async def _bounded(self, declared: Declaration, request: Request) -> Request:
        """The request with its body read, at most as long as allowed. Raises TooLarge, Refusal or ClientDisconnect.

        Bodies are JSON whatever the client calls them (New API does not look at the content type either).
        """
        if declared.method not in _WRITES:
            return request
        access = self._context.access
        most = access.max_anonymous_body_bytes if declared.bounded_body else access.max_body_bytes
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise TooLarge(f"the body is longer than {most} bytes")
        if not declared.raw_body:
            _check_text(body, declared.bad_body_status)
        return Request(_as_json(request, declared), _replay(bytes(body)))

    def _finished(self, declared: Declaration, response: Response, caller: Caller | None) -> Response:
        if caller is not None:
            response.headers["Auth-Version"] = _AUTH_VERSION
        if declared.no_cache:
            for name, value in _NO_CACHE.items():
                response.headers.setdefault(name, value)
        if declared.cors:
            response.headers["Access-Control-Allow-Origin"] = "*"
        return response


def _as_json(request: Request, declared: Declaration) -> dict[str, Any]:
    scope = dict(request.scope)
    if not declared.raw_body:
        others = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
        scope["headers"] = [*others, (b"content-type", b"application/json")]
    return scope


def _check_text(body: bytearray, status: int) -> None:
    """Raise Refusal for what Python's reader takes and JSON is not: other encodings, NaN, half a character."""
    if not body.isascii() or b"\0" in body[:4]:
        _check_encoding(body, status)
    if _SURROGATE.search(body) or any(word in body for word in _CONSTANTS):
        _check_values(body, status)


def _check_encoding(body: bytearray, status: int) -> None:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Refusal(f"The request body is not UTF-8: byte {error.start}.", status=status) from error
    if body.startswith(_BYTE_ORDER_MARK) or b"\0" in body[:4]:
        raise Refusal("The request body must be UTF-8 without a byte order mark.", status=status)


def _check_values(body: bytearray, status: int) -> None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return  # told by whoever reads the body
    try:
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        raise Refusal("The request body contains half a character (a lone surrogate).", status=status) from error
    except (ValueError, RecursionError) as error:
        raise Refusal("The request body is not valid JSON: NaN and Infinity are no numbers.", status=status) from error


def _replay(body: bytes) -> Callable[[], Awaitable[Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _succeeded(response: Response) -> bool:
    """What the answer's `success` says; true for answers that do not say."""
    try:
        return msgspec.json.decode(bytes(getattr(response, "body", b""))[:_FLAG_BYTES], type=_Success).success
    except msgspec.MsgspecError:
        return True
