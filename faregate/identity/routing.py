"""How endpoints are declared: every route says who may call it, and what stands before it.

A `Router` only collects declarations; the api room turns them into routes and enforces what they say.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, TypedDict, TypeVar, Unpack

from fastapi import Depends, Request

from faregate.identity.callers import Caller, Visit
from faregate.identity.context import Context
from faregate.identity.key_records import KeyRecord

Endpoint = Callable[..., Awaitable[Any]]
EndpointType = TypeVar("EndpointType", bound=Endpoint)


class Access(StrEnum):
    """Who may call. `OPTIONAL`: anybody, but a credential that is sent must be good.

    `KEY`: an API key asks about itself. `CALL`: an API key that could call a model; refusals as the relay's.
    """

    PUBLIC = "public"
    OPTIONAL = "optional"
    USER = "user"
    ADMIN = "admin"
    ROOT = "root"
    KEY = "relay-key"
    CALL = "relay-call"


class LimitClass(StrEnum):
    """Counters besides the one that counts every call of an address."""

    CRITICAL = "critical"  # by address
    SEARCH = "search"  # by user


class Options(TypedDict, total=False):
    """What else a route may say of itself; see Declaration."""

    session_only: bool
    permission: str
    limit: LimitClass
    user_limit: str
    no_cache: bool
    audit: str
    bad_body_status: int
    bounded_body: bool
    raw_body: bool
    cors: bool
    bare_key: bool


@dataclass(frozen=True)
class Declaration:
    """One route.

    `session_only`: a personal access token is refused. `permission`: a fine right, `resource.action`. `user_limit`: a
    counter per user, by scope. `audit`: the action's name in the automatic log line of an administrative write.
    `bad_body_status`: how a body that is not JSON is answered. `bounded_body`: at most the anonymous body limit.
    `raw_body`: not JSON. `cors`: any origin may read the answer. `bare_key`: an API key also without `Bearer`.
    """

    method: str
    path: str
    endpoint: Endpoint
    access: Access
    tag: str
    session_only: bool = False
    permission: str = ""
    limit: LimitClass | None = None
    user_limit: str = ""
    no_cache: bool = False
    audit: str = ""
    bad_body_status: int = 200
    bounded_body: bool = False
    raw_body: bool = False
    cors: bool = False
    bare_key: bool = False


@dataclass
class Router:
    """Declarations of one room under one prefix."""

    prefix: str
    tag: str
    declarations: list[Declaration] = field(default_factory=list[Declaration])

    def get(self, path: str, *, access: Access, **more: Unpack[Options]) -> Callable[[EndpointType], EndpointType]:
        """Declare a GET route."""
        return self._add("GET", path, access, more)

    def post(self, path: str, *, access: Access, **more: Unpack[Options]) -> Callable[[EndpointType], EndpointType]:
        """Declare a POST route."""
        return self._add("POST", path, access, more)

    def put(self, path: str, *, access: Access, **more: Unpack[Options]) -> Callable[[EndpointType], EndpointType]:
        """Declare a PUT route."""
        return self._add("PUT", path, access, more)

    def patch(self, path: str, *, access: Access, **more: Unpack[Options]) -> Callable[[EndpointType], EndpointType]:
        """Declare a PATCH route."""
        return self._add("PATCH", path, access, more)

    def delete(self, path: str, *, access: Access, **more: Unpack[Options]) -> Callable[[EndpointType], EndpointType]:
        """Declare a DELETE route."""
        return self._add("DELETE", path, access, more)

    def _add(self, method: str, path: str, access: Access, more: Options) -> Callable[[EndpointType], EndpointType]:
        def declare(endpoint: EndpointType) -> EndpointType:
            self.declarations.append(Declaration(method, self.prefix + path, endpoint, access, self.tag, **more))
            return endpoint

        return declare


def _context(request: Request) -> Context:
    return request.app.state.context


def _caller(request: Request) -> Caller:
    return request.state.caller


def _caller_or_none(request: Request) -> Caller | None:
    return getattr(request.state, "caller", None)


def _visit(request: Request) -> Visit:
    return request.state.visit


def _key(request: Request) -> KeyRecord:
    return request.state.key


InContext = Annotated[Context, Depends(_context)]
ByCaller = Annotated[Caller, Depends(_caller)]
ByAnyone = Annotated[Caller | None, Depends(_caller_or_none)]
OnVisit = Annotated[Visit, Depends(_visit)]
ByKey = Annotated[KeyRecord, Depends(_key)]
