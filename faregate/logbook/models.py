"""What happened, as rows: usage records and other log lines in one table, and hourly sums."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from faregate.storage import Base, Identity, LongText

HIDDEN, TOP_UP, CONSUME, MANAGE, SYSTEM, ERROR, REFUND, LOGIN = 0, 1, 2, 3, 4, 5, 6, 7


class Record(Base):
    """One line of the log. Usage records (CONSUME) carry the charge and the accounts it was taken from.

    `settlement_id` is unique for every settled request, so that a replay is ignored; other lines leave it empty.
    Every index but the unique ones ends in time and id: whatever it restricts, the newest rows are read off its end.
    """

    __tablename__ = "record"
    __table_args__ = (
        Index("ix_record_created_at_id", "created_at", "id"),
        Index("ix_record_user_id_created_at_id", "user_id", "created_at", "id"),
        Index("ix_record_type_created_at_id", "type", "created_at", "id"),
        Index("ix_record_key_id_created_at_id", "key_id", "created_at", "id"),
        Index("ix_record_channel_id_created_at_id", "channel_id", "created_at", "id"),
        Index("ix_record_model_created_at_id", "model", "created_at", "id"),
        CheckConstraint("charge >= 0 OR settlement_id IS NULL", name="charge"),
        Base.__table_args__,
    )

    id: Mapped[Identity]
    settlement_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[int] = mapped_column(Integer)
    user_id: Mapped[int] = mapped_column(BigInteger, default=0)
    username: Mapped[str] = mapped_column(String(191), default="", index=True)
    key_id: Mapped[int] = mapped_column(BigInteger, default=0)
    key_name: Mapped[str] = mapped_column(String(191), default="")
    model: Mapped[str] = mapped_column(String(191), default="")
    channel_id: Mapped[int] = mapped_column(BigInteger, default=0)
    group: Mapped[str] = mapped_column(String(64), default="")
    charge: Mapped[int] = mapped_column(BigInteger, default=0)
    wallet_id: Mapped[int] = mapped_column(BigInteger, default=0)  # accounts; 0 when none was touched
    allowance_id: Mapped[int] = mapped_column(BigInteger, default=0)
    prompt_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    completion_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    duration_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    is_stream: Mapped[bool] = mapped_column(Boolean, default=False)
    ip: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="", index=True)
    upstream_request_id: Mapped[str] = mapped_column(String(191), default="")
    content: Mapped[str] = mapped_column(LongText, default="")
    other: Mapped[str] = mapped_column(LongText, default="")


class Rollup(Base):
    """Sums by hour, user, key, channel and model, written with the records they sum. `hour`: unix time of its start."""

    __tablename__ = "rollup"

    hour: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    model: Mapped[str] = mapped_column(String(191), primary_key=True)
    requests: Mapped[int] = mapped_column(BigInteger, default=0)
    charge: Mapped[int] = mapped_column(BigInteger, default=0)
    prompt_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    completion_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    duration_ms: Mapped[int] = mapped_column(BigInteger, default=0)
