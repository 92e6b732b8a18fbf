"""Every place where a client may put its key, and which place wins."""

import pytest

from faregate.relay.credentials import Presented, presented
from tests.relay.making import arrival

CHAT, CLAUDE, MODELS, ONE_MODEL = "/v1/chat/completions", "/v1/messages", "/v1/models", "/v1/models/gpt-x"
GEMINI, GEMINI_LIST, OPENAI_LIST = "/v1beta/models/g:generateContent", "/v1beta/models", "/v1beta/openai/models"


@pytest.mark.parametrize(
    "value", ["Bearer sk-abc", "bearer sk-abc", "BEARER sk-abc", "sk-abc", "abc", " Bearer   abc "]
)
def test_authorization_takes_any_case_of_bearer_or_the_bare_key(value: str) -> None:
    assert presented(arrival(authorization=value)) == Presented("abc")


@pytest.mark.parametrize("value", ["", " ", "Basic abc", "Token abc"])
def test_another_scheme_is_no_key(value: str) -> None:
    assert presented(arrival(authorization=value)) == Presented("")


def test_no_header_is_no_key() -> None:
    assert presented(arrival()) == Presented("")


def test_the_suffix_names_a_channel() -> None:
    assert presented(arrival(authorization="Bearer sk-abc-12")) == Presented("abc", "12")
    assert presented(arrival(authorization="Bearer abc-12-3")) == Presented("abc", "12-3")


@pytest.mark.parametrize("path", [CLAUDE, "/v1/messages/count_tokens", MODELS, ONE_MODEL])
def test_x_api_key_wins_on_claude_paths_and_model_lists(path: str) -> None:
    call = arrival(path, authorization="Bearer sk-other", x_api_key="sk-abc")
    assert presented(call) == Presented("abc")


@pytest.mark.parametrize("path", [CHAT, GEMINI, "/v1/responses", "/v1/embeddings"])
def test_x_api_key_means_nothing_elsewhere(path: str) -> None:
    assert presented(arrival(path, x_api_key="sk-abc")) == Presented("")


@pytest.mark.parametrize("path", [GEMINI, GEMINI_LIST, OPENAI_LIST, ONE_MODEL, "/v1/models/g:generateContent"])
def test_google_headers_and_the_key_parameter_count_on_google_paths(path: str) -> None:
    assert presented(arrival(path, x_goog_api_key="sk-abc")) == Presented("abc")
    assert presented(arrival(path, "key=sk-abc")) == Presented("abc")
    assert presented(arrival(path, "key=sk-other", x_goog_api_key="sk-abc")) == Presented("abc")
    assert presented(arrival(path, "key=sk-abc", authorization="Bearer sk-other")) == Presented("abc")


@pytest.mark.parametrize("path", [CHAT, CLAUDE, "/v1/responses"])
def test_google_headers_and_the_key_parameter_mean_nothing_elsewhere(path: str) -> None:
    assert presented(arrival(path, "key=sk-abc", x_goog_api_key="sk-abc")) == Presented("")


def test_the_model_list_takes_the_google_header_but_not_the_parameter() -> None:
    assert presented(arrival(MODELS, x_goog_api_key="sk-abc")) == Presented("abc")
    assert presented(arrival(MODELS, "key=sk-abc")) == Presented("")


def test_a_web_socket_protocol_carries_the_key() -> None:
    offered = "realtime, openai-insecure-api-key.sk-abc, openai-beta.realtime-v1"
    assert presented(arrival("/v1/realtime", sec_websocket_protocol=offered)) == Presented("abc")


@pytest.mark.parametrize("path", [CHAT, CLAUDE, GEMINI])
@pytest.mark.parametrize("first", ["", "midjourney-proxy", "Bearer midjourney-proxy"])
def test_mj_api_secret_counts_where_there_is_no_other_key(path: str, first: str) -> None:
    assert presented(arrival(path, authorization=first, mj_api_secret="Bearer sk-abc")) == Presented("abc")
    assert presented(arrival(path, authorization=first, mj_api_secret="sk-abc")) == Presented("abc")


def test_mj_api_secret_does_not_replace_a_key() -> None:
    assert presented(arrival(authorization="Bearer sk-abc", mj_api_secret="sk-other")) == Presented("abc")
