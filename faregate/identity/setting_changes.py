"""Changing run-time settings: checked, written at once, kept in their history, made known."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.callers import Caller
from faregate.identity.context import Context
from faregate.storage import Topic, take_turn
from faregate.storage.setting_changes import note_changes


async def change_settings(
    context: Context, session: AsyncSession, caller: Caller, changes: Mapping[str, str | None]
) -> None:
    """Store `changes` in the caller's transaction, all or none; None goes back to a default. Raises BadRequest."""
    context.settings.check(changes)
    given = {key: text for key, text in changes.items() if text is not None}
    for rule in context.option_rules:
        rule(context.settings, given)
    await take_turn(session, Topic.SETTINGS)
    before = await context.settings.stored_texts(session, changes)
    await context.settings.write(session, changes)
    secrets = frozenset(key for key in changes if context.settings.is_secret(key))
    who, now = caller.user, context.now()
    note_changes(session, before, changes, secrets, user_id=who.id, username=who.username, now=now)
