"""Model lists of providers, asked with saved and unsaved keys."""

from collections.abc import AsyncIterator

import pytest

from tests.channels.scene import Provider, Site, open_provider

LIST = {"object": "list", "data": [{"id": "m-1"}, {"id": " m-2 "}, {"id": ""}, {"id": "m-1"}]}
PATH = "/api/channel/fetch_models"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with open_provider() as opened:
        opened.says("/v1/models", LIST)
        yield opened


async def test_the_list_of_a_saved_channel_is_asked_with_its_key_and_headers(site: Site, provider: Provider) -> None:
    headers = '{"X-Own": "k {api_key}", "X-Theirs": "{client_header:Accept}"}'
    await site.channel(type=1, key="sk-up", base_url=provider.url + "/", header_override=headers)
    assert (await site.get(f"{PATH}/1"))["data"] == ["m-1", "m-2"]
    ((path, sent, _),) = provider.asked
    assert (path, sent["authorization"], sent["x-own"]) == ("/v1/models", "Bearer sk-up", "k sk-up")
    assert "x-theirs" not in sent


async def test_unsaved_credentials_are_signed_the_providers_way(site: Site, provider: Provider) -> None:
    provider.says("/v1beta/models", {"models": [{"name": "models/g-1"}], "nextPageToken": "t/2"})
    provider.says("/v1beta/models?pageToken=t%2F2", {"models": [{"name": "models/g-2"}]})
    for kind, key in ((1, "sk-one\nsk-two"), (14, "sk-ant"), (24, "AIza"), (4, "unknown-type")):
        await site.call("POST", PATH, {"type": kind, "key": key, "base_url": provider.url})
    asked = [(path, headers) for path, headers, _ in provider.asked]
    assert [path for path, _ in asked] == [
        "/v1/models",
        "/v1/models",
        "/v1beta/models",
        "/v1beta/models?pageToken=t%2F2",
        "/v1/models",
    ]
    assert asked[0][1]["authorization"] == "Bearer sk-one"
    assert (asked[1][1]["x-api-key"], asked[1][1]["anthropic-version"]) == ("sk-ant", "2023-06-01")
    assert asked[3][1]["x-goog-api-key"] == "AIza"
    answer = (await site.call("POST", PATH, {"type": 24, "key": "AIza", "base_url": provider.url})).json()
    assert answer["data"] == ["g-1", "g-2"]


async def test_a_blank_proxy_is_none(site: Site, provider: Provider) -> None:
    answer = await site.call("POST", PATH, {"type": 1, "key": "sk", "base_url": provider.url, "proxy": " "})
    assert answer.json()["data"] == ["m-1", "m-2"]


async def test_the_sandbox_tells_its_own_list(site: Site) -> None:
    answer = (await site.call("POST", PATH, {"type": 1001})).json()
    assert answer["data"] == ["sandbox", "sandbox-tools", "sandbox-thinking", "sandbox-slow", "sandbox-embedding"]


async def test_a_custom_channel_is_asked_by_its_own_route_and_its_saved_key(site: Site, provider: Provider) -> None:
    provider.says("/list", LIST)
    await site.channel(type=58, key="sk-saved", base_url=provider.url)
    route = {"incoming_path": "/v1/models", "upstream_path": "/list"}
    asked = {"type": 58, "channel_id": 1, "advanced_custom": {"advanced_routes": [route]}}
    assert (await site.call("POST", PATH, asked)).json()["data"] == ["m-1", "m-2"]
    assert provider.asked[0][1]["authorization"] == "Bearer sk-saved"
    elsewhere = (await site.call("POST", PATH, {**asked, "base_url": "http://elsewhere.example"})).json()
    assert elsewhere["message"] == "A saved key is only sent to the saved address; give a key."


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ({"type": 1, "key": "", "base_url": "http://x"}, 200, "key must not be empty."),
        ({"type": 1, "channel_id": 1}, 200, "channel_id goes with custom channels only."),
        ({"type": 3, "key": "k", "base_url": "http://x"}, 200, "Providers of this type have no model list."),
        ({"type": 999, "key": "k"}, 200, "The channel has no address to ask."),
        ({"type": 1, "key": "k", "base_url": "file:///etc"}, 200, "must be an http or https address"),
        ({"type": 1, "key": "k", "proxy": "%"}, 200, "proxy must be an address"),
        ({"type": 1, "key": "k", "proxy": "a\0b"}, 200, "proxy must be an address"),
        ({"type": 1, "key": "k", "proxy": "x" * 300}, 200, "proxy must be an address"),
        ({"type": 1, "key": "k", "proxy": f"http://{'x' * 300}"}, 200, "the host or the port of the proxy cannot be"),
        ({"type": 1, "key": "k", "header_override": {"X Y": "v"}}, 200, "'X Y' is not the name of a header"),
        ({"type": 1, "key": "k", "header_override": '{"X Y": "v"}'}, 200, "'X Y' is not the name of a header"),
    ],
)
async def test_questions_that_cannot_be_asked_are_refused(site: Site, body: object, status: int, why: str) -> None:
    answer = await site.call("POST", PATH, body)
    assert (answer.status_code, answer.json()["success"]) == (status, False)
    assert why in answer.json()["message"]


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (401, b'{"error": "sk-up is bad"}', "The model list could not be fetched: the provider answered 401."),
        (200, b"not json", "The model list could not be fetched: the answer is not a list of models."),
        (200, b"[]", "The model list could not be fetched: the answer is not a list of models."),
    ],
)
async def test_a_failing_provider_is_told_without_what_it_said(
    site: Site, provider: Provider, status: int, body: bytes, why: str
) -> None:
    provider.says("/v1/models", body, status)
    await site.channel(type=1, key="sk-up", base_url=provider.url)
    assert await site.get(f"{PATH}/1") == {"success": False, "message": why}


async def test_the_list_of_an_unknown_channel_is_refused(site: Site) -> None:
    assert (await site.get(f"{PATH}/99"))["message"] == "There is no such channel."
