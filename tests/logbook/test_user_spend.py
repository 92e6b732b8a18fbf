"""What users spent."""

import pytest

from tests.api.world import Client, World
from tests.logbook.scene import NOW, usage, write

HOUR = NOW - NOW % 3600
DAY = NOW - NOW % 86_400
SPAN = f"since={DAY - 86_400}&until={DAY + 86_400}"


@pytest.fixture
async def ann(world: World) -> Client:
    """A user with two keys, calls on two days, beside one of root's."""
    ann = await world.user("ann")
    await world.key(ann, name="first")
    await world.key(ann, name="second")
    await write(
        world.context.database,
        usage("1", user_id=ann.id, key_id=1),
        usage("2", user_id=ann.id, key_id=1, charge=25, line_model="log-b"),
        usage("3", user_id=ann.id, key_id=7, at=DAY - 60, charge=5),
        usage("4", user_id=ann.id, at=DAY - 90_000),
        usage("5", user_id=world.root.id),
    )
    return ann


def line(name: str, charge: int, requests: int, id: int = 0) -> dict[str, object]:
    return {"id": id, "name": name, "charge": charge, "requests": requests, "tokens": requests * 150}


async def test_one_user_by_model_key_and_day(world: World, ann: Client) -> None:
    assert (await world.root.get(f"/api/console/users/{ann.id}/spend?{SPAN}"))["data"] == {
        "charge": 40,
        "requests": 3,
        "tokens": 450,
        "models": [line("log-b", 25, 1), line("log-a", 15, 2)],
        "keys": [line("first", 35, 2, 1), line("", 5, 1, 7), line("second", 0, 0, 2)],
        "days": [{"at": DAY - 86_400, "charge": 5, "requests": 1}, {"at": DAY, "charge": 35, "requests": 2}],
    }


async def test_a_day_begins_where_the_reader_is(world: World, ann: Client) -> None:
    found = (await world.root.get(f"/api/console/users/{ann.id}/spend?{SPAN}&zone=3600"))["data"]["days"]
    assert [(one["at"], one["charge"]) for one in found] == [(DAY - 3600, 40)]


async def test_a_deleted_key_is_named_while_it_has_spent(world: World, ann: Client) -> None:
    for ident in (1, 2):
        assert (await ann.delete(f"/api/token/{ident}"))["success"]
    found = (await world.root.get(f"/api/console/users/{ann.id}/spend?{SPAN}"))["data"]["keys"]
    assert [(one["name"], one["charge"]) for one in found] == [("first", 35), ("", 5)]


async def test_several_users_in_one_sum_each(world: World, ann: Client) -> None:
    path = f"/api/console/users/spend?ids={world.root.id},{ann.id},99&{SPAN}"
    assert (await world.root.get(path))["data"] == [
        {"user_id": world.root.id, "charge": 10, "requests": 1, "last_hour": HOUR},
        {"user_id": ann.id, "charge": 40, "requests": 3, "last_hour": HOUR},
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"99/spend?{SPAN}", "There is no such user."),
        (f"spend?ids=1,x&{SPAN}", "ids must be up to 100 numbers, separated by commas."),
        (f"spend?ids={','.join(['1'] * 101)}&{SPAN}", "ids must be up to 100 numbers, separated by commas."),
        ("1/spend?since=10&until=10", "until must be after since, by 400 days at most."),
        ("1/spend?since=0&until=99999999", "until must be after since, by 400 days at most."),
    ],
)
async def test_what_makes_no_sense_is_refused(world: World, path: str, text: str) -> None:
    got = await world.root.get(f"/api/console/users/{path}")
    assert (got["success"], got["message"]) == (False, text)


@pytest.mark.parametrize("query", ["since=-1&until=5", f"{SPAN}&zone=90000", "since=1"])
async def test_bad_numbers_are_refused(world: World, query: str) -> None:
    assert not (await world.root.get(f"/api/console/users/1/spend?{query}"))["success"]


async def test_only_administrators_read_it(world: World, ann: Client) -> None:
    for path in (f"{ann.id}/spend?{SPAN}", f"spend?ids={ann.id}&{SPAN}"):
        assert (await ann.call("GET", f"/api/console/users/{path}")).status_code == 403
