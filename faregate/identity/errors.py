"""Refusals whose HTTP status or code is part of the wire; every other ClientError is shown as 200 `success: false`.

ClientError
└ Refusal                a status of its own, perhaps a code
  └ AuthRefusal          one of the AUTH_… codes below
"""

from faregate.kernel.errors import ClientError

UNAUTHORIZED = "AUTH_UNAUTHORIZED"
TOKEN_EXPIRED = "AUTH_TOKEN_EXPIRED"
SESSION_REVOKED = "AUTH_SESSION_REVOKED"
SESSION_REQUIRED = "AUTH_SESSION_REQUIRED"
SESSION_NOT_FOUND = "AUTH_SESSION_NOT_FOUND"
SESSION_MISMATCH = "AUTH_SESSION_MISMATCH"
SESSION_LIMIT = "AUTH_SESSION_LIMIT"
ISSUANCE_LIMIT = "AUTH_SESSION_ISSUANCE_LIMIT"
REFRESH_RACE = "AUTH_REFRESH_RACE"
ORIGIN_FORBIDDEN = "AUTH_ORIGIN_FORBIDDEN"
USER_DISABLED = "AUTH_USER_DISABLED"
USER_INVALID = "AUTH_USER_INVALID"
INSUFFICIENT = "AUTH_INSUFFICIENT_PRIVILEGE"

_KNOWN = {
    UNAUTHORIZED: (401, "Sign in first: the credential is missing or unknown."),
    TOKEN_EXPIRED: (401, "The access token has run out; refresh it."),
    SESSION_REVOKED: (401, "The sign-in session has ended; sign in again."),
    SESSION_REQUIRED: (403, "This needs a sign-in session; an access token is not enough."),
    SESSION_NOT_FOUND: (404, "There is no such session."),
    SESSION_MISMATCH: (409, "The cookie belongs to another session than the one named."),
    SESSION_LIMIT: (409, "Too many active sessions; end one of them first."),
    ISSUANCE_LIMIT: (429, "Too many sign-ins; try again later."),
    REFRESH_RACE: (409, "Another refresh was faster; try again."),
    ORIGIN_FORBIDDEN: (403, "This origin may not use the sign-in cookie."),
    USER_DISABLED: (401, "The account is disabled."),
    USER_INVALID: (401, "The account is not usable."),
    INSUFFICIENT: (403, "Your role does not allow this."),
}


class Refusal(ClientError):
    """A refusal with an HTTP status that clients rely on; `wire_code` is sent when it is not empty."""

    code = "auth.refused"

    def __init__(self, message: str, *, status: int, wire_code: str = "", detail: str = "") -> None:
        super().__init__(message, status=status, detail=detail)
        self.wire_code = wire_code


class AuthRefusal(Refusal):
    """A refusal with one of the known codes. `clear_cookie`: the refresh cookie is worthless and is taken away."""

    def __init__(self, wire_code: str, *, clear_cookie: bool = False, detail: str = "") -> None:
        status, message = _KNOWN[wire_code]
        super().__init__(message, status=status, wire_code=wire_code, detail=detail)
        self.clear_cookie = clear_cookie
