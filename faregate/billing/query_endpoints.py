"""OpenAI's old billing queries: what a key (or its user) was given and has used, in the currency the site shows.

Dates in the query are not looked at: New API does not either, and its clients send any.
"""

from pydantic import BaseModel
from sqlalchemy import select

from faregate.billing.tables import user
from faregate.catalog import CurrencySettings, SiteSettings
from faregate.identity import ALLOWANCE, WALLET, Access, ByKey, Context, InContext, KeyRecord, Router
from faregate.storage import SettingsStore

router = Router("/dashboard/billing", "billing queries")
versioned_router = Router("/v1/dashboard/billing", "billing queries")
_UNLIMITED = 100_000_000.0


class Subscription(BaseModel):
    """What was given in all, three times over; `access_until`: unix seconds, 0 for ever."""

    object: str = "billing_subscription"
    has_payment_method: bool = True
    soft_limit_usd: float
    hard_limit_usd: float
    system_hard_limit_usd: float
    access_until: int


class Usage(BaseModel):
    """What was used, in hundredths."""

    object: str = "list"
    total_usage: float


@router.get("/subscription", access=Access.CALL, cors=True)
@versioned_router.get("/subscription", access=Access.CALL, cors=True)
async def subscription(key: ByKey, context: InContext) -> Subscription:
    """What is left and was used together."""
    by_key = context.settings.get(CurrencySettings).by_key
    if by_key and key.unlimited:
        limit = _UNLIMITED
    else:
        limit = in_currency(context.settings, await _left(context, key, by_key) + await _used(context, key, by_key))
    until = key.expires_at if by_key and key.expires_at != -1 else 0
    return Subscription(soft_limit_usd=limit, hard_limit_usd=limit, system_hard_limit_usd=limit, access_until=until)


@router.get("/usage", access=Access.CALL, cors=True)
@versioned_router.get("/usage", access=Access.CALL, cors=True)
async def usage(key: ByKey, context: InContext) -> Usage:
    """What was used."""
    used = await _used(context, key, context.settings.get(CurrencySettings).by_key)
    return Usage(total_usage=in_currency(context.settings, used) * 100)


def in_currency(settings: SettingsStore, quota: int) -> float:
    """`quota` in the currency these queries use: dollars, yuan, or quota itself. An own currency counts as dollars."""
    currency = settings.get(CurrencySettings)
    if currency.shown_as == "TOKENS":
        return float(quota)
    dollars = quota / settings.get(SiteSettings).quota_per_unit
    return dollars * currency.usd_rate if currency.shown_as == "CNY" else dollars


def _payer(key: KeyRecord, by_key: bool) -> tuple[str, int]:
    return (ALLOWANCE, key.id) if by_key else (WALLET, key.user_id)


async def _left(context: Context, key: KeyRecord, by_key: bool) -> int:
    kind, owner = _payer(key, by_key)
    async with context.database.read() as session:
        return (await context.balances.visible(session, kind, [owner])).get(owner, 0)


async def _used(context: Context, key: KeyRecord, by_key: bool) -> int:
    """What was charged, and what calls under way have reserved: beside what is left, all that was given."""
    kind, owner = _payer(key, by_key)
    async with context.database.read() as session:
        held = (await context.balances.held(session, kind, [owner])).get(owner, 0)
        if by_key:
            return key.used_quota + held
        return (await session.scalar(select(user.c.used_quota).where(user.c.id == owner)) or 0) + held
