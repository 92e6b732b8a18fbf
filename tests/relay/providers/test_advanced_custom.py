"""Type 58: a channel's own table of routes decides dialect, address and signature."""

from typing import Any

import pytest
from msgspec.structs import replace

from faregate.channels.snapshot import ChannelView, CredentialView, Permissions
from faregate.formats.turn import DialectName
from faregate.relay.providers.advanced_custom import ADVANCED_CUSTOM
from faregate.relay.providers.base import Target
from faregate.relay.routes import Mode
from tests.relay.providers.sandbox_calls import CHANNEL

CHAT, MESSAGES, RESPONSES = "/v1/chat/completions", "/v1/messages", "/v1/responses"
GEMINI = "/v1beta/models/{model}:generateContent"


def channel(*routes: dict[str, Any]) -> ChannelView:
    permissions = Permissions(advanced_custom={"advanced_routes": list(routes)})
    return replace(CHANNEL, type=58, base_url="https://host.example/", permissions=permissions)


def route(incoming: str, upstream: str = "/up", converter: str = "none", **more: Any) -> dict[str, Any]:
    return {"incoming_path": incoming, "upstream_path": upstream, "converter": converter, **more}


def speaks(view: ChannelView, path: str, model: str = "m") -> tuple[DialectName, ...]:
    assert ADVANCED_CUSTOM.speaks is not None
    return ADVANCED_CUSTOM.speaks(view, path, model)


def target(view: ChannelView, path: str, dialect: DialectName, *, stream: bool = False) -> Target:
    credential = CredentialView(1, 0, "sk-1")
    return Target(view, credential, "their/m", Mode.GENERATE, dialect, stream, "", path, {}, {}, "m")


@pytest.mark.parametrize(
    ("path", "converter", "dialects"),
    [
        (CHAT, "none", ("openai_chat",)),
        (RESPONSES, "", ("openai_responses",)),
        (MESSAGES, "none", ("anthropic",)),
        ("/v1/models/m:generateContent", "none", ("gemini",)),
        (CHAT, "openai_chat_completions_to_anthropic_messages", ("anthropic",)),
        (RESPONSES, "openai_responses_to_gemini_generate_content", ("gemini",)),
        (MESSAGES, "anthropic_messages_to_openai_responses", ("openai_responses",)),
        (MESSAGES, "openai_chat_completions_to_anthropic_messages", ()),
        (CHAT, "a_to_b", ()),
    ],
)
def test_a_route_says_which_dialect_goes_up(path: str, converter: str, dialects: tuple[str, ...]) -> None:
    assert speaks(channel(route(path, converter=converter)), path) == dialects


def test_a_path_without_a_route_is_not_served() -> None:
    assert speaks(channel(route(CHAT)), MESSAGES) == ()


@pytest.mark.parametrize("verb", ["generateContent", "streamGenerateContent"])
def test_a_route_for_whole_answers_of_gemini_is_one_for_streams_too(verb: str) -> None:
    assert speaks(channel(route(GEMINI)), f"/v1beta/models/m:{verb}") == ("gemini",)


def test_models_of_a_route_are_names_or_patterns_of_what_the_client_asks() -> None:
    view = channel(route(CHAT, models=["exact", "re:^claude-"]))
    found = [speaks(view, CHAT, model) for model in ("exact", "claude-9", "their/m")]
    assert found == [("openai_chat",), ("openai_chat",), ()]


def test_a_pattern_that_cannot_be_read_matches_nothing() -> None:
    assert speaks(channel(route(CHAT, models=["re:("])), CHAT) == ()


def test_the_route_is_found_by_the_clients_name_and_filled_with_the_upstreams() -> None:
    view = channel(route(CHAT, "/x/{model}/go", models=["m"]))
    assert ADVANCED_CUSTOM.address(target(view, CHAT, "openai_chat")) == "https://host.example/x/their%2Fm/go"


def test_an_upstream_path_may_be_a_whole_address() -> None:
    view = channel(route(CHAT, "https://other.example/chat"))
    assert ADVANCED_CUSTOM.address(target(view, CHAT, "openai_chat")) == "https://other.example/chat"


def test_a_stream_to_gemini_changes_the_verb_and_asks_for_events() -> None:
    view = channel(
        route(CHAT, "/v1/models/{model}:generateContent?a=1", "openai_chat_completions_to_gemini_generate_content")
    )
    address = ADVANCED_CUSTOM.address(target(view, CHAT, "gemini", stream=True))
    assert address == "https://host.example/v1/models/their%2Fm:streamGenerateContent?a=1&alt=sse"


@pytest.mark.parametrize(
    ("auth", "headers", "query"),
    [
        (None, [("Authorization", "Bearer sk-1")], ""),
        ({"type": "none"}, [], ""),
        ({"type": "header", "name": "X-Key", "value": "Token {api_key}"}, [("X-Key", "Token sk-1")], ""),
        ({"type": "query", "name": "key", "value": "{api_key}"}, [], "?key=sk-1"),
    ],
)
def test_a_route_is_signed_as_it_says(auth: dict[str, str] | None, headers: list[tuple[str, str]], query: str) -> None:
    asked = target(channel(route(CHAT, auth=auth)), CHAT, "openai_chat")
    assert ADVANCED_CUSTOM.sign(asked) == headers
    assert ADVANCED_CUSTOM.address(asked) == f"https://host.example/up{query}"


def test_messages_carry_a_version() -> None:
    asked = target(channel(route(MESSAGES)), MESSAGES, "anthropic")
    assert ADVANCED_CUSTOM.sign(asked) == [("Authorization", "Bearer sk-1"), ("anthropic-version", "2023-06-01")]
