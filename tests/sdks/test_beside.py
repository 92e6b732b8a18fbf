"""What SDKs ask beside conversations: model lists, token counts, embeddings, and how they tell a refusal."""

import anthropic
import openai
import pytest
from google.genai import errors

from tests.sdks.anthropic_client import AnthropicClient
from tests.sdks.chat_client import ChatClient
from tests.sdks.exchange import Exchange
from tests.sdks.gemini_client import GeminiClient
from tests.sdks.pair import UPSTREAMS, Pair, model_of
from tests.sdks.scenarios import QUESTION


@pytest.fixture
def pair(exchange: Exchange) -> Pair:
    """The gateways behind the matrix."""
    return exchange.pair


def test_each_sdk_lists_the_models_in_its_own_shape(pair: Pair) -> None:
    of_openai = {model.id for model in ChatClient(pair.url, pair.key).sdk.models.list()}
    of_anthropic = {model.id for model in AnthropicClient(pair.url, pair.key).sdk.models.list(limit=1000)}
    google = GeminiClient(pair.url, pair.key).sdk
    of_google = {model.name for model in google.models.list()}
    assert of_openai == of_anthropic == set(pair.models)
    assert of_google == {f"models/{name}" for name in pair.models}


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_counting_tokens_works_with_any_upstream_and_is_free(pair: Pair, upstream: str) -> None:
    model = model_of("counted", upstream)
    claude, google = AnthropicClient(pair.url, pair.key), GeminiClient(pair.url, pair.key)
    asked = [{"role": "user", "content": QUESTION}]
    by_claude = claude.sdk.messages.count_tokens(model=model, messages=asked).input_tokens
    by_google = google.sdk.models.count_tokens(model=model, contents=QUESTION).total_tokens
    # Upstream where it speaks the client's dialect, else estimated, by the custom of the model's family.
    assert (by_claude, by_google) == ((12, 10) if upstream == "gemini" else (11, 10))
    claude.text(model, False)
    assert [record["other"]["request_path"] for record in pair.records(model, 1)] == ["/v1/messages"]


def test_embeddings_come_in_the_form_the_sdk_asks_for(pair: Pair) -> None:
    found = ChatClient(pair.url, pair.key).sdk.embeddings.create(model="beside-to-gemini", input=["a", "b"])
    assert [len(one.embedding) for one in found.data] == [1536, 1536]


def test_a_wrong_key_is_an_authentication_error_of_each_sdk(pair: Pair) -> None:
    with pytest.raises(openai.AuthenticationError):
        ChatClient(pair.url, "sk-wrong").text("beside-to-gemini", False)
    with pytest.raises(anthropic.AuthenticationError):
        AnthropicClient(pair.url, "sk-wrong").text("beside-to-gemini", False)
    with pytest.raises(errors.ClientError) as refused:
        GeminiClient(pair.url, "sk-wrong").text("beside-to-gemini", False)
    assert refused.value.code == 401
