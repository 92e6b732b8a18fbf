"""Typed settings: how texts become values, what is refused, what is shown."""

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import select, update
from structlog.testing import capture_logs

from faregate.kernel.errors import BadRequest
from faregate.kernel.secrets import Vault
from faregate.storage import Database, Section, SettingsStore, Topic, option
from faregate.storage.revision import Revision
from faregate.storage.sections import SettingRow, from_text, to_text

VAULT = Vault(b"v" * 32)


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
    store = SettingsStore(database, (Shop,), VAULT)
    async with database.write() as session:
        await store.write(session, texts)
    await store.load()
    return store


async def rows_of(database: Database) -> dict[str, str]:
    """The table as it is stored."""
    async with database.read() as session:
        return {row.key: row.value for row in await session.scalars(select(SettingRow))}


async def leave_in_clear(database: Database, **texts: str) -> None:
    """What a release before secrets were sealed has written."""
    async with database.write() as session:
        session.add(Revision(topic=Topic.SETTINGS, value=1))
        session.add_all(SettingRow(key=key, value=text) for key, text in texts.items())


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
    beside = SettingsStore(database, (Shop,), VAULT)
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
    strict = SettingsStore(sqlite, (), VAULT)
    async with sqlite.write() as session:
        await strict.write(session, {"Seats": "many", "Goods": "{", "shop.lit": "", "Rent": "3", "Place": _DEEP})
    store = await open_store(sqlite)
    assert store.get(Shop) == Shop(rent=3.0)
    assert (store.listed()["Seats"], store.listed()["Goods"]) == ("many", "{")


async def test_secrets_are_used_and_never_listed(sqlite: Database) -> None:
    store = await open_store(sqlite, SafeCode="1234")
    assert store.get(Shop).safe_code == "1234"
    assert "SafeCode" not in store.listed()
    keys = ("SafeCode", "SMTPToken", "some.api_key", "Seats", "SomethingNew", "Monkey")
    assert [store.is_secret(key) for key in keys] == [True, True, True, False, False, False]


async def test_secrets_are_sealed_in_their_rows(database: Database) -> None:
    store = await open_store(database, SafeCode="1234", SMTPToken="hush", SomethingNew="anything", Seats="7")
    rows = await rows_of(database)
    assert (rows["SomethingNew"], rows["Seats"]) == ("anything", "7")
    assert [rows[key].startswith("sealed:v1.") for key in ("SafeCode", "SMTPToken")] == [True, True]
    assert "1234" not in str(rows)
    assert "hush" not in str(rows)
    beside = SettingsStore(database, (Shop,), VAULT)
    await beside.load()
    for each in (store, beside):
        assert (each.get(Shop).safe_code, each.text("SafeCode"), each.text("SMTPToken")) == ("1234", "1234", "hush")
        assert not {"SafeCode", "SMTPToken"} & each.listed().keys()
    async with database.read() as session:
        assert await beside.stored_texts(session, ["SafeCode", "Seats"]) == {"SafeCode": "1234", "Seats": "7"}
        assert (await beside.stored(session, Shop)).safe_code == "1234"


@pytest.mark.parametrize("text", ["", "sealed:", "ö" * 70_000])
async def test_any_text_may_be_a_secret(database: Database, text: str) -> None:
    store = await open_store(database, SafeCode=text)
    assert store.get(Shop).safe_code == text


async def test_a_sealed_value_opens_in_its_own_row_alone(sqlite: Database) -> None:
    store = await open_store(sqlite, SafeCode="1234", SMTPToken="hush")
    async with sqlite.write() as session:
        moved = (await rows_of(sqlite))["SMTPToken"]
        await session.execute(update(SettingRow).where(SettingRow.key == "SafeCode").values(value=moved))
    await store.load()
    assert (store.get(Shop).safe_code, store.text("SMTPToken")) == ("", "hush")


async def test_what_cannot_be_opened_has_its_default_says_so_and_spoils_no_other(database: Database) -> None:
    await open_store(database, SafeCode="1234", SMTPToken="hush", Seats="7")
    moved = SettingsStore(database, (Shop,), Vault(b"o" * 32))
    before = await rows_of(database)
    with capture_logs() as logs:
        await moved.load()
    assert moved.get(Shop) == Shop(seats=7)
    assert (moved.text("SafeCode"), moved.text("SMTPToken"), moved.text("Seats")) == (None, None, "7")
    assert sorted((log["event"], log["key"], log["log_level"]) for log in logs) == [
        ("setting.cannot_be_opened", "SMTPToken", "warning"),
        ("setting.cannot_be_opened", "SafeCode", "warning"),
    ]
    assert all("save it again, or start with that secret" in log["message"] for log in logs)
    await moved.seal()
    assert await rows_of(database) == before
    async with database.write() as session:
        await moved.write(session, {"SafeCode": "4321"})
    await moved.load()
    assert moved.get(Shop).safe_code == "4321"


async def test_secrets_of_an_earlier_release_are_read_and_sealed_once(database: Database) -> None:
    await leave_in_clear(database, SafeCode="1234", SMTPToken="hush", Empty_Key="", Seats="7")
    stores = [SettingsStore(database, (Shop,), VAULT) for _ in range(4)]
    await stores[0].load()
    assert (stores[0].get(Shop), stores[0].text("SMTPToken")) == (Shop(seats=7, safe_code="1234"), "hush")
    await asyncio.gather(*(store.seal() for store in stores))
    rows = await rows_of(database)
    assert rows.pop("Seats") == "7"
    assert [value.startswith("sealed:v1.") for value in rows.values()] == [True] * 3
    await stores[1].seal()
    assert {key: value for key, value in (await rows_of(database)).items() if key != "Seats"} == rows
    await stores[2].load()
    assert (stores[2].get(Shop), stores[2].text("SMTPToken")) == (Shop(seats=7, safe_code="1234"), "hush")
    assert stores[2].text("Empty_Key") == ""
    async with database.read() as session:
        assert list(await session.scalars(select(Revision.value))) == [1]


@pytest.mark.parametrize(("wanted", "left"), [("new", "new"), (None, "")])
async def test_sealing_at_a_start_undoes_no_change_made_meanwhile(
    database: Database, wanted: str | None, left: str
) -> None:
    await leave_in_clear(database, SafeCode="old")
    store = SettingsStore(database, (Shop,), VAULT)
    async with database.write() as session:
        await store.write(session, {"SafeCode": wanted})
        await session.flush()
        sealing = asyncio.create_task(store.seal())
        await asyncio.sleep(0.1)
    await sealing
    await store.load()
    assert store.get(Shop).safe_code == left
