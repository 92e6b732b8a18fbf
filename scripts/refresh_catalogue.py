"""Write faregate/pricing/data/catalogue.json from the installed genai-prices package.

Takes models with an input price above 0 under their exact names (id and aliases that are spelled out), first-party
lists before resellers, and leaves out names the default ratio tables already price. Context tiers are reduced to their
base price. Run it, then review the diff.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

import genai_prices.types as source
import orjson
from genai_prices.data import providers

from faregate.pricing.maps import default_maps
from faregate.pricing.names import price_keys

TARGET = Path(__file__).parent.parent / "faregate" / "pricing" / "data" / "catalogue.json"

# First name wins. OpenRouter's names carry their vendor, so they never shadow another list.
PROVIDERS = (
    "openai",
    "anthropic",
    "google",
    "x-ai",
    "deepseek",
    "mistral",
    "cohere",
    "moonshotai",
    "zai",
    "zhipuai",
    "minimax",
    "perplexity",
    "voyageai",
    "meta",
    "groq",
    "openrouter",
)
BUCKETS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "image_in": "input_image_mtok",
    "audio_in": "input_audio_mtok",
    "image_out": "output_image_mtok",
    "audio_out": "output_audio_mtok",
}


def spelled_out(match: object) -> Iterator[str]:
    """The names a match clause spells out in full."""
    match match:
        case source.ClauseEquals(equals=name):
            yield name
        case source.ClauseOr(or_=clauses):
            for clause in clauses:
                yield from spelled_out(clause)
        case _:
            return


def base_price(price: object) -> Decimal | None:
    """The price of the first tier, as a decimal."""
    found = price.base if isinstance(price, source.TieredPrices) else price
    return found if isinstance(found, Decimal) else None


def priced(model: source.ModelInfo, provider: str, now: datetime) -> dict[str, str] | None:
    """The model's buckets as text, or None if it has no input price to relate them to."""
    prices = vars(model.get_prices(now))
    buckets = {bucket: base_price(prices.get(key)) for bucket, key in BUCKETS.items()}
    if not buckets["input"]:
        return None
    return {"provenance": provider} | {bucket: f"{usd:f}" for bucket, usd in buckets.items() if usd is not None}


def names_of(model: source.ModelInfo, provider: str) -> Iterator[str]:
    """The exact names a client may ask the model by."""
    for name in (model.id, *spelled_out(model.match)):
        if provider != "openrouter" or "/" in name:
            yield name


def collect(now: datetime) -> dict[str, dict[str, str]]:
    """Name -> price of every model worth listing."""
    defaults = default_maps()
    known = set(defaults.model_ratio) | set(defaults.model_price)
    by_id = {provider.id: provider for provider in providers}
    models: dict[str, dict[str, str]] = {}
    for provider in PROVIDERS:
        for model in by_id[provider].models:
            price = priced(model, provider, now)
            for name in names_of(model, provider) if price else ():
                if not known.intersection(price_keys(name)):
                    models.setdefault(name, price)
    return dict(sorted(models.items()))


def main() -> None:
    """Write the snapshot, one model a line so that a diff reads well."""
    models = collect(datetime.now(UTC))
    lines = ",\n".join(
        f"{orjson.dumps(name).decode()}: {orjson.dumps(price).decode()}" for name, price in models.items()
    )
    head = f'"source": "genai-prices {version("genai-prices")}",\n"unit": "USD per million tokens"'
    TARGET.write_text(f'{{\n{head},\n"models": {{\n{lines}\n}}\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
