"""Building the management API from a context."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException

from faregate.api.faults import OUTAGE, Json, on_defect, on_http_fault, on_outage
from faregate.api.guard import Guard
from faregate.api.headers import CommonHeaders
from faregate.api.limits import CallLimits
from faregate.api.routes import ROUTERS, add_routes, declarations
from faregate.identity import Access, Context, Router

_TITLE = "Faregate"
_description = Router("/api/faregate", "description")


@_description.get("/openapi.json", access=Access.ROOT)
async def describe(request: Request) -> dict[str, Any]:
    """The machine-readable description of this interface."""
    return request.app.openapi()


def build_api(context: Context, routers: Iterable[Router] = ROUTERS) -> FastAPI:
    """The management API as an ASGI app. Raises Defect for a route without access or declared twice."""
    app = api_of(routers, context.version)
    equip(app, context)
    return app


def api_of(routers: Iterable[Router], version: str) -> FastAPI:
    """The routes alone, which are dear to make and the same for everybody; `equip` makes them answer."""
    app = FastAPI(
        title=_TITLE,
        version=version or "0",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        default_response_class=Json,
        exception_handlers={HTTPException: on_http_fault, Exception: on_defect, **dict.fromkeys(OUTAGE, on_outage)},
    )
    add_routes(app, declarations([*routers, _description]))
    app.add_middleware(CommonHeaders, version=version)
    return app


def equip(app: FastAPI, context: Context) -> None:
    """Give the routes what they answer from, and fresh counts of calls."""
    app.state.context = context
    app.state.guard = Guard(context, CallLimits(context.access, context.clock))
