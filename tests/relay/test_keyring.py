"""Keys in memory: good for a minute or until something changes, and while the database is away."""

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from faregate.identity import KeyRecord
from faregate.kernel.errors import Unavailable
from faregate.kernel.secrets import key_digest
from faregate.relay.keyring import Keyring
from tests.relay.making import HandClock, record

AWAY = OperationalError("SELECT", {}, OSError("gone"))


class Shelf:
    """A database of keys that notes who was asked for; `fault` is raised instead of an answer, `gate` delays it."""

    def __init__(self) -> None:
        self.keys: dict[str, KeyRecord] = {}
        self.asked: list[str] = []
        self.fault: Exception | None = None
        self.gate: asyncio.Event | None = None

    def put(self, key: str, name: str) -> None:
        self.keys[key_digest(key)] = record(name)

    async def load(self, digest: str) -> KeyRecord | None:
        self.asked.append(digest)
        found = self.keys.get(digest)
        if self.gate is not None:
            await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        return found


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def shelf() -> Shelf:
    made = Shelf()
    made.put("k", "first")
    return made


@pytest.fixture
def keyring(shelf: Shelf, clock: HandClock) -> Keyring:
    return Keyring(shelf.load, clock)


async def name(keyring: Keyring, key: str = "k") -> str:
    found = await keyring.find(key)
    return found.name if found else ""


async def idle() -> None:
    """Let tasks that were started end."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_key_is_loaded_once(keyring: Keyring, shelf: Shelf) -> None:
    assert keyring.cached("k") is None
    assert [await name(keyring) for _ in range(3)] == ["first"] * 3
    cached = keyring.cached("k")
    assert cached is not None
    assert cached.name == "first"
    assert len(shelf.asked) == 1


async def test_many_who_ask_at_once_ask_the_database_once(keyring: Keyring, shelf: Shelf) -> None:
    shelf.gate = asyncio.Event()
    asking = [asyncio.create_task(name(keyring)) for _ in range(20)]
    await idle()
    shelf.gate.set()
    assert await asyncio.gather(*asking) == ["first"] * 20
    assert len(shelf.asked) == 1


async def test_who_asked_first_may_leave_without_the_others(keyring: Keyring, shelf: Shelf) -> None:
    shelf.gate = asyncio.Event()
    first, other = asyncio.create_task(name(keyring)), asyncio.create_task(name(keyring))
    await idle()
    first.cancel()
    await idle()
    shelf.gate.set()
    assert await other == "first"
    assert (first.cancelled(), len(shelf.asked)) == (True, 1)


async def test_a_change_is_seen_at_the_next_use(keyring: Keyring, shelf: Shelf) -> None:
    await name(keyring)
    shelf.put("k", "second")
    assert await name(keyring) == "first"
    await keyring.changed()
    assert keyring.cached("k") is None
    assert await name(keyring) == "second"


async def test_a_change_while_a_key_is_being_loaded_is_not_missed(keyring: Keyring, shelf: Shelf) -> None:
    shelf.gate = asyncio.Event()
    asking = asyncio.create_task(name(keyring))
    await idle()
    shelf.put("k", "second")
    await keyring.changed()
    shelf.gate.set()
    await asking
    assert await name(keyring) == "second"


async def test_after_its_minute_a_record_serves_while_it_is_renewed(
    keyring: Keyring, shelf: Shelf, clock: HandClock
) -> None:
    await name(keyring)
    shelf.put("k", "second")
    clock.advance(59)
    assert await name(keyring) == "first"
    assert len(shelf.asked) == 1
    clock.advance(2)
    assert await name(keyring) == "first"
    assert await name(keyring) == "first"
    await idle()
    assert await name(keyring) == "second"
    assert len(shelf.asked) == 2


async def test_a_deleted_key_is_unknown_after_its_minute(keyring: Keyring, shelf: Shelf, clock: HandClock) -> None:
    await name(keyring)
    shelf.keys.clear()
    clock.advance(61)
    await name(keyring)
    await idle()
    assert await name(keyring) == ""


async def test_an_unknown_key_is_remembered_for_a_moment(keyring: Keyring, shelf: Shelf, clock: HandClock) -> None:
    assert [await name(keyring, "x") for _ in range(3)] == ["", "", ""]
    assert len(shelf.asked) == 1
    shelf.put("x", "new")
    clock.advance(2.1)
    assert await name(keyring, "x") == "new"


async def test_a_key_made_just_now_is_found_at_once(keyring: Keyring, shelf: Shelf) -> None:
    assert await name(keyring, "x") == ""
    shelf.put("x", "new")
    await keyring.changed()
    assert await name(keyring, "x") == "new"


@pytest.mark.parametrize("fault", [AWAY, OSError("gone"), TimeoutError()])
async def test_while_the_database_is_away_known_keys_go_on_and_unknown_ones_cannot_be_told(
    keyring: Keyring, shelf: Shelf, clock: HandClock, fault: Exception
) -> None:
    await name(keyring)
    shelf.fault = fault
    clock.advance(61)
    assert await name(keyring) == "first"
    await idle()
    assert await name(keyring) == "first"
    await keyring.changed()
    assert await name(keyring) == "first"
    with pytest.raises(Unavailable):
        await keyring.find("x")


async def test_when_the_database_is_back_the_present_record_is_used(
    keyring: Keyring, shelf: Shelf, clock: HandClock
) -> None:
    await name(keyring)
    shelf.fault = AWAY
    await keyring.changed()
    assert await name(keyring) == "first"
    shelf.put("k", "second")
    shelf.fault = None
    assert await name(keyring) == "second"


async def test_a_renewal_that_fails_is_tried_again_a_minute_later(
    keyring: Keyring, shelf: Shelf, clock: HandClock
) -> None:
    await name(keyring)
    shelf.fault = AWAY
    clock.advance(61)
    await name(keyring)
    await idle()
    asked = len(shelf.asked)
    await name(keyring)
    await idle()
    assert len(shelf.asked) == asked
    clock.advance(61)
    await name(keyring)
    await idle()
    assert len(shelf.asked) == asked + 1
