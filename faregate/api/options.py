"""Run-time settings over the wire: the whole list, and one change at a time, checked before anything is stored."""

import msgspec
from pydantic import BaseModel, JsonValue

from faregate.catalog.prices import PriceSettings, price_maps
from faregate.identity import Access, ByCaller, Context, Done, InContext, Reply, Router, record
from faregate.identity.setting_changes import change_settings
from faregate.kernel.errors import BadRequest
from faregate.pricing import completion_ratio

router = Router("/api/option", "settings")
_KEY_LENGTH = 191
_HIDDEN = frozenset(("theme.frontend",))
_PROTECTED = "payment_setting.compliance_"
_OUTPUT_RULES = "CompletionRatioMeta"
# Other spellings of the same setting: written to the second, listed under both.
_ALIASES = {
    "group_ratio_setting.group_ratio": "GroupRatio",
    "group_ratio_setting.group_group_ratio": "GroupGroupRatio",
}


class Option(BaseModel):
    """A setting as text."""

    key: str
    value: str


class OptionChange(BaseModel):
    """One setting to be changed. Lists and objects are stored as JSON text; null is refused."""

    key: str = ""
    value: JsonValue = None


def is_hidden(context: Context, key: str) -> bool:
    """True for settings that are never listed: secrets, by declaration or by the ending of their name."""
    return key in _HIDDEN or context.settings.is_secret(key)


@router.get("/", access=Access.ROOT)
async def list_options(context: InContext) -> Reply[list[Option]]:
    """Every setting but the hidden ones; and what output costs by model, which is not set but told (New API)."""
    texts = context.settings.listed()
    texts[_OUTPUT_RULES] = _output_rules(context)
    texts |= {alias: texts[key] for alias, key in _ALIASES.items() if key in texts}
    return Reply(data=[Option(key=key, value=texts[key]) for key in sorted(texts) if not is_hidden(context, key)])


def _output_rules(context: Context) -> str:
    """For every model that the price tables name."""
    maps = price_maps(context.settings.get(PriceSettings))
    rules = {model: completion_ratio(model, maps.completion_ratio)._asdict() for model in sorted(maps.names())}
    return msgspec.json.encode(rules).decode()


@router.put("/", access=Access.ROOT, bad_body_status=400)
async def change_option(given: OptionChange, caller: ByCaller, context: InContext) -> Done:
    """Change one setting. A refused change changes nothing; unknown settings are kept as they are sent."""
    key = _ALIASES.get(given.key, given.key)
    if not 0 < len(key) <= _KEY_LENGTH:
        raise BadRequest("key must name a setting.", param="key")
    if key.startswith(_PROTECTED):
        raise BadRequest("The confirmation of the payment terms cannot be changed here.", param=key)
    async with context.database.write() as session:
        await change_settings(context, session, caller, {key: _text(given.value)})
        await record(context, session, caller, "option.update", f"changed the setting {key}", key=key)
    return Done()


def _text(value: JsonValue) -> str:
    match value:
        case None:
            raise BadRequest("value must not be null; send an empty text to clear a setting.", param="value")
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case float() if value.is_integer() and abs(value) < 2**63:
            return str(int(value))
        case int() | float():
            return repr(value)
        case _:
            return msgspec.json.encode(value).decode()
