"""The list of routers, and how their declarations become routes: fixed segments before variable ones."""

from collections.abc import Iterable, Sequence

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from faregate.api import attention, find, options, settings_endpoints
from faregate.api.faults import Json, not_found
from faregate.api.guard import guarded_route
from faregate.billing import query_endpoints
from faregate.catalog import (
    callable_endpoints,
    content,
    group_endpoints,
    group_price_endpoints,
    model_endpoints,
    pricing_endpoints,
)
from faregate.channels import console_endpoints as channel_console
from faregate.channels import endpoints as channel_endpoints
from faregate.channels import operation_endpoints as channel_operations
from faregate.channels import type_endpoints
from faregate.identity import (
    Access,
    Declaration,
    Router,
    admin_endpoints,
    console_key_endpoints,
    key_endpoints,
    self_endpoints,
    session_endpoints,
    setup_endpoints,
    user_actions,
)
from faregate.kernel.errors import Defect
from faregate.logbook import channel_health, dashboards, key_usage, request_endpoints, usage_endpoints, user_spend
from faregate.logbook import endpoints as log_endpoints
from faregate.relay import provider_endpoints

ROUTERS: tuple[Router, ...] = (
    setup_endpoints.router,
    content.router,
    session_endpoints.router,
    self_endpoints.router,
    group_endpoints.router,
    group_endpoints.admin_router,
    admin_endpoints.router,
    admin_endpoints.authz_router,
    user_actions.router,
    user_spend.router,
    key_endpoints.router,
    key_endpoints.usage_router,
    options.router,
    channel_endpoints.router,
    channel_operations.router,
    type_endpoints.router,
    pricing_endpoints.router,
    model_endpoints.router,
    group_price_endpoints.router,
    log_endpoints.router,
    dashboards.router,
    query_endpoints.router,
    query_endpoints.versioned_router,
    request_endpoints.router,
    usage_endpoints.router,
    attention.router,
    find.router,
    settings_endpoints.router,
    console_key_endpoints.router,
    key_usage.router,
    callable_endpoints.router,
    channel_console.router,
    channel_health.router,
    provider_endpoints.router,
)

# Routes of New API that are not there yet, whose paths a route of ours would take for its own.
_ABSENT = (
    ("GET", "/api/models/"),  # the records of models; ours without the slash lists what can be called
    ("GET", "/api/channel/update_balance"),
    ("GET", "/api/user/checkin"),
    ("GET", "/api/user/passkey"),
    ("DELETE", "/api/user/passkey"),
    ("GET", "/api/user/topup"),
)


def declarations(routers: Iterable[Router]) -> list[Declaration]:
    """All declarations, in an order in which every path finds its own route. Raises Defect for a bad or double one."""
    found = [declared for router in routers for declared in router.declarations]
    seen: set[tuple[str, str]] = set()
    for declared in found:
        if not isinstance(declared.access, Access):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise Defect(f"{declared.method} {declared.path} does not say who may call it")
        if (declared.method, declared.path) in seen:
            raise Defect(f"{declared.method} {declared.path} is declared twice")
        seen.add((declared.method, declared.path))
    return sorted(found, key=_specificity)


def _specificity(declared: Declaration) -> list[bool]:
    return [segment.startswith("{") for segment in declared.path.split("/")]


def add_routes(app: FastAPI, declared: Sequence[Declaration]) -> None:
    """Give the app its routes, and an answer for every other path."""
    there = {(one.method, one.path) for one in declared}
    for method, path in _ABSENT:
        if (method, path) not in there:
            app.router.add_route(path, _absent, methods=[method], include_in_schema=False)
    for one in declared:
        app.router.add_api_route(
            one.path,
            one.endpoint,
            methods=[one.method],
            tags=[one.tag],
            name=one.endpoint.__name__,
            operation_id=_operation(one),
            openapi_extra={"x-access": one.access.value},
            route_class_override=guarded_route(one),
            response_class=Json,
        )
        if one.cors:
            app.router.add_route(one.path, _preflight, methods=["OPTIONS"], include_in_schema=False)
    app.router.default = Elsewhere(frozenset(there))


def _operation(declared: Declaration) -> str:
    words = declared.path.replace("{", "").replace("}", "").replace("-", "_").strip("/").split("/")
    return "_".join([declared.method.lower(), *words[1:]])


async def _absent(request: Request) -> Response:
    return not_found(request.method, request.url.path)


async def _preflight(_: object) -> Response:
    allowed = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, OPTIONS",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Max-Age": "43200",
    }
    return Response(status_code=204, headers=allowed)


class Elsewhere:
    """Paths without a route: a redirect when only the last slash is wrong, else 404.

    The redirect names the path alone, so that it holds behind a proxy that speaks TLS.
    """

    def __init__(self, known: frozenset[tuple[str, str]]) -> None:
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> ASGIApp:
        method, path = str(scope["method"]), str(scope["path"])
        other = path[:-1] if path.endswith("/") else path + "/"
        if (method, other) not in self._known or "//" in path:
            return not_found(method, path)
        query = scope["query_string"].decode("latin-1")
        target = other + (f"?{query}" if query else "")
        return HTMLResponse("", status_code=301 if method == "GET" else 307, headers={"Location": target})
