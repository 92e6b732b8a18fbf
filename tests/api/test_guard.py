"""What stands before every endpoint: identity, rights, limits, bodies, headers, the automatic audit line."""

from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx2
import msgspec
import pytest
from pydantic import BaseModel
from sqlalchemy import select

from faregate.api import ROUTERS, build_api
from faregate.api.routes import declarations
from faregate.identity import Access, AccessSettings, ByAnyone, Done, Limit, Refusal, Reply, Router
from faregate.kernel.errors import BadRequest, Defect, RateLimited, TooLarge, Unavailable
from faregate.logbook.models import Record
from faregate.storage import Database, Topic
from tests.api.test_users import lines
from tests.api.world import OFF, Client, World, open_world

extra = Router("/api/extra", "extra")


class Body(BaseModel):
    number: int


@extra.post("/admin", access=Access.ADMIN, audit="extra.done")
async def _admin(given: Body) -> Done:
    if given.number < 0:
        raise BadRequest("number must not be negative")
    return Done()


@extra.post("/right", access=Access.ADMIN, permission="channel.sensitive_write")
async def _right() -> Done:
    return Done()


@extra.post("/session", access=Access.ROOT, session_only=True)
async def _session() -> Done:
    return Done()


@extra.get("/optional", access=Access.OPTIONAL)
async def _optional(caller: ByAnyone) -> Reply[str]:
    return Reply(data=caller.user.username if caller else "")


@extra.post("/fault/{kind}", access=Access.ADMIN)
async def _fault(kind: str) -> Done:
    raise {
        "refusal": Refusal("no", status=409, wire_code="MADE_UP"),
        "rate": RateLimited("slow down", retry_after_s=7),
        "large": TooLarge("large"),
        "unavailable": Unavailable("later"),
        "defect": Defect("internal words"),
        "bug": KeyError("internal words"),
    }[kind]


@extra.get("/{name}", access=Access.PUBLIC)
async def _variable(name: str) -> Reply[str]:
    return Reply(data=name)


@pytest.fixture
async def guarded(sqlite: Database) -> AsyncIterator[World]:
    async with open_world(sqlite, routers=(*ROUTERS, extra)) as opened:
        await opened.set_up()
        yield opened


async def status(client: Client, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    answer = await client.call(method, path, **headers)
    return answer.status_code, answer.json().get("code", "")


async def test_every_level_lets_in_who_it_should(guarded: World) -> None:
    joe, boss = await guarded.user("joe"), await guarded.user("boss", 10)
    routes = ("/api/user/self/groups", "/api/group/", "/api/option/")
    unknown, low, fine = (401, "AUTH_UNAUTHORIZED"), (403, "AUTH_INSUFFICIENT_PRIVILEGE"), (200, "")
    for client, expected in (
        (guarded.public, (unknown, unknown, unknown)),
        (joe, (fine, low, low)),
        (boss, (fine, fine, low)),
        (guarded.root, (fine, fine, fine)),
    ):
        assert tuple([await status(client, path) for path in routes]) == expected


@pytest.mark.parametrize("value", ["Bearer nothing-known", "Bearer ", "Basic am9lOnBhc3M=", "Bearer a b", ""])
async def test_unknown_credentials_are_refused(guarded: World, value: str) -> None:
    assert await status(guarded.public, "/api/user/self", authorization=value) == (401, "AUTH_UNAUTHORIZED")


async def test_a_bare_credential_and_any_case_of_bearer_will_do(guarded: World) -> None:
    for value in (guarded.root.token, f"bearer {guarded.root.token}"):
        assert await status(guarded.public, "/api/user/self", authorization=value) == (200, "")


async def test_access_tokens_work_until_they_are_replaced(guarded: World) -> None:
    joe = await guarded.user("joe")
    first = (await joe.get("/api/user/token"))["data"]
    second = (await Client(guarded, first).get("/api/user/token"))["data"]
    assert (len(first), first != second) == (32, True)
    assert await status(Client(guarded, first), "/api/user/self") == (401, "AUTH_UNAUTHORIZED")
    token = Client(guarded, second)
    assert await status(token, "/api/user/self") == (200, "")
    assert await status(token, "/api/user/sessions") == (403, "AUTH_SESSION_REQUIRED")
    change = {"password": "password-2", "original_password": "password-1"}
    assert not (await token.put("/api/user/self", change))["success"]
    await guarded.root.post("/api/user/manage", {"id": joe.id, "action": "disable"})
    assert await status(token, "/api/user/self") == (401, "AUTH_USER_DISABLED")
    await guarded.root.post("/api/user/manage", {"id": joe.id, "action": "delete"})
    assert await status(token, "/api/user/self") == (401, "AUTH_UNAUTHORIZED")


async def test_session_only_routes_refuse_access_tokens_of_root_too(guarded: World) -> None:
    token = Client(guarded, (await guarded.root.get("/api/user/token"))["data"])
    assert await status(token, "/api/extra/session", "POST") == (403, "AUTH_SESSION_REQUIRED")
    assert await status(guarded.root, "/api/extra/session", "POST") == (200, "")


async def test_an_optional_credential_must_be_good(guarded: World) -> None:
    assert (await guarded.public.get("/api/extra/optional"))["data"] == ""
    assert (await guarded.root.get("/api/extra/optional"))["data"] == "root"
    assert await status(guarded.public, "/api/extra/optional", authorization="Bearer x") == (401, "AUTH_UNAUTHORIZED")


async def test_a_missing_right_is_refused_and_written_down(guarded: World) -> None:
    boss = await guarded.user("boss", 10)
    answer = await boss.call("POST", "/api/extra/right")
    assert (answer.status_code, sorted(answer.json())) == (403, ["message", "success"])
    assert (await lines(guarded))[-1]["audit_info"] == {
        "method": "POST",
        "route": "/api/extra/right",
        "path": "/api/extra/right",
        "status": 403,
        "success": False,
    }
    assert await status(guarded.root, "/api/extra/right", "POST") == (200, "")


async def test_administrative_writes_leave_one_line(guarded: World) -> None:
    boss = await guarded.user("boss", 10)
    made = len(await lines(guarded))
    await boss.post("/api/extra/admin", {"number": 1})
    await boss.post("/api/extra/admin", {"number": -1})
    await boss.post("/api/extra/admin", b"{broken")
    await boss.get("/api/group/")
    await boss.put("/api/option/", {"key": "Notice", "value": "x"})
    written = (await lines(guarded))[made:]
    assert [(line["op"], line["audit_info"]["success"]) for line in written] == [
        ({"action": "extra.done"}, True),
        ({"action": "generic", "params": {"method": "POST", "route": "/api/extra/admin"}}, False),
        ({"action": "generic", "params": {"method": "POST", "route": "/api/extra/admin"}}, False),
    ]
    assert written[0]["admin_info"] == {
        "admin_id": boss.id,
        "admin_username": "boss",
        "admin_role": 10,
        "auth_method": "session",
    }
    async with guarded.context.database.read() as session:
        row = await session.scalar(select(Record).order_by(Record.id.desc()))
    assert row is not None
    assert (row.type, row.user_id, row.username, row.ip) == (3, boss.id, "boss", "127.0.0.1")


@pytest.mark.parametrize(
    ("kind", "code", "body"),
    [
        ("refusal", 409, {"success": False, "message": "no", "code": "MADE_UP"}),
        ("unavailable", 503, {"success": False, "message": "later"}),
        ("rate", 429, None),
        ("large", 413, None),
    ],
)
async def test_faults_have_their_status(guarded: World, kind: str, code: int, body: dict[str, Any] | None) -> None:
    answer = await guarded.root.call("POST", f"/api/extra/fault/{kind}")
    assert answer.status_code == code
    assert (answer.json() if body else answer.content) == (body or b"")
    assert answer.headers.get("retry-after") == ("7" if kind == "rate" else None)
    assert (await lines(guarded))[-1]["audit_info"]["status"] == code


@pytest.mark.parametrize("kind", ["defect", "bug"])
async def test_bugs_are_not_shown_but_written_down(guarded: World, kind: str) -> None:
    answer = await guarded.root.call("POST", f"/api/extra/fault/{kind}")
    assert answer.status_code == 500
    assert answer.json() == {"error": {"message": "Something went wrong on our side.", "type": "new_api_panic"}}
    assert (await lines(guarded))[-1]["audit_info"]["success"] is False


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{broken", "JSON"),
        (b"[]", "object"),
        (b'"x"', "object"),
        (b"", "object"),
        (b'{"number":"x"}', "number"),
        (b"{}", "number"),
    ],
)
async def test_a_body_that_does_not_fit_is_told_why(guarded: World, body: bytes, word: str) -> None:
    answer = await guarded.root.call("POST", "/api/extra/admin", body, content_type="text/plain")
    assert answer.status_code == 200
    assert answer.json()["success"] is False
    assert word in answer.json()["message"]


async def test_fixed_paths_win_over_variable_ones(guarded: World) -> None:
    assert (await guarded.public.get("/api/extra/anything"))["data"] == "anything"
    assert (await guarded.root.get("/api/extra/optional"))["data"] == "root"
    assert not (await guarded.root.get("/api/token/abc"))["success"]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/nothing-here"), ("PATCH", "/api/status"), ("GET", "/api//status/")]
)
async def test_unknown_paths_and_methods_are_404(world: World, method: str, path: str) -> None:
    answer = await world.public.call(method, path)
    assert answer.status_code == 404
    error = {"message": f"Invalid URL ({method} {path})", "type": "invalid_request_error", "param": "", "code": ""}
    assert answer.json() == {"error": error}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "route",
    [
        "POST /api/channel/1/key",
        "GET /api/channel/update_balance",
        "GET /api/channel/update_balance/1",
        "POST /api/channel/upstream_updates/detect",
        "GET /api/option/channel_affinity_cache",
        "DELETE /api/option/channel_affinity_cache",
        "POST /api/option/payment_compliance",
        "GET /api/log/channel_affinity_usage_cache",
        "GET /api/data/flow",
        "GET /api/models/",
        "GET /api/models/1",
        "GET /api/user/1/oauth/bindings",
        "DELETE /api/user/1/bindings/github",
        "GET /api/user/2fa/status",
        "GET /api/user/passkey",
        "DELETE /api/user/passkey",
        "GET /api/user/checkin",
        "GET /api/user/topup",
    ],
)
async def test_routes_of_new_api_that_are_not_there_yet_are_404(world: World, route: str) -> None:
    method, path = route.split()
    answer = await world.root.call(method, path)
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, f"Invalid URL ({method} {path})")


async def test_the_models_that_can_be_called_are_beside_the_missing_records(world: World) -> None:
    assert (await world.root.call("GET", "/api/models")).status_code == 200


async def test_a_wrong_last_slash_is_redirected_without_naming_a_host(world: World) -> None:
    answer = await world.root.call("GET", "/api/token?p=2")
    assert (answer.status_code, answer.headers["location"]) == (301, "/api/token/?p=2")
    answer = await world.root.call("POST", "/api/user/login/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/api/user/login")


@pytest.mark.parametrize("named", ["1", "2", "999", "abc"])
async def test_the_account_that_older_clients_name_is_not_read(world: World, named: str) -> None:
    ada = await world.user("ada")
    answer = await ada.call("GET", "/api/user/self", New_Api_User=named)
    assert (answer.status_code, answer.json()["data"]["username"]) == (200, "ada")


async def test_headers_of_answers(world: World) -> None:
    public = await world.public.call("GET", "/api/status")
    assert public.headers["content-type"] == "application/json; charset=utf-8"
    assert public.headers["x-new-api-version"] == "test"
    assert len(public.headers["x-oneapi-request-id"]) > 20
    assert "cache-control" not in public.headers
    assert "auth-version" not in public.headers
    listed = await world.root.call("GET", "/api/user/sessions")
    assert listed.headers["auth-version"] == "864b7076dbcd0a3c01b5520316720ebf"
    assert listed.headers["cache-control"] == "no-store, no-cache, must-revalidate, private, max-age=0"
    assert "auth-version" not in (await world.public.call("GET", "/api/user/sessions")).headers


async def test_calls_are_limited_by_class(sqlite: Database) -> None:
    access = AccessSettings(
        api_limit=Limit(True, 40, 600), critical_limit=Limit(True, 6, 600), search_limit=Limit(True, 3, 600)
    )
    async with open_world(sqlite, access) as world:
        root = await world.set_up()
        wrong = {"username": "root", "password": "wrong-one"}
        seen = [(await world.public.call("POST", "/api/user/login", wrong)).status_code for _ in range(6)]
        assert seen == [200] * 5 + [429]
        assert (await world.public.call("POST", "/api/user/auth/refresh")).status_code == 401
        refused = await world.public.call("POST", "/api/user/auth/logout")
        assert (refused.status_code, refused.content, refused.headers["retry-after"]) == (429, b"", "601")
        assert (await world.public.call("GET", "/api/notice")).status_code == 200
        seen = [(await root.call("GET", "/api/token/search?keyword=xyz")).status_code for _ in range(4)]
        assert seen == [200] * 3 + [429]
        world.clock.at += 600
        assert (await world.public.call("POST", "/api/user/login", wrong)).status_code == 200
        seen = [(await world.public.call("GET", "/api/notice")).status_code for _ in range(41)]
        assert (seen.count(200), seen[-1]) == (39, 429)


async def test_a_session_is_renewed_at_every_visit_of_an_office_behind_one_address(sqlite: Database) -> None:
    access = AccessSettings(api_limit=OFF, critical_limit=Limit(True, 3, 600), search_limit=OFF)
    async with open_world(sqlite, access) as world:
        root = await world.set_up()
        assert {(await root.call("POST", "/api/user/auth/refresh")).status_code for _ in range(10)} == {200}


async def test_access_tokens_are_limited_by_user_besides_the_address(sqlite: Database) -> None:
    access = AccessSettings(api_limit=OFF, critical_limit=Limit(True, 4, 600), search_limit=OFF)
    async with open_world(sqlite, access) as world:
        root = await world.set_up()
        seen = [(await root.call("GET", "/api/user/token")).status_code for _ in range(4)]
        assert seen == [200] * 3 + [429]


async def test_public_bodies_are_bounded(sqlite: Database) -> None:
    access = AccessSettings(api_limit=OFF, critical_limit=OFF, search_limit=OFF, max_anonymous_body_bytes=1000)
    async with open_world(sqlite, access) as world:
        root = await world.set_up()
        answer = await world.public.call("POST", "/api/user/login", b"x" * 1001)
        assert (answer.status_code, answer.content) == (413, b"")
        longer = await root.put("/api/option/", {"key": "Notice", "value": "x" * 2000})
        assert longer["success"]


async def test_a_route_declared_twice_stops_the_start() -> None:
    twice = Router("/api/extra", "extra")
    twice.get("/{name}", access=Access.PUBLIC)(_variable)
    with pytest.raises(Defect, match="twice"):
        declarations((extra, twice))


async def test_a_route_without_access_stops_the_start() -> None:
    careless = Router("/api/careless", "careless")
    careless.get("/", access="")(_variable)  # type: ignore[arg-type]
    with pytest.raises(Defect, match="who may call"):
        declarations((careless,))


async def test_the_description_is_roots_and_names_every_level(world: World) -> None:
    assert await status(world.public, "/api/faregate/openapi.json") == (401, "AUTH_UNAUTHORIZED")
    described = await world.root.get("/api/faregate/openapi.json")
    levels = {operation["x-access"] for path in described["paths"].values() for operation in path.values()}
    assert levels == set(Access)
    assert build_api(world.context).openapi() == described
    assert b"password_hash" not in msgspec.json.encode(described)


@pytest.mark.parametrize("asked", [f"/api/token/{10**30}", f"/api/user/{10**30}", "/api/token/search?keyword=a%00b"])
async def test_a_value_that_cannot_be_stored_is_refused_and_no_fault_of_ours(database: Database, asked: str) -> None:
    async with open_world(database) as opened:
        await opened.set_up()
        answer = await opened.root.call("GET", asked)
    assert answer.status_code == 200
    if database.backend == "mysql" or ("%00" in asked and database.backend == "sqlite"):
        return  # these compare with it as with any other
    assert not answer.json()["success"]
    assert answer.json()["message"].startswith("A value in the request cannot be stored: a number beyond 64 bits")


async def test_a_text_with_nul_is_stored_or_refused(database: Database) -> None:
    async with open_world(database) as opened:
        await opened.set_up()
        answer = await opened.root.post("/api/user/", {"username": "a\0b", "password": "password-1"})
    assert answer["success"] is (database.backend != "postgresql")
    if database.backend == "postgresql":
        assert "the character NUL" in answer["message"]


_NAMED = '{"username": "\\ud800", "password": "x"}'


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"username": "\xed\xa0\x80", "password": "x"}', "not UTF-8: byte 14"),
        (b'{"username": "\xff"}', "not UTF-8: byte 14"),
        (b'\xef\xbb\xbf{"username": "x"}', "without a byte order mark"),
        *((_NAMED.encode(f"utf-{width}"), "not UTF-8: byte 0") for width in (16, 32)),
        *((_NAMED.encode(f"utf-{kind}"), "must be UTF-8") for kind in ("16-le", "16-be", "32-le", "32-be")),
        (b'{"x": NaN, "username": "\\ud800"}', "not valid JSON"),
        (b'{"x": NaN, "username": "x"}', "NaN and Infinity are no numbers"),
        (b'{"x": [-Infinity], "username": "x"}', "NaN and Infinity are no numbers"),
        (b'{"username": "x", "\\udfff": 1}', "lone surrogate"),
        (b'{"username": "\\ud800', "not valid JSON"),
        (b'{"x": ' + b"[" * 3000 + b'"\\ud800"' + b"]" * 3000 + b"}", "error parsing"),
    ],
)
async def test_what_only_a_lenient_reader_takes_for_json_is_refused(world: World, body: bytes, why: str) -> None:
    login = await world.public.call("POST", "/api/user/login", body)
    change = await world.root.call("PUT", "/api/option/", body)
    assert login.status_code in (200, 400)
    assert change.status_code == 400  # as broken JSON is answered there
    for answer in (login, change):
        assert answer.json()["success"] is False
        assert why in answer.json()["message"]


async def test_texts_that_speak_of_such_things_are_taken(world: World) -> None:
    body = r'{"key": "Notice", "value": "NaN, Infinity, \\ud800, Иван"}'
    assert (await world.root.put("/api/option/", body.encode()))["success"]
    assert (await world.public.get("/api/notice"))["data"] == r"NaN, Infinity, \ud800, Иван"


async def test_a_caller_who_hangs_up_is_no_defect_of_ours(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    sent: list[MutableMapping[str, Any]] = []
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> MutableMapping[str, Any]:
        return next(messages)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    transport = world.http._transport
    assert isinstance(transport, httpx2.ASGITransport)
    headers = [(b"authorization", f"Bearer {world.root.token}".encode())]
    scope = {"type": "http", "method": "PUT", "path": "/api/option/", "query_string": b"", "headers": headers}
    await transport.app(scope, receive, send)
    assert sent[0]["status"] == 499
    assert "api.defect" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("half", ["\\ud800", "x\\uDBFFy", "\\udc00"])
async def test_half_a_character_is_refused_in_every_body(world: World, half: str) -> None:
    for client, method, path in ((world.public, "POST", "/api/user/login"), (world.root, "PUT", "/api/user/self")):
        answer = await client.call(method, path, f'{{"username": "{half}", "password": "x"}}'.encode())
        assert answer.status_code < 500
        assert (answer.json()["success"], "lone surrogate" in answer.json()["message"]) == (False, True)


async def test_a_whole_character_written_as_two_halves_is_taken(world: World) -> None:
    answer = await world.root.call("PUT", "/api/user/self", b'{"display_name": "\\ud83d\\ude00"}')
    assert answer.json()["success"]
    assert (await world.root.get("/api/user/self"))["data"]["display_name"] == "\U0001f600"


async def test_what_was_stored_is_not_told_as_failed_when_it_cannot_be_taken_up(world: World) -> None:
    async def broken() -> None:
        raise ValueError("a defect")

    world.context.bus.listen(Topic.SETTINGS, broken)
    assert (await world.root.put("/api/option/", {"key": "Notice", "value": "new"}))["success"]
    assert (await world.public.get("/api/notice"))["data"] == "new"
