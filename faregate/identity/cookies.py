"""The refresh cookie, and the origins that may use it. It is sent to the paths that need it and to no other."""

from urllib.parse import urlsplit

from fastapi import Request, Response

from faregate.identity.context import AccessSettings
from faregate.identity.errors import ORIGIN_FORBIDDEN, AuthRefusal

NAME = "new_api_refresh"
_PATH = "/api/user/auth"
_PORTS = {"http": 80, "https": 443}


def set_cookie(response: Response, access: AccessSettings, value: str, lifetime_s: int) -> None:
    """Put the cookie on an answer; an empty value takes it away."""
    parts = [f"{NAME}={value}", f"Path={_PATH}", f"Max-Age={lifetime_s if value else 0}", "HttpOnly"]
    if access.secure_cookie:
        parts.append("Secure")
    response.headers.append("Set-Cookie", "; ".join([*parts, "SameSite=Strict"]))


def clear_cookie(response: Response, access: AccessSettings) -> None:
    """Take the cookie away."""
    set_cookie(response, access, "", 0)


def read_cookie(request: Request) -> str:
    """The cookie's value, empty when there is none."""
    return request.cookies.get(NAME, "")


def check_origin(request: Request, access: AccessSettings) -> None:
    """Raise AuthRefusal unless the request comes from its own or a trusted origin. Only with the secure cookie."""
    if not access.secure_cookie:
        return
    claimed = _origin(request.headers.get("origin") or request.headers.get("referer") or "")
    own = _origin(f"{request.url.scheme}://{request.headers.get('host', '')}")
    allowed = {own, *(_origin(origin) for origin in access.cookie_origins)} - {""}
    if claimed not in allowed:
        raise AuthRefusal(ORIGIN_FORBIDDEN)


def _origin(address: str) -> str:
    """`scheme://host:port` in small letters, empty when there is none."""
    try:
        split = urlsplit(address.strip())
        port = split.port or _PORTS.get(split.scheme)
    except ValueError:
        return ""
    if not split.hostname or port is None or "," in split.netloc:
        return ""
    return f"{split.scheme}://{split.hostname}:{port}"
