"""What every management endpoint works with: one frozen object, built by the composition root."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from faregate.identity.addresses import Network
from faregate.identity.doors import Audit, Balances, GroupPolicy, Offer
from faregate.identity.passwords import Passwords
from faregate.identity.settings import OPTION_RULES
from faregate.kernel.clock import Clock
from faregate.kernel.secrets import Vault
from faregate.storage import Bus, Database, SettingsStore

OptionRule = Callable[[SettingsStore, Mapping[str, str]], None]


@dataclass(frozen=True)
class Limit:
    """At most `count` calls within `window_s` seconds, when switched on."""

    enabled: bool
    count: int
    window_s: int


@dataclass(frozen=True)
class AccessSettings:
    """How the management API may be reached; from the environment."""

    trusted_proxies: tuple[Network, ...] = ()
    secure_cookie: bool = False
    cookie_origins: tuple[str, ...] = ()
    session_limit: int = 50
    session_issuance_limit: int = 100
    session_issuance_window_s: int = 86_400
    max_anonymous_body_bytes: int = 512 * 1024
    max_body_bytes: int = 32 * 1024 * 1024
    api_limit: Limit = Limit(True, 360, 180)
    critical_limit: Limit = Limit(True, 20, 1200)
    search_limit: Limit = Limit(True, 10, 60)


@dataclass(frozen=True)
class SetupPresets:
    """What an operator may fix for the first account before set-up. Empty values are not used."""

    root_key: str = field(default="", repr=False)
    root_access_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Context:
    """Everything the management API works with."""

    database: Database
    bus: Bus
    settings: SettingsStore
    vault: Vault
    clock: Clock
    balances: Balances
    audit: Audit
    groups: GroupPolicy
    offer: Offer
    passwords: Passwords = field(default_factory=Passwords)
    access: AccessSettings = AccessSettings()
    presets: SetupPresets = SetupPresets()
    version: str = ""
    started_at: int = 0
    before_call: Callable[[], Awaitable[None]] | None = None  # makes what this worker has settled visible to reads
    option_rules: tuple[OptionRule, ...] = OPTION_RULES
    connections: Callable[[], int] = field(default=lambda: 0)

    def now(self) -> int:
        """Unix seconds."""
        return int(self.clock.now())
