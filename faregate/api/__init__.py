"""The management API under /api: the list of routers, the guard before them, errors, OpenAPI.

Promises: every route says who may call it, or the app is not built; every administrative write leaves a line in the
audit log; every answer has New API's envelope. It composes the rooms' endpoints and holds no rules of its own.
"""

from faregate.api.app import build_api
from faregate.api.routes import ROUTERS

__all__ = ["ROUTERS", "build_api"]
