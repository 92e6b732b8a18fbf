"""Typed settings: how texts become values, what is refused, what is shown."""

from typing import Any

import pytest
from pydantic import BaseModel

from faregate.kernel.errors import BadRequest
from faregate.storage import Database, Section, SettingsStore, option
from faregate.storage.sections import from_text, to_text


class Point(BaseModel):
    """A nested value."""

    x: int = 0


class Shop(Section):
    """One field of every kind."""

    is_open: bool = option("OpenEnabled", False, "Open")
    is_lit: bool = option("shop.lit", True, "Lit")
    seats: int = option("Seats", 4, "Seats", ge=0)
    rent: float = option("Rent", 1.5, "Rent")
    name: str = option("ShopName", "Corner", "Name", max_length=10)
    goods: list[str] = option("Goods", [], "Goods")
    prices: dict[str, float] = option("Prices", {"tea": 2.0}, "Prices")
    place: Point = option("Place", Point(), "Place")
    safe_code: str = option("SafeCode", "", "Code of the safe", secret=True)


async def open_store(database: Database, **texts: str) -> SettingsStore:
    store = SettingsStore(database, (Shop,))
    async with database.write() as session:
        await store.write(session, texts)
    await store.load()
    return store


VALUES: dict[str, tuple[Any, str]] = {
    "is_open": (True, "true"),
    "is_lit": (False, "false"),
    "seats": (12, "12"),
    "rent": (2.25, "2.25"),
    "name": ('a "b"', 'a "b"'),
    "goods": (["ä", "b"], '["ä","b"]'),
    "prices": ({"tea": 3.0}, '{"tea":3.0}'),
    "place": (Point(x=3), '{"x":3}'),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_from_its_text(name: str) -> None:
    value, text = VALUES[name]
    assert to_text(value) == text
    assert getattr(Shop.model_validate({name: from_text(text, Shop.model_fields[name])}), name) == value


def test_a_whole_float_is_shown_without_its_point() -> None:
    assert (to_text(3.0), to_text(0.002)) == ("3", "0.002")


@pytest.mark.parametrize("text", ["TRUE", "True", "1", "t", " true", "yes", "", "false"])
def test_a_plain_switch_is_on_for_the_exact_word_alone(text: str) -> None:
    assert from_text(text, Shop.model_fields["is_open"]) is False
    assert from_text("true", Shop.model_fields["is_open"]) is True


@pytest.mark.parametrize("text", ["true", "TRUE", "True", "T", "t", "1"])
def test_a_namespaced_switch_knows_more_words(text: str) -> None:
    assert from_text(text, Shop.model_fields["is_lit"]) is True


@pytest.mark.parametrize("text", ["false", "FALSE", "False", "F", "f", "0"])
def test_and_as_many_for_off(text: str) -> None:
    assert from_text(text, Shop.model_fields["is_lit"]) is False


@pytest.mark.parametrize("text", ["", "[]", "   "])
def test_an_empty_text_is_an_empty_list(text: str) -> None:
    assert from_text(text, Shop.model_fields["goods"]) == []


async def test_what_was_never_saved_has_its_default(sqlite: Database) -> None:
    store = await open_store(sqlite)
    assert store.get(Shop) == Shop()
    assert store.text("Seats") is None
    assert store.listed() == {
        "OpenEnabled": "false",
        "shop.lit": "true",
        "Seats": "4",
        "Rent": "1.5",
        "ShopName": "Corner",
        "Goods": "[]",
        "Prices": '{"tea":2.0}',
        "Place": '{"x":0}',
    }


async def test_saved_values_hold_for_every_process(database: Database) -> None:
    store = await open_store(database, Seats="7", Goods='["tea"]')
    beside = SettingsStore(database, (Shop,))
    await beside.load()
    assert beside.get(Shop) == store.get(Shop) == Shop(seats=7, goods=["tea"])


async def test_a_key_may_be_saved_again(database: Database) -> None:
    store = await open_store(database, Seats="7")
    async with database.write() as session:
        await store.write(session, {"Seats": "8"})
    assert store.get(Shop).seats == 7
    await store.load()
    assert (store.get(Shop).seats, store.text("Seats")) == (8, "8")


_DEEP = '{"x":' * 3000 + "1" + "}" * 3000
REFUSED = {
    ("Seats", "-1"): "Seats: Input should be greater than or equal to 0",
    ("Seats", "many"): "Seats: Input should be a valid integer, unable to parse string as an integer",
    ("ShopName", "far too long a name"): "ShopName: String should have at most 10 characters",
    ("Rent", "inf"): "Rent: Input should be a finite number",
    ("Rent", "nan"): "Rent: Input should be a finite number",
    ("Place", _DEEP): "Place is nested too deeply.",
    ("Goods", "[1"): "Goods is not valid JSON: Input data was truncated",
    ("Goods", "[1]"): "Goods.0: Input should be a valid string",
    ("Place", '{"x":"far"}'): "Place.x: Input should be a valid integer, unable to parse string as an integer",
    ("shop.lit", "perhaps"): "shop.lit: Input should be a valid boolean, unable to interpret input",
}


@pytest.mark.parametrize(("key", "text"), REFUSED)
async def test_a_refused_write_changes_nothing_and_names_the_rule(sqlite: Database, key: str, text: str) -> None:
    store = await open_store(sqlite, Seats="7")
    with pytest.raises(BadRequest) as refusal:
        async with sqlite.write() as session:
            await store.write(session, {"Rent": "9", key: text})
    assert (refusal.value.message, refusal.value.param) == (REFUSED[key, text], key)
    await store.load()
    assert store.get(Shop) == Shop(seats=7)
    assert store.text("Rent") is None


async def test_unknown_keys_are_kept_and_echoed(database: Database) -> None:
    store = await open_store(database, SomethingNew="anything ö")
    assert store.listed()["SomethingNew"] == "anything ö"
    assert store.get(Shop) == Shop()


async def test_a_stored_value_that_cannot_be_read_keeps_the_default_and_spoils_no_other(sqlite: Database) -> None:
    strict = SettingsStore(sqlite, ())
    async with sqlite.write() as session:
        await strict.write(session, {"Seats": "many", "Goods": "{", "shop.lit": "", "Rent": "3", "Place": _DEEP})
    store = await open_store(sqlite)
    assert store.get(Shop) == Shop(rent=3.0)
    assert (store.listed()["Seats"], store.listed()["Goods"]) == ("many", "{")


async def test_secrets_are_used_and_never_listed(sqlite: Database) -> None:
    store = await open_store(sqlite, SafeCode="1234")
    assert store.get(Shop).safe_code == "1234"
    assert "SafeCode" not in store.listed()
    assert [store.is_secret(key) for key in ("SafeCode", "Seats", "SomethingNew")] == [True, False, False]
