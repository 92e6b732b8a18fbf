"""The composition root: builds the house from its settings. The only file that may import everything."""

import contextlib
import gc
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from faregate import __version__
from faregate.api import build_api
from faregate.api.first_view import FirstViews, SiteFacts
from faregate.api.site import FOLDER, Site
from faregate.billing import Ledger
from faregate.billing.doors import AccountBalances
from faregate.catalog import SECTIONS as CATALOG_SECTIONS
from faregate.catalog import GroupSettings, PriceSettings, SiteSettings, price_book
from faregate.catalog.groups import Groups
from faregate.channels import SECTIONS as CHANNEL_SECTIONS
from faregate.channels import ChannelDoors, ChannelTests, Disabler, Health, load_routing
from faregate.channels.offer import ChannelOffer
from faregate.formats.dialect import Fault
from faregate.identity import SECTIONS as IDENTITY_SECTIONS
from faregate.identity import (
    AccessSettings,
    Context,
    KeyRecord,
    Limit,
    SetupPresets,
    find_key_owner,
    is_initialized,
    mark_exhausted,
    mark_expired,
)
from faregate.kernel.clock import SYSTEM, Clock
from faregate.kernel.egress import Deadlines, Egress, EgressSettings
from faregate.kernel.errors import Unavailable
from faregate.kernel.log import get_logger
from faregate.kernel.secrets import Vault, load_master_secret
from faregate.logbook import SECTIONS as LOGBOOK_SECTIONS
from faregate.logbook import AuditLog, Bookkeeper, LogSettings
from faregate.pricing import GroupRatios, ToolPrices
from faregate.relay import SECTIONS as RELAY_SECTIONS
from faregate.relay.admission import Admission
from faregate.relay.endpoints import Relay
from faregate.relay.keyring import Keyring
from faregate.relay.models_list import endpoint_types
from faregate.relay.pipeline import Limits, Pipeline
from faregate.relay.plan import Candidate
from faregate.relay.probe import ChannelProber
from faregate.relay.provider_models import ProviderModels
from faregate.relay.providers import BY_TYPE
from faregate.relay.rules import Rules, rules_of
from faregate.relay.settings import AffinitySettings, DialectSettings, RoutingSettings
from faregate.relay.till import Tariffs
from faregate.settings import Settings
from faregate.storage import Bus, Database, SettingsStore, Topic, Wakeups, database_url

SECTIONS = (*IDENTITY_SECTIONS, *CATALOG_SECTIONS, *CHANNEL_SECTIONS, *RELAY_SECTIONS, *LOGBOOK_SECTIONS)
_log = get_logger(__name__)
_COLLECT_AFTER = (50_000, 20, 20)


@dataclass(frozen=True)
class House:
    """Everything that lives as long as the process."""

    settings: Settings
    database: Database
    bus: Bus
    wakeups: Wakeups
    store: SettingsStore
    vault: Vault
    ledger: Ledger
    egress: Egress
    pipeline: Pipeline
    relay: Relay
    keyring: Keyring
    context: Context
    channel_tests: ChannelTests
    disabler: Disabler
    api: Any
    site: Site

    async def start(self) -> None:
        """Read settings and channels, begin to watch them, open the ledger."""
        await self.store.seal()
        await self.bus.look()
        await self.store.load()
        await self._publish_rules()
        await self._publish_routing()
        self.bus.listen(Topic.SETTINGS, self._settings_changed)
        self.bus.listen(Topic.CHANNELS, self._publish_routing)
        self.bus.listen(Topic.KEYS, self.keyring.changed)
        self.bus.listen(Topic.USERS, self.keyring.changed)
        self.bus.listen(Topic.ACCOUNTS, self.ledger.tend)
        await self.ledger.start()
        self.bus.start()
        self.wakeups.start()

    async def stop(self) -> None:
        """Write everything, close. The server has let running calls end before."""
        await self.channel_tests.stop()
        await self.disabler.idle()
        await self.wakeups.stop()
        await self.bus.stop()
        await self.ledger.stop()
        await self.egress.close()
        await self.database.close()

    async def _settings_changed(self) -> None:
        await self.store.load()
        await self._publish_rules()

    async def _publish_rules(self) -> None:
        self.pipeline.rules = rules(self.store, self.settings)

    async def _publish_routing(self) -> None:
        self.pipeline.publish(await load_routing(self.database, self.vault))


def rules(store: SettingsStore, settings: Settings) -> Rules:
    """The data plane's rules under the present run-time settings."""
    prices, groups, site = store.get(PriceSettings), store.get(GroupSettings), store.get(SiteSettings)
    tariffs = Tariffs(
        book=price_book(prices, site.quota_per_unit),
        groups=GroupRatios(groups.ratios, groups.special_ratios),
        tools=ToolPrices(prices.tool_prices),
        floor_tokens=prices.pre_consumed_tokens,
        accept_unpriced=site.self_use,
        holds_free=prices.holds_free,
    )
    return rules_of(
        store.get(RoutingSettings),
        store.get(AffinitySettings),
        store.get(DialectSettings),
        tariffs,
        deadlines=Deadlines(
            connect_s=settings.connect_timeout_s,
            first_byte_s=settings.answer_timeout_s,
            idle_s=settings.idle_timeout_s,
            total_s=settings.total_timeout_s,
        ),
        azure_api_version=settings.azure_api_version,
        logs_usage=store.get(LogSettings).log_usage,
    )


def open_database(settings: Settings) -> Database:
    """The database these settings name. Raises BadDatabaseAddress."""
    return Database(database_url(settings.database, settings.data_dir))


async def build(settings: Settings, environment: Mapping[str, str], clock: Clock = SYSTEM) -> House:
    """The whole house, not yet started. To be called inside the loop that will serve."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = open_database(settings)
    vault = Vault(load_master_secret(settings.data_dir, settings.secret))
    bus = Bus(database)
    store = SettingsStore(database, SECTIONS, vault)
    await store.load()
    node = settings.node_name or socket.gethostname()
    ledger = Ledger(database, Bookkeeper(), settings.data_dir / "journal", node=node, clock=clock)
    egress = Egress(
        EgressSettings(
            environment=environment,
            insecure_tls=settings.insecure_tls,
            per_host_limit=settings.upstream_connections,
        )
    )
    pipeline = Pipeline(ledger, egress, Health(clock), rules(store, settings), _limits(settings), clock)
    pipeline.on_exhausted = _marker(database, bus, mark_exhausted)
    balances = AccountBalances(clock)
    keyring = Keyring(_key_loader(database, balances), clock)
    groups = Groups(store)
    admission = Admission(
        keyring, lambda: groups, settings.trusted_proxies, expired=_marker(database, bus, mark_expired), clock=clock
    )
    context = Context(
        database=database,
        bus=bus,
        settings=store,
        vault=vault,
        clock=clock,
        balances=balances,
        audit=AuditLog(clock),
        groups=groups,
        offer=ChannelOffer(_endpoint_types),
        access=_access(settings),
        presets=SetupPresets(settings.root_key, settings.root_access_token),
        version=__version__,
        before_call=_settler(ledger),
        started_at=int(clock.now()),
    )
    channel_tests = ChannelTests(context, ChannelProber(pipeline))
    disabler = Disabler(context)
    pipeline.on_permanent_failure = _teller(disabler)
    api = build_api(context)
    api.state.channels = ChannelDoors(channel_tests, ProviderModels(egress))
    return House(
        settings=settings,
        database=database,
        bus=bus,
        wakeups=Wakeups(database, bus, settings.redis, settings.data_dir / "wake"),
        store=store,
        vault=vault,
        ledger=ledger,
        egress=egress,
        pipeline=pipeline,
        relay=Relay(admission, pipeline, clock),
        keyring=keyring,
        context=context,
        channel_tests=channel_tests,
        disabler=disabler,
        api=api,
        site=Site(FirstViews(FOLDER / "first", lambda: _facts(store), _set_up_asker(database))),
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        body_bytes=settings.max_body_mb << 20,
        frame_bytes=settings.max_frame_mb << 20,
        first_token_s=settings.first_token_timeout_s,
        error_records=settings.error_records,
    )


def _access(settings: Settings) -> AccessSettings:
    return AccessSettings(
        trusted_proxies=settings.trusted_proxies,
        secure_cookie=settings.secure_cookie,
        cookie_origins=settings.cookie_origins,
        session_limit=settings.session_limit,
        session_issuance_limit=settings.session_issuance_limit,
        session_issuance_window_s=settings.session_issuance_window_s,
        max_anonymous_body_bytes=settings.max_anonymous_body_kb << 10,
        api_limit=Limit(settings.api_limit, settings.api_limit_count, settings.api_limit_window_s),
        critical_limit=Limit(settings.critical_limit, settings.critical_limit_count, settings.critical_limit_window_s),
        search_limit=Limit(settings.search_limit, settings.search_limit_count, settings.search_limit_window_s),
    )


def _endpoint_types(model: str, channel_types: Iterable[int]) -> list[str]:
    return endpoint_types(model, (BY_TYPE[type].endpoints for type in channel_types if type in BY_TYPE))


def _teller(disabler: Disabler):
    def tell(candidate: Candidate, fault: Fault) -> None:
        reason = f"status_code={fault.status}, {fault.message}"
        disabler.tell(candidate.channel.id, candidate.credential.id, reason)

    return tell


def _key_loader(database: Database, balances: AccountBalances):
    async def load(digest: str) -> KeyRecord | None:
        async with database.read() as session:
            return await find_key_owner(session, balances, digest)

    return load


def _marker(
    database: Database, bus: Bus, mark: Callable[[AsyncSession, int], Awaitable[None]]
) -> Callable[[KeyRecord], Awaitable[None]]:
    """Writes the state that a key was found in, and makes it known."""

    async def found(key: KeyRecord) -> None:
        async with database.write() as session:
            await mark(session, key.id)
        await bus.refresh()

    return found


def _set_up_asker(database: Database) -> Callable[[], Awaitable[bool]]:
    """Whether set-up is done; no for as long as the database does not say."""

    async def ask() -> bool:
        try:
            async with database.read() as session:
                return await is_initialized(session)
        except (SQLAlchemyError, OSError, TimeoutError, Unavailable):
            return False

    return ask


def _facts(store: SettingsStore) -> SiteFacts:
    site = store.get(SiteSettings)
    return SiteFacts(site.name, site.home_page, site.server_address)


def _settler(ledger: Ledger) -> Callable[[], Awaitable[None]]:
    async def settled() -> None:
        # A database that is away is no reason to refuse a read of what it last had.
        with contextlib.suppress(Unavailable):
            await ledger.flush()

    return settled


class App:
    """The ASGI application: relay paths to the data plane, everything else to the control plane."""

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._environment = environment
        self.house: House | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One ASGI connection."""
        if scope["type"] == "http":
            house = self.house
            assert house is not None
            if house.relay.claims(scope["path"]):
                await house.relay(scope, receive, send)
            elif house.site.claims(scope):
                await house.site(scope, receive, send)
            else:
                await house.api(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        try:
            self.house = await build(self._settings, self._environment)
            await self.house.start()
            _settle_memory()
        except Exception as error:
            _log.exception("start.failed")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.house.stop()
        await send({"type": "lifespan.shutdown.complete"})


def _settle_memory() -> None:
    """What is alive now lives as long as the process: the collector need not look at it again, nor look often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
