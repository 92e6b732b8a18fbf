"""Prices at the counter: what a request may cost, the hold for it, and what it did cost."""

import re
from collections.abc import Awaitable, Callable

from msgspec import Struct

from faregate.billing import AccountRef, CreditRefused, Hold, Ledger
from faregate.formats.usage import Usage
from faregate.identity import KeyRecord
from faregate.kernel.errors import Unauthenticated
from faregate.pricing import Charge, PriceBook, Rates, ToolPrices, charge, hold
from faregate.pricing.groups import GroupRatio, GroupRatios
from faregate.relay.request import Request

_BYTES_PER_TOKEN = 3
# What a body with media always contains, in every dialect; an escaped letter (\u0069) may hide any of them.
_MEDIA = re.compile(rb"image|audio|video|file|document|inline|\\u00")


class Tariffs(Struct, frozen=True):
    """Everything prices depend on, as one immutable value."""

    book: PriceBook
    groups: GroupRatios
    tools: ToolPrices
    floor_tokens: int = 500  # option PreConsumedQuota
    accept_unpriced: bool = False  # self-use mode
    holds_free: bool = True  # also calls that cost nothing need a balance


class Quote(Struct, frozen=True):
    """What a request is charged by, and what is held for it."""

    rates: Rates
    ratio: GroupRatio
    amount: int
    needs_hold: bool


def quote(tariffs: Tariffs, request: Request) -> Quote:
    """The quote for a request. Raises Unpriced or OutOfRange."""
    key = request.key
    rates = tariffs.book.get(request.model, accept_unset=tariffs.accept_unpriced or key.accept_unpriced)
    ratio = tariffs.groups.get(key.user_group, request.group)
    amount = hold(
        rates,
        ratio.ratio,
        prompt_tokens=_prompt_tokens(request, rates, tariffs.floor_tokens),
        max_tokens=request.envelope.max_output_tokens,
        floor_tokens=tariffs.floor_tokens,
    )
    free = ratio.ratio == 0 or (rates.price_per_call if rates.price_per_call is not None else rates.model_ratio) == 0
    return Quote(rates, ratio, amount, not free or tariffs.holds_free)


def _prompt_tokens(request: Request, rates: Rates, floor: int) -> int:
    """The estimate, unless the body is so small that the floor covers it: text is three bytes a token and more.

    A link of a few bytes may be a picture of thousands of tokens, so the size tells only of bodies without media; a
    token given by number may take two bytes, so those are counted.
    """
    body = request.body
    if rates.price_per_call is not None:
        return 0
    if len(body) < _BYTES_PER_TOKEN * floor and not _MEDIA.search(body):
        return request.token_numbers
    return request.prompt_tokens


async def hold_for(
    ledger: Ledger, request: Request, quoted: Quote, exhausted: Callable[[KeyRecord], Awaitable[None]]
) -> Hold | None:
    """The hold, or None when the call is free.

    Raises InsufficientCredit, Unauthenticated for a key used up, or Unavailable when the ledger takes no calls.
    """
    if not quoted.needs_hold:
        ledger.admit()
        return None
    key = request.key
    wallet, allowance = accounts_of(key)
    held = ledger.try_hold(wallet, allowance, quoted.amount)
    if held is not None:
        return held
    try:
        return await ledger.hold(wallet, allowance, quoted.amount)
    except CreditRefused as refused:
        if refused.exhausted and refused.account_id == key.allowance_id:
            await exhausted(key)
            raise Unauthenticated("this API key is used up", code="") from refused
        raise


def accounts_of(key: KeyRecord) -> tuple[AccountRef, AccountRef]:
    """The wallet and the allowance that pay for a key's calls."""
    return AccountRef(key.wallet_id), AccountRef(key.allowance_id, key.unlimited)


def charge_for(tariffs: Tariffs, quoted: Quote, request: Request, usage: Usage) -> Charge:
    """What the request costs."""
    calls = (("web_search", usage.web_searches),) if usage.web_searches else ()
    surcharges = tariffs.tools.surcharges(calls, request.model) if calls else ()
    return charge(quoted.rates, quoted.ratio.ratio, usage, surcharges=surcharges)
