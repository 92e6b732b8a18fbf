"""Short-lived access tokens: JSON Web Tokens signed with HMAC-SHA256 (RFC 7519, RFC 7515), nothing else accepted.

The claims are those of New API's dashboard tokens. Whether the session behind a token still stands is not decided here.
"""

import base64
import binascii
import hashlib
import hmac
import uuid

import msgspec

from faregate.identity.errors import TOKEN_EXPIRED, UNAUTHORIZED, AuthRefusal
from faregate.kernel.secrets import Vault

ISSUER, AUDIENCE = "new-api", "new-api-dashboard"
ACCESS, PROOF = "access", "security_proof"
LIFETIME_S = 15 * 60
_LEEWAY_S = 5
_MAX_LENGTH = 4096


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says. `uv`, `sv`: versions of the user's security and of the session it was made for."""

    iss: str
    aud: list[str]
    sub: str
    token_use: str
    sid: str
    uv: int
    sv: int
    iat: int
    nbf: int
    exp: int
    jti: str


class _Header(msgspec.Struct):
    alg: str = ""


_HEADER = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")


def mint(vault: Vault, *, user_id: int, session_id: str, user_version: int, session_version: int, now: int) -> str:
    """An access token that runs out LIFETIME_S seconds after `now`."""
    claims = Claims(
        iss=ISSUER,
        aud=[AUDIENCE],
        sub=str(user_id),
        token_use=ACCESS,
        sid=session_id,
        uv=user_version,
        sv=session_version,
        iat=now,
        nbf=now - _LEEWAY_S,
        exp=now + LIFETIME_S,
        jti=str(uuid.uuid4()),
    )
    signed = _HEADER + b"." + base64.urlsafe_b64encode(msgspec.json.encode(claims)).rstrip(b"=")
    return (signed + b"." + _signature(vault, signed)).decode()


def peek(token: str) -> Claims | None:
    """The unverified claims when `token` is made like one of ours, else None."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _MAX_LENGTH:
        return None
    try:
        claims = msgspec.json.decode(_unpadded(parts[1]), type=Claims)
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return None
    ours = claims.iss == ISSUER and AUDIENCE in claims.aud and claims.token_use in (ACCESS, PROOF)
    return claims if ours else None


def verify(vault: Vault, token: str, now: int, *, expired_too: bool = False) -> Claims:
    """The claims of a good access token. Raises AuthRefusal; with `expired_too` its end does not matter."""
    claims = peek(token)
    if claims is None or claims.token_use != ACCESS or not _is_signed(vault, token):
        raise AuthRefusal(UNAUTHORIZED)
    if max(claims.nbf, claims.iat) > now + _LEEWAY_S:
        raise AuthRefusal(UNAUTHORIZED)
    if claims.exp + _LEEWAY_S <= now and not expired_too:
        raise AuthRefusal(TOKEN_EXPIRED)
    return claims


def _is_signed(vault: Vault, token: str) -> bool:
    head, body, signature = token.encode().split(b".")
    try:
        header = msgspec.json.decode(_unpadded(head.decode()), type=_Header)
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return False
    return header.alg == "HS256" and hmac.compare_digest(_signature(vault, head + b"." + body), signature)


def _signature(vault: Vault, signed: bytes) -> bytes:
    mac = hmac.new(vault.derive("access-token"), signed, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=")


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
