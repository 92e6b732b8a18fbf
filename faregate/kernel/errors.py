"""Every error the house raises on purpose.

GatewayError               code "room.reason", status, public text; `detail` goes to the log only
├ ClientError              what the caller can mend
│ ├ BadRequest             400   malformed or out of bounds; names the field
│ ├ Unrepresentable        400   this upstream's dialect cannot say what was asked
│ ├ Unauthenticated        401
│ ├ Forbidden              403
│ ├ InsufficientCredit     403   the wallet or the key's allowance does not cover the call
│ ├ NotFound               404
│ ├ Conflict               409
│ ├ TooLarge               413
│ └ RateLimited            429
├ UpstreamFailure          what the far side did; carries `committed` and `retryable`
│ ├ Misconfigured          500   the channel's settings allow no call: nothing was sent
│ ├ Unreachable            502   not connected: certainly not sent
│ ├ NoAnswer               502   sent, closed before an answer
│ ├ FirstTokenTimeout      504
│ ├ IdleTimeout            504
│ ├ Refused                      answered with an error status
│ ├ Overloaded             503
│ ├ CutOff                 502   the answer broke off
│ └ Garbage                502   the answer is not what the protocol says
├ Unavailable              503   we cannot serve now (no channel, database gone and leases used up)
└ Defect                   500   our bug; never shown in detail
"""


class GatewayError(Exception):
    """Base of the tree. `message` is safe to show; `detail` is for the log."""

    status = 500
    code = "gateway.error"

    def __init__(self, message: str, *, code: str = "", status: int = 0, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        if code:
            self.code = code
        if status:
            self.status = status


class ClientError(GatewayError):
    """The caller can mend this."""

    status = 400
    code = "client.error"


class BadRequest(ClientError):
    """Malformed or out of bounds. `param` names the field."""

    code = "request.invalid"

    def __init__(self, message: str, *, param: str = "", code: str = "", status: int = 0, detail: str = "") -> None:
        super().__init__(message, code=code, status=status, detail=detail)
        self.param = param


class Unrepresentable(ClientError):
    """The upstream's dialect cannot express `what`; another channel may."""

    code = "formats.unrepresentable"

    def __init__(self, what: str, dialect: str) -> None:
        super().__init__(f"{what} cannot be expressed in the {dialect} dialect of the available channels")
        self.what = what
        self.dialect = dialect


class Unauthenticated(ClientError):
    """No valid credential."""

    status = 401
    code = "auth.unauthenticated"


class Forbidden(ClientError):
    """A valid credential without the right."""

    status = 403
    code = "auth.forbidden"


class InsufficientCredit(ClientError):
    """Wallet or allowance does not cover the hold."""

    status = 403
    code = "billing.insufficient_credit"


class NotFound(ClientError):
    """Nothing there, or not the caller's."""

    status = 404
    code = "request.not_found"


class Conflict(ClientError):
    """The state does not allow it."""

    status = 409
    code = "request.conflict"


class TooLarge(ClientError):
    """A body beyond its limit."""

    status = 413
    code = "request.too_large"


class RateLimited(ClientError):
    """Over a limit; `retry_after_s` says when to come back."""

    status = 429
    code = "limits.exceeded"

    def __init__(self, message: str, *, retry_after_s: int = 0, code: str = "") -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


class UpstreamFailure(GatewayError):
    """The far side failed. `committed`: content had already reached the client."""

    status = 502
    code = "upstream.failed"
    retryable = True

    def __init__(
        self, message: str, *, committed: bool = False, code: str = "", status: int = 0, detail: str = ""
    ) -> None:
        super().__init__(message, code=code, status=status, detail=detail)
        self.committed = committed


class Misconfigured(UpstreamFailure):
    """The channel's own settings allow no call; another channel may serve it."""

    status = 500
    code = "do_request_failed"


class Unreachable(UpstreamFailure):
    """Refused, DNS, TLS or connect timeout: the request was certainly not sent."""

    code = "upstream.unreachable"


class NoAnswer(UpstreamFailure):
    """Sent, but the connection ended before response headers."""

    code = "upstream.no_answer"


class FirstTokenTimeout(UpstreamFailure):
    """Nothing useful within the first-token deadline."""

    status = 504
    code = "upstream.first_token_timeout"


class IdleTimeout(UpstreamFailure):
    """Silence in the middle of an answer."""

    status = 504
    code = "upstream.idle_timeout"


class Refused(UpstreamFailure):
    """An error status, or an error inside a 200. `body` is what the upstream said."""

    code = "upstream.refused"

    def __init__(
        self, message: str, *, status: int, body: bytes = b"", retry_after: str = "", committed: bool = False
    ) -> None:
        super().__init__(message, status=status, committed=committed)
        self.body = body
        self.retry_after = retry_after


class Overloaded(UpstreamFailure):
    """The upstream says it is overloaded."""

    status = 503
    code = "upstream.overloaded"


class CutOff(UpstreamFailure):
    """The answer broke off: short body, missing chunk, stream without a stop reason."""

    code = "upstream.cut_off"


class Garbage(UpstreamFailure):
    """Not HTTP, not the dialect, or headers beyond bounds."""

    code = "upstream.garbage"


class Unavailable(GatewayError):
    """Nothing here can serve the call right now."""

    status = 503
    code = "gateway.unavailable"


class Defect(GatewayError):
    """A bug of ours."""

    code = "gateway.defect"
