"""What SDKs ask beside conversations: model lists, token counts, embeddings, and how they tell a refusal."""

import anthropic
import openai
import pytest
from google.genai import errors

from tests.sdks.anthropic_client import AnthropicClient
from tests.sdks.chat_client import ChatClient
from tests.sdks.exchange import MODELS, UPSTREAMS, Exchange
from tests.sdks.gemini_client import GeminiClient
from tests.sdks.scenarios import QUESTION

_MODELS = {model for models in MODELS.values() for model in models}


def test_each_sdk_lists_the_models_in_its_own_shape(exchange: Exchange) -> None:
    of_openai = {model.id for model in ChatClient(exchange.url, exchange.key).sdk.models.list()}
    of_anthropic = {model.id for model in AnthropicClient(exchange.url, exchange.key).sdk.models.list(limit=1000)}
    google = GeminiClient(exchange.url, exchange.key).sdk
    of_google = {model.name for model in google.models.list()}
    assert of_openai == of_anthropic == _MODELS
    assert of_google == {f"models/{name}" for name in _MODELS}


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_counting_tokens_works_with_any_upstream_and_is_free(exchange: Exchange, upstream: str) -> None:
    model = f"counted-to-{upstream}"
    claude, google = AnthropicClient(exchange.url, exchange.key), GeminiClient(exchange.url, exchange.key)
    asked = [{"role": "user", "content": QUESTION}]
    by_claude = claude.sdk.messages.count_tokens(model=model, messages=asked).input_tokens
    by_google = google.sdk.models.count_tokens(model=model, contents=QUESTION).total_tokens
    # Upstream where it speaks the client's dialect, else estimated, by the custom of the model's family.
    assert (by_claude, by_google) == ((12, 10) if upstream == "gemini" else (11, 10))
    claude.text(model, False)
    assert [record["other"]["request_path"] for record in exchange.records(model, 1)] == ["/v1/messages"]


def test_embeddings_come_in_the_form_the_sdk_asks_for(exchange: Exchange) -> None:
    found = ChatClient(exchange.url, exchange.key).sdk.embeddings.create(model="beside-to-gemini", input=["a", "b"])
    assert [len(one.embedding) for one in found.data] == [1536, 1536]


def test_a_wrong_key_is_an_authentication_error_of_each_sdk(exchange: Exchange) -> None:
    with pytest.raises(openai.AuthenticationError):
        ChatClient(exchange.url, "sk-wrong").text("beside-to-gemini", False)
    with pytest.raises(anthropic.AuthenticationError):
        AnthropicClient(exchange.url, "sk-wrong").text("beside-to-gemini", False)
    with pytest.raises(errors.ClientError) as refused:
        GeminiClient(exchange.url, "sk-wrong").text("beside-to-gemini", False)
    assert refused.value.code == 401
