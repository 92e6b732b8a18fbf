"""Errors as the management API shows them.

Refusal                    its own status, with its code when it has one
RateLimited, TooLarge      429 and 413 with an empty body
any other ClientError,
UpstreamFailure            200 `success: false` with the sentence, as New API does
Unavailable                503 `success: false`, so is what the absence of the database raises
anything else              500, and nothing of it is shown
"""

from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from faregate.identity import AuthRefusal, Context, Refusal, clear_cookie
from faregate.kernel.errors import ClientError, GatewayError, RateLimited, TooLarge, Unavailable, UpstreamFailure
from faregate.kernel.log import get_logger

_log = get_logger(__name__)
OUTAGE = (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError)
_NO_STORE = {"Cache-Control": "no-store"}


class Json(JSONResponse):
    """JSON that names its character set."""

    media_type = "application/json; charset=utf-8"


def refused(message: str, *, status: int = 200, wire_code: str = "") -> Response:
    """The envelope of a refusal."""
    body: dict[str, Any] = {"success": False, "message": message}
    if wire_code:
        body["code"] = wire_code
    return Json(body, status_code=status)


def render(context: Context, error: GatewayError) -> Response:
    """The answer that tells of `error`."""
    match error:
        case RateLimited():
            return Response(status_code=429, headers={"Retry-After": str(error.retry_after_s)})
        case TooLarge():
            return Response(status_code=413)
        case Refusal():
            return _refusal(context, error)
        case ClientError() | UpstreamFailure():
            return refused(error.message)
        case Unavailable():
            return refused(error.message, status=503)
        case _:
            _log.error("api.failed", code=error.code, message=error.message, detail=error.detail)
            return broken()


def render_call(error: GatewayError) -> Response:
    """The same for routes that API keys call like a model: the relay's shape."""
    if isinstance(error, RateLimited):
        return Response(status_code=429, headers={"Retry-After": str(error.retry_after_s)})
    if not isinstance(error, ClientError | Unavailable):
        _log.error("api.failed", code=error.code, message=error.message, detail=error.detail)
        return broken()
    code = error.wire_code if isinstance(error, Refusal) else ""
    told = {"message": error.message, "type": "new_api_error", "param": "", "code": code}
    return Json({"error": told}, status_code=error.status)


def _refusal(context: Context, error: Refusal) -> Response:
    answer = refused(error.message, status=error.status, wire_code=error.wire_code)
    if isinstance(error, AuthRefusal) and error.clear_cookie:
        clear_cookie(answer, context.access)
    return answer


def broken() -> Response:
    """The answer to a fault of ours."""
    return Json({"error": {"message": "Something went wrong on our side.", "type": "new_api_panic"}}, status_code=500)


def invalid(error: RequestValidationError, status: int) -> Response:
    """The answer to a request that does not fit its description: the field and the rule; `status` for broken JSON."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return refused("The request body is not valid JSON.", status=status)
    where = ".".join(str(step) for step in first["loc"] if step not in ("body", "query", "path", "header"))
    if not where and first["loc"][:1] == ("body",):
        return refused("The request body must be a JSON object.", status=status)
    return refused(f"{where}: {first['msg']}.")


def not_found(method: str, path: str) -> Response:
    """The answer for a path or method that is not there, in the relay's words."""
    message = f"Invalid URL ({method} {path})"
    body = {"error": {"message": message, "type": "invalid_request_error", "param": "", "code": ""}}
    return Json(body, status_code=404, headers=_NO_STORE)


async def on_http_fault(request: Request, error: Exception) -> Response:
    """Faults of the framework: an unknown path, a wrong method, a body that cannot be read."""
    if isinstance(error, HTTPException) and error.status_code not in (404, 405):
        return refused(str(error.detail), status=error.status_code)
    return not_found(request.method, request.url.path)


async def on_outage(request: Request, error: Exception) -> Response:
    """The database is away."""
    _log.warning("api.database_away", method=request.method, path=request.url.path, error=repr(error))
    return refused("The database does not answer.", status=503)


async def on_defect(request: Request, error: Exception) -> Response:
    """A bug: told to the log with its trace, hidden from the caller."""
    _log.error("api.defect", method=request.method, path=request.url.path, exc_info=error)
    return broken()
