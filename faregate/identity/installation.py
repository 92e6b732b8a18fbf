"""First start: the one-time setup secret, and set-up itself, which makes the root account.

There are no default credentials. Until set-up is done, whoever holds the setup secret (preset by the operator, or
printed once by the process that starts first) may make the root account; afterwards the secret means nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.context import Context
from faregate.identity.doors import WALLET, Movement
from faregate.identity.keys import KeyFields, add_key
from faregate.identity.models import ENABLED, ROLE_ROOT, Installation, User
from faregate.identity.users import check_free, check_password, insert_user
from faregate.kernel.clock import Clock
from faregate.kernel.errors import BadRequest, Conflict, Forbidden
from faregate.kernel.secrets import Vault, key_digest, same
from faregate.storage import Base, Database, Topic, bump, insert_or_keep

_ROW = 1
_PURPOSE = "setup"
_MADE = "setup-secret"
_SECRET_LENGTH = 24
_NAME_BYTES = 12
_ROOT_QUOTA = 100_000_000


@dataclass(frozen=True)
class RootAccount:
    """What set-up asks for."""

    username: str
    password: str
    repeated: str
    secret: str = ""


async def prepare_installation(database: Database, vault: Vault, clock: Clock, preset: str, version: str) -> str:
    """Make the setup secret known to the database; called once at start, before any worker serves.

    The secret to print comes out; empty when the operator preset one or set-up is done. It follows from the master
    secret: machines that start together print the same, and a later start does not void what was printed.
    """
    async with database.write() as session:
        row = await _installation(session, version)
        if row.initialized_at is None and await _has_root(session):
            row.initialized_at = int(clock.now())
        if row.initialized_at is not None:
            return ""
        secret = preset or vault.digest(_MADE, str(_ROW))[:_SECRET_LENGTH]
        row.setup_secret_digest = vault.digest(_PURPOSE, secret)
    return "" if preset else secret


async def _installation(session: AsyncSession, version: str) -> Installation:
    """The one row, locked; made by whoever is first."""
    table = Base.metadata.tables[Installation.__tablename__]
    first = {"id": _ROW, "version": version, "setup_secret_digest": ""}
    await session.execute(insert_or_keep(session.get_bind().dialect.name, table, ("id",)).values(first))
    return await session.get_one(Installation, _ROW, with_for_update=True)


async def _has_root(session: AsyncSession) -> bool:
    found = select(User.id).where(User.role >= ROLE_ROOT, User.deleted_at.is_(None)).limit(1)
    return await session.scalar(found) is not None


async def is_initialized(session: AsyncSession) -> bool:
    """True once set-up is done."""
    row = await session.get(Installation, _ROW)
    return row is not None and row.initialized_at is not None


async def has_root(session: AsyncSession) -> bool:
    """True when there is a root account."""
    return await _has_root(session)


async def set_up(context: Context, wanted: RootAccount, options: Mapping[str, str]) -> None:
    """Make the root account and store the first options. Raises Conflict, BadRequest or Forbidden."""
    async with context.database.read() as session:
        if await is_initialized(session):
            raise Conflict("The system is already set up.")
    await _check_secret(context, wanted.secret)
    await make_root(context, wanted, options)


async def make_root(context: Context, wanted: RootAccount, options: Mapping[str, str]) -> None:
    """What set-up does, for whoever holds the database: no secret is asked for. Raises Conflict or BadRequest."""
    _check(wanted)
    password_hash = await context.passwords.hash(wanted.password)
    async with context.database.write() as session:
        row = await _installation(session, context.version)
        if row.initialized_at is not None or await _has_root(session):
            raise Conflict("The system is already set up.")
        await _make_root(context, session, wanted.username.strip(), password_hash)
        await context.settings.write(session, options)
        bump(session, Topic.SETTINGS, Topic.USERS)
        row.initialized_at = context.now()
        row.setup_secret_digest = ""
        row.version = context.version


def _check(wanted: RootAccount) -> None:
    if len(wanted.username.encode()) > _NAME_BYTES:
        raise BadRequest(f"The username must not be longer than {_NAME_BYTES} bytes.", param="username")
    if not wanted.username.strip():
        raise BadRequest("The username must not be empty.", param="username")
    if wanted.password != wanted.repeated:
        raise BadRequest("The two passwords differ.", param="confirmPassword")
    check_password(wanted.password)


async def _check_secret(context: Context, given: str) -> None:
    async with context.database.read() as session:
        row = await session.get(Installation, _ROW)
    known = row.setup_secret_digest if row is not None else ""
    if not known or not same(context.vault.digest(_PURPOSE, given), known):
        raise Forbidden("setup_secret is missing or wrong: it is printed when the server first starts.")


async def _make_root(context: Context, session: AsyncSession, username: str, password_hash: str) -> None:
    await check_free(session, username)
    token = context.presets.root_access_token
    root = User(
        username=username,
        password_hash=password_hash,
        display_name="Root User",
        role=ROLE_ROOT,
        status=ENABLED,
        access_token_digest=key_digest(token) if token else None,
        created_at=context.now(),
    )
    await insert_user(context, session, root)
    why = Movement("opening", reason="set-up", reference="setup:root")
    await context.balances.credit(session, WALLET, root.id, _ROOT_QUOTA, why)
    if context.presets.root_key:
        fields = KeyFields(name="root", unlimited_quota=True, expired_time=-1)
        await add_key(context, session, root.id, fields, secret=context.presets.root_key.removeprefix("sk-"))
