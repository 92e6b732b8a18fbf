"""Which calls the data plane answers: method and path to an operation."""

import re
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import unquote

from faregate.formats.turn import DialectName


class Mode(StrEnum):
    """What kind of work a call is."""

    GENERATE = "generate"  # a conversation's next turn
    COMPLETE = "complete"  # legacy text completion
    EMBED = "embed"
    COUNT = "count"  # count the tokens of a request, for free
    MODELS = "models"
    MODEL = "model"
    ABSENT = "absent"  # known to OpenAI's API, not offered here


class Operation(NamedTuple):
    """A recognised call. `model` and `stream` are set where the path says them; `action` is Gemini's verb."""

    mode: Mode
    dialect: DialectName
    model: str = ""
    stream: bool | None = None
    action: str = ""


_FIXED: dict[tuple[str, str], Operation] = {
    ("POST", "/v1/chat/completions"): Operation(Mode.GENERATE, "openai_chat"),
    ("POST", "/v1/completions"): Operation(Mode.COMPLETE, "openai_chat"),
    ("POST", "/v1/responses"): Operation(Mode.GENERATE, "openai_responses"),
    ("POST", "/v1/messages"): Operation(Mode.GENERATE, "anthropic"),
    ("POST", "/v1/messages/count_tokens"): Operation(Mode.COUNT, "anthropic"),
    ("POST", "/v1/embeddings"): Operation(Mode.EMBED, "openai_chat"),
    ("GET", "/v1/models"): Operation(Mode.MODELS, "openai_chat"),
    ("GET", "/v1beta/models"): Operation(Mode.MODELS, "gemini"),
    ("GET", "/v1beta/openai/models"): Operation(Mode.MODELS, "openai_chat", action="openai"),
    ("POST", "/v1/images/variations"): Operation(Mode.ABSENT, "openai_chat"),
    ("GET", "/v1/files"): Operation(Mode.ABSENT, "openai_chat"),
    ("POST", "/v1/files"): Operation(Mode.ABSENT, "openai_chat"),
    ("GET", "/v1/fine-tunes"): Operation(Mode.ABSENT, "openai_chat"),
    ("POST", "/v1/fine-tunes"): Operation(Mode.ABSENT, "openai_chat"),
    ("POST", "/v1/edits"): Operation(Mode.ABSENT, "openai_chat"),
}
_GEMINI = re.compile(r"^/(v1|v1beta)/models/(?P<model>.+):(?P<action>[A-Za-z]+)$")
_MODEL = re.compile(r"^/(?P<version>v1|v1beta|v1beta/openai)/models/(?P<model>.+)$")
_ABSENT = re.compile(r"^/v1/(files/[^/]+(/content)?|fine-tunes/[^/]+(/(cancel|events))?|engines/[^/]+/embeddings)$")
_METHODS = frozenset(("GET", "POST", "DELETE"))
_GEMINI_MODES = {
    "generateContent": (Mode.GENERATE, False),
    "streamGenerateContent": (Mode.GENERATE, True),
    "countTokens": (Mode.COUNT, False),
    "embedContent": (Mode.EMBED, False),
    "batchEmbedContents": (Mode.EMBED, False),
}


def match(method: str, path: str) -> Operation | None:
    """The operation of a call, or None when there is none."""
    found = _FIXED.get((method, path))
    if found is not None:
        return found
    if method == "POST" and (verb := _GEMINI.match(path)):
        mode = _GEMINI_MODES.get(verb["action"])
        if mode is None:
            return None
        return Operation(mode[0], "gemini", unquote(verb["model"]), mode[1], verb["action"])
    if method in _METHODS and _ABSENT.match(path):
        return Operation(Mode.ABSENT, "openai_chat")
    if one := _MODEL.match(path):
        if method == "GET":
            dialect: DialectName = "gemini" if one["version"] == "v1beta" else "openai_chat"
            action = "openai" if one["version"] == "v1beta/openai" else ""
            return Operation(Mode.MODEL, dialect, unquote(one["model"]), action=action)
        if method == "DELETE":
            return Operation(Mode.ABSENT, "openai_chat")
    return None


def unslashed(method: str, path: str) -> str:
    """The path of a known call without the slash at its end; "" where there is none or the call is unknown."""
    return path[:-1] if path.endswith("/") and match(method, path[:-1]) else ""


def dialect_of_path(path: str) -> DialectName:
    """Whose error shape a caller of `path` expects."""
    if path.startswith("/v1/messages"):
        return "anthropic"
    if path.startswith("/v1beta/") and not path.startswith("/v1beta/openai"):
        return "gemini"
    return "openai_chat"
