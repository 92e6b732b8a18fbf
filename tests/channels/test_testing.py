"""Tests of channels through the whole gateway: the sandbox and a scripted provider answer."""

from collections.abc import AsyncIterator

import pytest

from faregate.channels.snapshot import ChannelView
from faregate.channels.testing import Probe, ProbeResult
from tests.channels.scene import Provider, Site, open_provider, stored

CHAT = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m-1",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
}
REFUSAL = {"error": {"message": "bad key sk-up", "type": "t", "code": "invalid_api_key"}}


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with open_provider() as opened:
        yield opened


async def test_a_test_passes_is_timed_and_logged_and_nobody_pays(site: Site) -> None:
    await site.channel()
    answer = await site.get("/api/channel/test/1")
    assert (answer["success"], answer["message"], answer["error_code"]) == (True, "", None)
    assert answer["time"] >= 0
    row = await stored(site.context, 1)
    assert row.tested_at > 0
    (record,) = await site.records()
    assert (record.model, record.key_name, record.content, record.charge) == (
        "sandbox",
        "channel test",
        "channel test",
        0,
    )
    assert (record.username, record.channel_id, record.group) == ("root", 1, "default")
    assert record.completion_tokens > 0
    assert (await stored(site.context, 1)).used_quota == 0


@pytest.mark.parametrize("endpoint", ["", "openai", "openai-response", "anthropic", "gemini", "embeddings", "odd"])
async def test_every_endpoint_of_the_sandbox_can_be_tested(site: Site, endpoint: str) -> None:
    await site.channel()
    assert (await site.get(f"/api/channel/test/1?model=sandbox&endpoint_type={endpoint}"))["success"]


async def test_a_stream_can_be_tested(site: Site) -> None:
    await site.channel()
    assert (await site.get("/api/channel/test/1?stream=true"))["success"]
    (record,) = await site.records()
    assert record.is_stream


async def test_what_a_provider_is_asked(site: Site, provider: Provider) -> None:
    provider.says("/v1/chat/completions", CHAT)
    await site.channel(type=1, key="sk-up", base_url=provider.url, models="m-1", model_mapping='{"m-1":"real"}')
    assert (await site.get("/api/channel/test/1"))["success"]
    ((path, headers, body),) = provider.asked
    assert (path, headers["authorization"]) == ("/v1/chat/completions", "Bearer sk-up")
    hi = [{"role": "user", "content": "hi"}]
    assert body == {"model": "real", "messages": hi, "stream": False, "max_tokens": 16}


async def test_the_model_is_the_asked_one_or_that_of_the_channel(site: Site, provider: Provider) -> None:
    provider.says("/v1/chat/completions", CHAT)
    await site.option("ModelRatio", '{"a": 1, "b": 1, "c": 1}')
    await site.channel(type=1, key="sk-up", base_url=provider.url, models="a,b", test_model="b")
    await site.channel(type=1, key="sk-up", base_url=provider.url, models="a,b")
    for query in ("1?model=c", "1", "2"):
        await site.get(f"/api/channel/test/{query}")
    assert [body["model"] for _, _, body in provider.asked] == ["c", "b", "a"]


async def test_a_refusal_is_told_without_the_key_and_stores_nothing(site: Site, provider: Provider) -> None:
    provider.says("/v1/chat/completions", REFUSAL, 401)
    await site.channel(type=1, key="sk-up", base_url=provider.url, models="m-1")
    answer = await site.get("/api/channel/test/1")
    assert (answer["success"], answer["error_code"], answer["time"]) == (False, "invalid_api_key", 0)
    assert "sk-up" not in answer["message"]
    row = await stored(site.context, 1)
    assert (row.status, row.tested_at) == (1, 0)


@pytest.mark.parametrize(
    ("query", "code", "why"),
    [
        ("1?model=unpriced", "model_price_error", "has no price"),
        ("1?model=x-rerank", "", "rerank calls cannot be tested"),
        ("1?endpoint_type=image-generation", "", "image-generation calls cannot be tested"),
        ("2", "", "channels of this type cannot be tested"),
        ("3", "", "the channel has no key that is on"),
    ],
)
async def test_what_cannot_be_tested_says_why(site: Site, query: str, code: str, why: str) -> None:
    await site.channel()
    await site.channel(type=36, key="k")
    await site.channel(key="a\nb")
    await site.call("POST", "/api/channel/multi_key/manage", {"channel_id": 3, "action": "disable_all_keys"})
    answer = await site.get(f"/api/channel/test/{query}")
    assert answer["success"] is False
    assert why in answer["message"]
    assert not code or answer["error_code"] == code


async def test_an_unknown_channel_is_refused(site: Site) -> None:
    assert await site.get("/api/channel/test/99") == {"success": False, "message": "There is no such channel."}


async def test_a_test_of_all_switches_off_and_on_only_when_wanted(site: Site, provider: Provider) -> None:
    provider.says("/v1/chat/completions", REFUSAL, 401)
    await site.channel(type=1, key="sk-up", base_url=provider.url, models="m-1")
    await site.channel()
    await site.tested()
    assert (await stored(site.context, 1)).status == 1
    await site.option("AutomaticDisableChannelEnabled", "true")
    await site.tested()
    row = await stored(site.context, 1)
    assert (row.status, row.status_reason) == (3, "bad key ***")
    assert (await stored(site.context, 2)).status == 1
    provider.says("/v1/chat/completions", CHAT)
    await site.get("/api/channel/test/1")
    await site.tested()
    assert (await stored(site.context, 1)).status == 3
    await site.option("AutomaticEnableChannelEnabled", "true")
    await site.get("/api/channel/test/1")
    assert (await stored(site.context, 1)).status == 3
    await site.tested()
    assert (await stored(site.context, 1)).status == 1
    assert 1 in site.house.pipeline.routing.by_id
    assert site.house.pipeline.routing.candidates("default", "m-1")


async def test_a_slow_channel_is_switched_off_by_the_test_of_all(site: Site) -> None:
    await site.channel(models="sandbox")
    await site.option("AutomaticDisableChannelEnabled", "true")
    await site.option("ChannelDisableThreshold", "0.0000001")
    await site.tested()
    row = await stored(site.context, 1)
    assert row.status == 3
    assert row.status_reason.endswith("more than 1e-07 s")


async def test_only_one_test_of_all_runs_at_a_time(site: Site, provider: Provider) -> None:
    await site.channel(type=1, key="sk-up", base_url=provider.url, models="m-1")
    provider.open.clear()
    first = await site.call("GET", "/api/channel/test")
    second = await site.call("GET", "/api/channel/test")
    assert (first.status_code, first.json()["data"]["task_id"][:8], second.status_code) == (200, "systask_", 409)
    provider.open.set()
    await site.house.channel_tests.idle()
    await site.tested()


async def test_a_channel_switched_off_by_hand_is_left_alone(site: Site) -> None:
    await site.channel()
    await site.call("POST", "/api/channel/1/status", {"status": 2})
    await site.tested()
    assert (await stored(site.context, 1)).tested_at == 0


class Breaking:
    """Breaks down at the first channel."""

    switches_off = False

    async def probe(self, channel: ChannelView, ask: Probe) -> ProbeResult:
        if channel.id == 1:
            raise ValueError(f"a defect in the face of {ask.model}")
        return ProbeResult(success=True, time_s=0.5)


async def test_a_test_that_breaks_down_leaves_the_others_their_turn(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.channel()
    await site.channel()
    monkeypatch.setattr(site.house.channel_tests, "_prober", Breaking())
    await site.tested()
    assert [(await stored(site.context, ident)).response_ms for ident in (1, 2)] == [0, 500]
