"""Which calls the data plane knows, and whose words it answers in."""

import pytest

from faregate.formats.turn import DialectName
from faregate.relay.routes import Mode, Operation, dialect_of_path, match, unslashed

GENERATE, EMBED, COUNT = Mode.GENERATE, Mode.EMBED, Mode.COUNT


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", "/v1/chat/completions", Operation(GENERATE, "openai_chat")),
        ("POST", "/v1/completions", Operation(Mode.COMPLETE, "openai_chat")),
        ("POST", "/v1/responses", Operation(GENERATE, "openai_responses")),
        ("POST", "/v1/messages", Operation(GENERATE, "anthropic")),
        ("POST", "/v1/messages/count_tokens", Operation(COUNT, "anthropic")),
        ("POST", "/v1/embeddings", Operation(EMBED, "openai_chat")),
        ("GET", "/v1/models", Operation(Mode.MODELS, "openai_chat")),
        ("GET", "/v1beta/models", Operation(Mode.MODELS, "gemini")),
        ("GET", "/v1beta/openai/models", Operation(Mode.MODELS, "openai_chat", action="openai")),
        ("GET", "/v1/models/gpt-x", Operation(Mode.MODEL, "openai_chat", "gpt-x")),
        ("GET", "/v1/models/org/name", Operation(Mode.MODEL, "openai_chat", "org/name")),
        ("GET", "/v1beta/models/g", Operation(Mode.MODEL, "gemini", "g")),
        ("GET", "/v1beta/openai/models/g", Operation(Mode.MODEL, "openai_chat", "g", action="openai")),
        ("DELETE", "/v1/models/gpt-x", Operation(Mode.ABSENT, "openai_chat")),
        ("GET", "/v1/files/f1/content", Operation(Mode.ABSENT, "openai_chat")),
        ("POST", "/v1/images/variations", Operation(Mode.ABSENT, "openai_chat")),
        ("POST", "/v1/fine-tunes/t1/cancel", Operation(Mode.ABSENT, "openai_chat")),
    ],
)
def test_known_calls_are_told_apart(method: str, path: str, found: Operation) -> None:
    assert match(method, path) == found


@pytest.mark.parametrize(
    ("action", "mode", "stream"),
    [
        ("generateContent", GENERATE, False),
        ("streamGenerateContent", GENERATE, True),
        ("countTokens", COUNT, False),
        ("embedContent", EMBED, False),
        ("batchEmbedContents", EMBED, False),
    ],
)
@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_a_google_path_says_model_and_verb(version: str, action: str, mode: Mode, stream: bool) -> None:
    expected = Operation(mode, "gemini", "org/g-1", stream, action)
    assert match("POST", f"/{version}/models/org/g-1:{action}") == expected
    assert match("POST", f"/{version}/models/org%2Fg-1:{action}") == expected


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/chat/completions"),
        ("PUT", "/v1/messages"),
        ("POST", "/v1/chat/completions/"),
        ("POST", "/v1/nowhere"),
        ("POST", "/v1beta/models/g:dance"),
        ("POST", "/v1/models/gpt-x"),
        ("GET", "/v1beta/models/"),
        ("HEAD", "/v1/models"),
        ("OPTIONS", "/v1/files/f1"),
        ("PUT", "/v1/fine-tunes/t1"),
    ],
)
def test_anything_else_is_unknown(method: str, path: str) -> None:
    assert match(method, path) is None


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("/v1/messages", "anthropic"),
        ("/v1/messages/batches", "anthropic"),
        ("/v1beta/models/g:dance", "gemini"),
        ("/v1beta/openai/nowhere", "openai_chat"),
        ("/v1/nowhere", "openai_chat"),
    ],
)
def test_errors_speak_the_dialect_of_the_path(path: str, dialect: DialectName) -> None:
    assert dialect_of_path(path) == dialect


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", "/v1/chat/completions/", "/v1/chat/completions"),
        ("POST", "/v1beta/models/g:generateContent/", "/v1beta/models/g:generateContent"),
        ("GET", "/v1beta/models/", "/v1beta/models"),
        ("POST", "/v1/chat/completions", ""),
        ("POST", "/v1/chat/completions//", ""),
        ("GET", "/v1/chat/completions/", ""),
        ("POST", "/v1/nowhere/", ""),
    ],
)
def test_a_slash_too_many_is_found_at_the_end_of_a_known_path(method: str, path: str, found: str) -> None:
    assert unslashed(method, path) == found
