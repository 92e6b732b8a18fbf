"""Signing and verifying access tokens."""

import base64

import msgspec
import pytest

from faregate.identity import AuthRefusal
from faregate.identity.access_tokens import mint, peek, verify
from faregate.kernel.secrets import Vault

VAULT = Vault(b"m" * 32)
NOW = 1_800_000_000


def token(vault: Vault = VAULT, now: int = NOW) -> str:
    return mint(vault, user_id=7, session_id="s-1", user_version=3, session_version=2, now=now)


def refused(presented: str, now: int = NOW) -> str:
    with pytest.raises(AuthRefusal) as refusal:
        verify(VAULT, presented, now)
    return refusal.value.wire_code


def forged(**changes: object) -> str:
    head, body, signature = token().split(".")
    claims = msgspec.json.decode(base64.urlsafe_b64decode(body + "==")) | changes
    return ".".join([head, base64.urlsafe_b64encode(msgspec.json.encode(claims)).rstrip(b"=").decode(), signature])


def test_a_good_token_tells_user_session_and_versions() -> None:
    claims = verify(VAULT, token(), NOW)
    assert (claims.sub, claims.sid, claims.uv, claims.sv) == ("7", "s-1", 3, 2)
    assert (claims.iss, claims.aud, claims.token_use) == ("new-api", ["new-api-dashboard"], "access")
    assert (claims.iat, claims.nbf, claims.exp) == (NOW, NOW - 5, NOW + 900)


def test_it_runs_out_after_fifteen_minutes_and_a_leeway() -> None:
    assert verify(VAULT, token(), NOW + 904).sub == "7"
    assert refused(token(), NOW + 905) == "AUTH_TOKEN_EXPIRED"
    assert verify(VAULT, token(), NOW + 9999, expired_too=True).sub == "7"


def test_a_token_from_the_future_is_refused() -> None:
    assert refused(token(now=NOW + 60)) == "AUTH_UNAUTHORIZED"


@pytest.mark.parametrize(
    "presented",
    [
        forged(sub="1"),
        forged(exp=NOW + 10**6),
        forged(token_use="security_proof"),
        token(Vault(b"n" * 32)),
        token()[:-3] + "AAA",
        "a.b.c",
        "",
    ],
)
def test_anything_not_signed_by_us_is_refused(presented: str) -> None:
    assert refused(presented) == "AUTH_UNAUTHORIZED"


def test_the_algorithm_none_is_refused() -> None:
    _, body, _ = token().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    assert refused(f"{head}.{body}.") == "AUTH_UNAUTHORIZED"


def test_tokens_of_others_are_not_taken_for_ours() -> None:
    assert peek(forged(iss="somebody")) is None
    assert peek(forged(aud=["elsewhere"])) is None
    assert peek("no token at all") is None
    assert peek(token()) is not None
