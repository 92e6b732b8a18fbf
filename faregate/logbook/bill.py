"""The arithmetic of a charge, told again from a usage record: tokens times price, line by line, exact."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from faregate.logbook.particulars import Particulars
from faregate.pricing import Charge, OutOfRange, Surcharge, Tokens, explain, rates_by_ratio, rates_per_call

_ROUNDING = Decimal(1)


class BillLine(BaseModel):
    """`count` units at `usd` for one call, for 1000 tool calls or for a million tokens (`per`); `quota` is exact."""

    item: str
    count: int
    per: Literal["call", "thousand", "million"]
    usd: str
    quota: str


class BillView(BaseModel):
    """`lines` add up to `sum`; `charge` is what was taken. `rest`: what the record does not itemise, else empty."""

    lines: list[BillLine]
    group_ratio: float
    sum: str
    rest: str
    charge: int


class Bucket(BaseModel):
    """Tokens of one kind; a token is in one bucket only."""

    name: str
    tokens: int


def tokens_of(told: Particulars, prompt: int, completion: int) -> Tokens:
    """The buckets that a record tells of. Anthropic's prompt leaves cached tokens out, the others' include them."""
    short, long = told.cache_creation_tokens_5m, told.cache_creation_tokens_1h
    written = max(0, told.cache_write_tokens - short - long)
    image = told.image_output if told.image else 0
    audio_in = told.audio_input if told.audio else told.audio_input_token_count
    audio_out = told.audio_output if told.audio else 0
    elsewhere = image + audio_in + (0 if told.claude else told.cache_tokens + written + short + long)
    return Tokens(
        input=max(0, prompt - elsewhere),
        cache_read=told.cache_tokens,
        cache_write=written,
        cache_write_5m=short,
        cache_write_1h=long,
        image_in=image,
        audio_in=audio_in,
        output=max(0, completion - audio_out),
        audio_out=audio_out,
    )


def buckets(tokens: Tokens) -> list[Bucket]:
    """The buckets that hold tokens."""
    counts = ((name, getattr(tokens, name)) for name in Tokens.__struct_fields__)
    return [Bucket(name=name, tokens=count) for name, count in counts if count]


def bill(told: Particulars, tokens: Tokens, charged: int, quota_per_unit: float) -> BillView | None:
    """How the charge came about; None when the record tells no price that makes sense."""
    try:
        lines = explain(_charge(told, charged, quota_per_unit), tokens)
    except OutOfRange:
        return None
    total = sum((line.quota for line in lines), Decimal(0))
    rest = charged - total
    tools = {tool.name for tool in told.tool_surcharges}
    return BillView(
        lines=[
            BillLine(
                item=line.item,
                count=line.count,
                per=_per(line.item, tools),
                usd=_plain(line.usd),
                quota=_plain(line.quota),
            )
            for line in lines
        ],
        group_ratio=told.group_ratio,
        sum=_plain(total),
        rest="" if abs(rest) <= _ROUNDING else _plain(rest),
        charge=charged,
    )


def _charge(told: Particulars, charged: int, unit: float) -> Charge:
    tools = tuple(Surcharge(tool.name, tool.count, tool.price) for tool in told.tool_surcharges)
    if told.model_price >= 0:
        return Charge(charged, rates_per_call("", told.model_price, quota_per_unit=unit), told.group_ratio, tools)
    rates = rates_by_ratio(
        "",
        model_ratio=told.model_ratio,
        completion_ratio=told.completion_ratio,
        cache_ratio=told.cache_ratio,
        create_cache_ratio=told.cache_creation_ratio,
        image_ratio=told.image_ratio,
        audio=(told.audio_ratio, told.audio_completion_ratio) if told.audio else None,
        audio_input_price=told.audio_input_price,
        quota_per_unit=unit,
    )
    return Charge(charged, rates, told.group_ratio, tools)


def _per(item: str, tools: set[str]) -> Literal["call", "thousand", "million"]:
    if item in tools:
        return "thousand"
    return "call" if item == "call" else "million"


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"
