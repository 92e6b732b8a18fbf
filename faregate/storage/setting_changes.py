"""What was changed in the settings, by whom and when: one row a key, so that a change can be looked at and taken back.

The values of secrets are never kept here.
"""

from collections.abc import Mapping

from sqlalchemy import BigInteger, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faregate.storage.tables import Base, Identity, LongText


class SettingChange(Base):
    """One setting changed. `before` and `after`: the stored texts, None where the default held."""

    __tablename__ = "setting_change"

    id: Mapped[Identity]
    key: Mapped[str] = mapped_column(String(191), index=True)
    before: Mapped[str | None] = mapped_column(LongText)
    after: Mapped[str | None] = mapped_column(LongText)
    is_secret: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int] = mapped_column(BigInteger)
    username: Mapped[str] = mapped_column(String(191))


def note_changes(
    session: AsyncSession,
    before: Mapping[str, str],
    changes: Mapping[str, str | None],
    secrets: frozenset[str],
    *,
    user_id: int,
    username: str,
    now: int,
) -> None:
    """Keep what `changes` changes, in the caller's transaction; what stays the same is left out."""
    for key, after in changes.items():
        if before.get(key) == after:
            continue
        hidden = key in secrets
        session.add(
            SettingChange(
                key=key,
                before=None if hidden else before.get(key),
                after=None if hidden else after,
                is_secret=hidden,
                changed_at=now,
                user_id=user_id,
                username=username,
            )
        )


async def list_changes(session: AsyncSession, *, key: str = "", older_than: int = 0, limit: int) -> list[SettingChange]:
    """Changes, newest first: of one key or of all, from before the change `older_than`."""
    query = select(SettingChange).order_by(SettingChange.id.desc()).limit(limit)
    if key:
        query = query.where(SettingChange.key == key)
    if older_than:
        query = query.where(SettingChange.id < older_than)
    return list(await session.scalars(query))
