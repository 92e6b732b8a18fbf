"""The secrets of channels: how a key text is split, sealed, found again and hinted at. No secret is ever shown."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels.models import ENABLED, Credential
from faregate.channels.snapshot import CREDENTIAL_PURPOSE
from faregate.kernel.errors import BadRequest
from faregate.kernel.secrets import BadSecret, Vault

MOST = 10_000  # of one channel
_HINT_LENGTH = 10
_TAIL_LENGTH = 4
_SHORTEST_WITH_TAIL = 12
_RAW = msgspec.json.Decoder(list[msgspec.Raw])


def split_secrets(text: str) -> list[str]:
    """The secrets of a newline list or a JSON array (text items as they are, others as raw JSON), each once."""
    stripped = text.strip()
    found: list[str] = []
    if stripped.startswith("["):
        try:
            found = [_element(bytes(raw)) for raw in _RAW.decode(stripped)]
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise BadRequest("key begins like a JSON array and is none.", param="key") from error
    else:
        found = [line.strip() for line in stripped.splitlines()]
    secrets = list(dict.fromkeys(secret for secret in found if secret))
    if len(secrets) > MOST:
        raise BadRequest(f"A channel takes at most {MOST} keys.", param="key")
    return secrets


def _element(raw: bytes) -> str:
    return msgspec.json.decode(raw, type=str).strip() if raw.startswith(b'"') else raw.decode()


def digest(vault: Vault, secret: str) -> str:
    """What a secret is found by."""
    return vault.digest(CREDENTIAL_PURPOSE, secret)


def hint(secret: str) -> str:
    """The beginning of a secret: at most ten characters, and never more than two thirds of it."""
    return secret[: min(_HINT_LENGTH, len(secret) * 2 // 3)] + "..."


def sealed(vault: Vault, channel_id: int, position: int, secret: str) -> Credential:
    """A new row for `secret`."""
    return Credential(
        channel_id=channel_id,
        position=position,
        sealed=vault.seal(CREDENTIAL_PURPOSE, str(channel_id), secret),
        digest=digest(vault, secret),
        hint=hint(secret),
    )


def unsealed(vault: Vault, row: Credential) -> str:
    """The secret of a row. Raises BadRequest where the master secret was replaced."""
    try:
        return vault.unseal(CREDENTIAL_PURPOSE, str(row.channel_id), row.sealed)
    except BadSecret as error:
        what = f"Key {row.position} of channel {row.channel_id} was sealed with another master secret: enter it anew."
        raise BadRequest(what, param="key") from error


def tail(vault: Vault, row: Credential) -> str:
    """The last characters of a secret, by which its owner knows it; empty when they would show much of it, or none."""
    try:
        secret = unsealed(vault, row)
    except BadRequest:
        return ""
    return secret[-_TAIL_LENGTH:] if len(secret) >= _SHORTEST_WITH_TAIL else ""


async def credentials_of(session: AsyncSession, channel_id: int) -> list[Credential]:
    """The rows of a channel in order."""
    found = select(Credential).where(Credential.channel_id == channel_id).order_by(Credential.position)
    return list((await session.execute(found)).scalars())


async def arrange(session: AsyncSession, before: Sequence[Credential], after: Sequence[Credential]) -> None:
    """Make `after` the credentials of their channel, in this order; what is only in `before` is removed.

    Rows that stay keep id and state, whatever their new place.
    """
    staying = {id(row) for row in after}
    gone = [row.id for row in before if id(row) not in staying]
    for start in range(0, len(gone), 500):
        await session.execute(delete(Credential).where(Credential.id.in_(gone[start : start + 500])))
    # Places are unique: those that stay step aside before anybody takes a new one.
    for number, row in enumerate(row for row in before if id(row) in staying):
        row.position = -1 - number
    await session.flush()
    for position, row in enumerate(after):
        row.position = position
    session.add_all(after)
    await session.flush()


async def put_secrets(
    session: AsyncSession, vault: Vault, channel_id: int, secrets: Sequence[str], *, append: bool = False
) -> bool:
    """Give a channel these secrets, or add those it lacks. True when anything changed.

    A secret that was there before keeps its row: its state belongs to it, not to its place.
    """
    before = await credentials_of(session, channel_id)
    known = {row.digest: row for row in before}
    wanted = [known.get(digest(vault, secret)) or sealed(vault, channel_id, 0, secret) for secret in secrets]
    kept = {id(row) for row in before}
    after = [*before, *(row for row in wanted if id(row) not in kept)] if append else wanted
    if len(after) > MOST:
        raise BadRequest(f"A channel takes at most {MOST} keys.", param="key")
    if [id(row) for row in after] == [id(row) for row in before]:
        return False
    await arrange(session, before, after)
    return True


def usable(rows: Sequence[Credential]) -> list[Credential]:
    """Those that are switched on."""
    return [row for row in rows if row.status == ENABLED]
