"""Lists and searches of channels, on every engine: filters, orders, pages, counts, tags."""

from typing import Any

import pytest

from tests.api.world import World
from tests.channels.scene import make, named

MADE = (
    ("alpha", 1, "default", "m-1,m-2", 10, "blue"),
    ("beta", 14, "default,vip", "claude-1", 30, "blue"),
    ("gamma", 1, "vip", "m-3", 20, "green"),
    ("delta", 24, "svip", "Gemini-1", 40, None),
    ("epsilon", 1, "vip,default", "m-2,m-5", 50, ""),
    ("zeta", 14, "my_group", "claude-2", 60, "green"),
)


@pytest.fixture
async def full(any_world: World) -> World:
    for name, kind, group, models, priority, tag in MADE:
        more = {"group": group, "models": models, "priority": priority, "tag": tag, "key": f"sk-{name}"}
        made = await make(any_world.root, name=name, type=kind, base_url=f"https://{name}.example.com", **more)
        assert made["success"], made
    await any_world.root.post("/api/channel/status/batch", {"ids": [4, 6], "status": 2})
    return any_world


BY_ID = "sort_by=id&sort_order=asc"


LISTS = {
    "": ["zeta", "epsilon", "delta", "beta", "gamma", "alpha"],
    "?id_sort=true": ["zeta", "epsilon", "delta", "gamma", "beta", "alpha"],
    "?sort_by=name&sort_order=asc&page_size=2": ["alpha", "beta"],
    "?sort_by=secret": ["zeta", "epsilon", "delta", "beta", "gamma", "alpha"],
    f"?status=enabled&{BY_ID}": ["alpha", "beta", "gamma", "epsilon"],
    f"?status=disabled&{BY_ID}": ["delta", "zeta"],
    f"?group=vip&{BY_ID}": ["beta", "gamma", "epsilon"],
    "?group=myxgroup": [],
    f"?group=vip&type=1&{BY_ID}": ["gamma", "epsilon"],
    "?type=99999999999999": [],
    "?p=3&page_size=2&sort_by=id&sort_order=asc": ["epsilon", "zeta"],
    "?tag_mode=true&p=2&page_size=1": ["zeta", "gamma"],
    "?tag_mode=true&p=9&page_size=1": [],
}


async def test_the_list_is_filtered_ordered_and_paged(full: World) -> None:
    assert {query: await named(full.root, query) for query in LISTS} == LISTS


async def test_types_are_counted_whatever_type_is_asked_for(full: World) -> None:
    page: Any = (await full.root.get("/api/channel/?type=14"))["data"]
    assert (page["total"], page["type_counts"]) == (2, {"1": 3, "14": 2, "24": 1})
    tags: Any = (await full.root.get("/api/channel/?tag_mode=true&page_size=1"))["data"]
    assert (tags["total"], [row["name"] for row in tags["items"]]) == (2, ["beta", "alpha"])


SEARCHES = {
    "keyword=ETA": ["beta", "zeta"],
    "keyword=3": ["gamma"],
    "keyword=sk-beta": ["beta"],
    "keyword=sk-bet": [],
    "keyword=gamma.example": ["gamma"],
    "keyword=%25": [],
    "keyword=%00": [row[0] for row in MADE],
    "model=m-2": ["alpha", "epsilon"],
    "model=gemini": ["delta"],
    "group=vip": ["beta", "gamma", "epsilon"],
    "status=0": ["delta", "zeta"],
    "keyword=gamma&tag_mode=true": ["gamma", "zeta"],
    "p=2&page_size=4": ["epsilon", "zeta"],
    "page_size=1000": [row[0] for row in MADE],
}


async def test_a_search_finds_what_it_should(full: World) -> None:
    assert {query: await named(full.root, f"search?{query}&{BY_ID}") for query in SEARCHES} == SEARCHES


async def test_a_key_of_many_finds_its_channel(any_world: World) -> None:
    await make(any_world.root, "multi_to_single", key="sk-a\nsk-b", name="many")
    assert await named(any_world.root, "search?keyword=sk-b") == ["many"]


async def test_what_lists_show_beside_channels(full: World) -> None:
    root = full.root
    assert (await root.get("/api/channel/models_enabled"))["data"] == ["claude-1", "m-1", "m-2", "m-3", "m-5"]
    assert (await root.get("/api/channel/tag/models?tag=blue"))["data"] == "m-1,m-2"
    assert (await root.get("/api/channel/tag/models?tag=none"))["data"] == ""
    assert (await root.call("GET", "/api/channel/tag/models")).status_code == 400
    known = {row["id"]: row["owned_by"] for row in (await root.get("/api/channel/models"))["data"]}
    assert (known["gpt-4o"], known["claude-opus-4-6"], known["sandbox"]) == ("openai", "claude", "sandbox")


@pytest.mark.parametrize("path", ["999", "abc", str(2**70), "-1"])
async def test_a_channel_that_is_not_there_is_refused_politely(world: World, path: str) -> None:
    answer = await world.root.call("GET", f"/api/channel/{path}")
    assert (answer.status_code, answer.json()["success"]) == (200, False)


async def test_users_may_not_look(world: World) -> None:
    person = await world.user("person")
    assert (await person.call("GET", "/api/channel/")).status_code == 403
    assert (await world.public.call("GET", "/api/channel/")).status_code == 401
