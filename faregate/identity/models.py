"""Users, sign-in sessions, one-time flows and API keys as rows. Money is not here: see billing."""

from sqlalchemy import BigInteger, Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from faregate.storage import Base, Identity, Json, LongText

ROLE_USER, ROLE_ADMIN, ROLE_ROOT = 1, 10, 100
ENABLED, DISABLED, EXPIRED, EXHAUSTED = 1, 2, 3, 4


class User(Base):
    """A person. `used_quota` and `request_count` are counters; the balance is the wallet account's."""

    __tablename__ = "user"

    id: Mapped[Identity]
    username: Mapped[str] = mapped_column(String(191), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255), default="")
    display_name: Mapped[str] = mapped_column(String(191), default="", index=True)
    email: Mapped[str] = mapped_column(String(191), default="", index=True)
    role: Mapped[int] = mapped_column(Integer, default=ROLE_USER)
    status: Mapped[int] = mapped_column(Integer, default=ENABLED)
    group: Mapped[str] = mapped_column(String(64), default="default", index=True)
    access_token_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    used_quota: Mapped[int] = mapped_column(BigInteger, default=0)
    request_count: Mapped[int] = mapped_column(BigInteger, default=0)
    aff_code: Mapped[str | None] = mapped_column(String(32), unique=True)
    aff_count: Mapped[int] = mapped_column(Integer, default=0)
    aff_quota: Mapped[int] = mapped_column(BigInteger, default=0)
    aff_history: Mapped[int] = mapped_column(BigInteger, default=0)
    inviter_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    setting: Mapped[dict[str, object] | None] = mapped_column(Json)
    permissions: Mapped[dict[str, dict[str, bool]] | None] = mapped_column(Json)  # overrides of the admin baseline
    remark: Mapped[str] = mapped_column(String(255), default="")
    auth_version: Mapped[int] = mapped_column(BigInteger, default=1)
    created_at: Mapped[int] = mapped_column(BigInteger, default=0)
    last_login_at: Mapped[int] = mapped_column(BigInteger, default=0)
    deleted_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class Session(Base):
    """A sign-in. The refresh secret is kept as a keyed digest; `chain` counts its rotations."""

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, index=True)
    refresh_digest: Mapped[str] = mapped_column(String(64))
    previous_digest: Mapped[str] = mapped_column(String(64), default="")
    rotated_at: Mapped[int] = mapped_column(BigInteger, default=0)
    version: Mapped[int] = mapped_column(BigInteger, default=1)
    auth_version: Mapped[int] = mapped_column(BigInteger, default=1)
    method: Mapped[str] = mapped_column(String(64), default="password")
    ip: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(512), default="")
    created_at: Mapped[int] = mapped_column(BigInteger)
    last_used_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger, index=True)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)
    revoke_reason: Mapped[str] = mapped_column(String(64), default="")


class SpentRefresh(Base):
    """Digests of refresh secrets that were replaced: any later use is theft and ends the session."""

    __tablename__ = "spent_refresh"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(36), index=True)
    spent_at: Mapped[int] = mapped_column(BigInteger, index=True)


class Key(Base):
    """An API key. `digest` finds it, `sealed` lets its owner see it again; the allowance is an account."""

    __tablename__ = "key"
    __table_args__ = (Index("ix_key_user_id_id", "user_id", "id"), Base.__table_args__)

    id: Mapped[Identity]
    user_id: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[str] = mapped_column(String(512), default="")
    hint: Mapped[str] = mapped_column(String(32), default="")  # masked form for lists
    name: Mapped[str] = mapped_column(String(191), default="", index=True)
    status: Mapped[int] = mapped_column(Integer, default=ENABLED)
    created_at: Mapped[int] = mapped_column(BigInteger, default=0)
    accessed_at: Mapped[int] = mapped_column(BigInteger, default=0)
    expires_at: Mapped[int] = mapped_column(BigInteger, default=-1)  # -1 never
    unlimited: Mapped[bool] = mapped_column(Boolean, default=False)
    used_quota: Mapped[int] = mapped_column(BigInteger, default=0)
    model_limits_enabled: Mapped[bool] = mapped_column(Boolean, default=False)
    model_limits: Mapped[str] = mapped_column(LongText, default="")
    allow_ips: Mapped[str | None] = mapped_column(LongText, default="")
    group: Mapped[str] = mapped_column(String(64), default="")
    cross_group_retry: Mapped[bool] = mapped_column(Boolean, default=False)
    auto_groups: Mapped[list[str] | None] = mapped_column(Json)
    deleted_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class Installation(Base):
    """One row once set-up is done, and the one-time setup secret's digest before."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    setup_secret_digest: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[str] = mapped_column(String(50), default="")
    initialized_at: Mapped[int | None] = mapped_column(BigInteger)
