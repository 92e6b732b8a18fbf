"""Channels and their credentials as rows."""

from sqlalchemy import BigInteger, Boolean, Float, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from faregate.storage import Base, Identity, Json, LongText

ENABLED, DISABLED, AUTO_DISABLED = 1, 2, 3


class Channel(Base):
    """A configured provider. `type` is New API's channel type number (ours are above 1000).

    Credentials are sealed and live in their own table. `setting` and `settings` keep New API's two JSON columns.
    """

    __tablename__ = "channel"
    __table_args__ = (Index("ix_channel_priority_id", "priority", "id"), Base.__table_args__)

    id: Mapped[Identity]
    type: Mapped[int] = mapped_column(Integer, default=0, index=True)
    name: Mapped[str] = mapped_column(String(191), default="", index=True)
    status: Mapped[int] = mapped_column(Integer, default=ENABLED)
    base_url: Mapped[str] = mapped_column(String(1024), default="")
    models: Mapped[str] = mapped_column(LongText, default="")  # comma-separated, as on the wire
    groups: Mapped[str] = mapped_column(String(1024), default="default")  # comma-separated
    priority: Mapped[int] = mapped_column(BigInteger, default=0)
    weight: Mapped[int] = mapped_column(BigInteger, default=0)
    tag: Mapped[str | None] = mapped_column(String(191), index=True)
    auto_ban: Mapped[int] = mapped_column(Integer, default=1)
    test_model: Mapped[str | None] = mapped_column(String(255))
    model_mapping: Mapped[str | None] = mapped_column(LongText)
    status_code_mapping: Mapped[str | None] = mapped_column(LongText)
    param_override: Mapped[str | None] = mapped_column(LongText)
    header_override: Mapped[str | None] = mapped_column(LongText)
    openai_organization: Mapped[str | None] = mapped_column(String(191))
    other: Mapped[str] = mapped_column(LongText, default="")
    setting: Mapped[str | None] = mapped_column(LongText)
    settings: Mapped[str] = mapped_column(LongText, default="")
    remark: Mapped[str | None] = mapped_column(String(255))
    is_multi_key: Mapped[bool] = mapped_column(Boolean, default=False)
    multi_key_mode: Mapped[str] = mapped_column(String(16), default="")
    balance: Mapped[float] = mapped_column(Float, default=0)
    balance_updated_at: Mapped[int] = mapped_column(BigInteger, default=0)
    used_quota: Mapped[int] = mapped_column(BigInteger, default=0)
    response_ms: Mapped[int] = mapped_column(Integer, default=0)
    tested_at: Mapped[int] = mapped_column(BigInteger, default=0)
    status_reason: Mapped[str] = mapped_column(LongText, default="")
    status_at: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[int] = mapped_column(BigInteger, default=0)
    test_failed_at: Mapped[int | None] = mapped_column(BigInteger)  # of the last test, when that failed
    test_failure: Mapped[str | None] = mapped_column(LongText)


class Credential(Base):
    """One secret of a channel, sealed. `position` is its place in New API's newline list, from 0."""

    __tablename__ = "credential"
    __table_args__ = (
        Index("ix_credential_channel_id_position", "channel_id", "position", unique=True),
        Base.__table_args__,
    )

    id: Mapped[Identity]
    channel_id: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(Integer, default=0)
    sealed: Mapped[str] = mapped_column(LongText)
    digest: Mapped[str] = mapped_column(String(64), index=True)  # keyed: finds a channel by an exact key
    hint: Mapped[str] = mapped_column(String(32), default="")
    status: Mapped[int] = mapped_column(Integer, default=ENABLED)
    disabled_reason: Mapped[str] = mapped_column(LongText, default="")
    disabled_at: Mapped[int] = mapped_column(BigInteger, default=0)


class ServedModel(Base):
    """Which channel serves which model to which group: the routing index, derived from channels."""

    __tablename__ = "served_model"

    group: Mapped[str] = mapped_column(String(64), primary_key=True)
    model: Mapped[str] = mapped_column(String(255), primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)


__all__ = ["AUTO_DISABLED", "DISABLED", "ENABLED", "Channel", "Credential", "Json", "ServedModel"]
