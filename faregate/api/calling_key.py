"""The API key before routes that take it like a model call: the relay's checks, for answers that cost nothing."""

from faregate.identity import ENABLED, Context, KeyRecord, Refusal, Visit, bearer, find_key_owner, parse_address, within
from faregate.kernel.secrets import key_digest

_ANYBODY = ("", "auto")


async def calling_key(context: Context, header: str, visit: Visit) -> KeyRecord:
    """The key in an `Authorization` header, if it could call now (state, time, address, group). Raises Refusal."""
    presented = bearer(header).removeprefix("sk-").partition("-")[0]
    if not presented:
        raise Refusal("No API key was presented.", status=401)
    async with context.database.read() as session:
        record = await find_key_owner(session, context.balances, key_digest(presented))
    if record is None or record.status != ENABLED or record.is_deleted or record.is_expired(context.clock.now()):
        raise Refusal("The API key is unknown, switched off, expired or used up.", status=401)
    _check_address(record, visit.ip)
    if not record.is_owner_enabled:
        raise Refusal("The owner of the API key is disabled.", status=403)
    if record.group not in (*_ANYBODY, record.user_group, *context.groups.selectable(record.user_group)):
        raise Refusal(f"The group {record.group!r} of this API key is not open to its owner.", status=403)
    return record


def _check_address(record: KeyRecord, address: str) -> None:
    if record.networks is None:
        return
    parsed = parse_address(address)
    if parsed is None or not within(parsed, record.networks):
        raise Refusal(f"The address {address!r} is not on this API key's list.", status=403, wire_code="access_denied")
