"""People and keys: users, sign-in sessions, API keys, who may call what.

Promises: passwords, refresh secrets, access tokens and API keys are kept as digests only (keys also sealed for their
owners); every management route declares who may call it; every administrative act leaves a line in the audit log. What
it needs of rooms above (balances, log, groups, models) comes in through the protocols of `doors`.
"""

from faregate.identity.access_tokens import LIFETIME_S as ACCESS_TOKEN_LIFETIME_S
from faregate.identity.addresses import Address, Network, client_address, parse_address, parse_networks, within
from faregate.identity.audit import administrative, record, record_system
from faregate.identity.callers import Caller, Visit, authenticate, bearer
from faregate.identity.context import AccessSettings, Context, Limit, OptionRule, SetupPresets
from faregate.identity.cookies import clear_cookie
from faregate.identity.doors import (
    ALLOWANCE,
    CLOSED,
    WALLET,
    Audit,
    Balances,
    GroupPolicy,
    LineType,
    LogLine,
    Movement,
    Offer,
    Served,
    Server,
)
from faregate.identity.envelope import Done, Page, Paged, Paging, Reply, like, whole, wildcards
from faregate.identity.errors import AuthRefusal, Refusal
from faregate.identity.installation import is_initialized, prepare_installation
from faregate.identity.key_records import KeyRecord, find_key_owner, mark_exhausted, mark_expired
from faregate.identity.models import ENABLED, ROLE_ADMIN, ROLE_ROOT, ROLE_USER
from faregate.identity.passwords import Passwords
from faregate.identity.permissions import may
from faregate.identity.routing import (
    Access,
    ByAnyone,
    ByCaller,
    ByKey,
    Declaration,
    InContext,
    LimitClass,
    OnVisit,
    Router,
)
from faregate.identity.settings import (
    OPTION_RULES,
    SECTIONS,
    DiscordSettings,
    GitHubSettings,
    KeySettings,
    LinuxDoSettings,
    NewUserSettings,
    OidcSettings,
    PasskeySettings,
    SignInSettings,
    TelegramSettings,
    TurnstileSettings,
    WeChatSettings,
)

__all__ = [
    "ACCESS_TOKEN_LIFETIME_S",
    "ALLOWANCE",
    "CLOSED",
    "ENABLED",
    "OPTION_RULES",
    "ROLE_ADMIN",
    "ROLE_ROOT",
    "ROLE_USER",
    "SECTIONS",
    "WALLET",
    "Access",
    "AccessSettings",
    "Address",
    "Audit",
    "AuthRefusal",
    "Balances",
    "ByAnyone",
    "ByCaller",
    "ByKey",
    "Caller",
    "Context",
    "Declaration",
    "DiscordSettings",
    "Done",
    "GitHubSettings",
    "GroupPolicy",
    "InContext",
    "KeyRecord",
    "KeySettings",
    "Limit",
    "LimitClass",
    "LineType",
    "LinuxDoSettings",
    "LogLine",
    "Movement",
    "Network",
    "NewUserSettings",
    "Offer",
    "OidcSettings",
    "OnVisit",
    "OptionRule",
    "Page",
    "Paged",
    "Paging",
    "PasskeySettings",
    "Passwords",
    "Refusal",
    "Reply",
    "Router",
    "Served",
    "Server",
    "SetupPresets",
    "SignInSettings",
    "TelegramSettings",
    "TurnstileSettings",
    "Visit",
    "WeChatSettings",
    "administrative",
    "authenticate",
    "bearer",
    "clear_cookie",
    "client_address",
    "find_key_owner",
    "is_initialized",
    "like",
    "mark_exhausted",
    "mark_expired",
    "may",
    "parse_address",
    "parse_networks",
    "prepare_installation",
    "record",
    "record_system",
    "whole",
    "wildcards",
    "within",
]
