"""A generateContent request: bytes to Turn and back. Model and stream flag are in the URL, not in the body."""

import msgspec
from msgspec import Raw, Struct

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.gemini.camel import camel, canonical
from faregate.formats.gemini.contents import write_contents
from faregate.formats.gemini.generation import FIELD as GENERATION
from faregate.formats.gemini.generation import read_generation, write_generation
from faregate.formats.gemini.messages import read_contents
from faregate.formats.gemini.tools import CHOICE_FIELD, read_choice, read_tools, write_choice, write_tools
from faregate.formats.gemini.wire import Content, absent, refuse, start_of
from faregate.formats.turn import Message, Text, Turn
from faregate.kernel.errors import BadRequest

_INSTRUCTION = "systemInstruction"
_READ = frozenset(("contents", _INSTRUCTION, "tools", CHOICE_FIELD, GENERATION))
_CONTENT = msgspec.json.Decoder(Content)
_TEXT = msgspec.json.Decoder(str)


class _GoogleBody(Struct):
    """What a chat request may say to Google alone (OpenAI compatibility of the Gemini API, 2026-11)."""

    thinking_config: dict[str, Raw] = {}
    image_config: dict[str, Raw] = {}
    cached_content: Raw = Raw()


class _ExtraBody(Struct):
    google: _GoogleBody | None = None


_EXTRA_BODY = msgspec.json.Decoder(_ExtraBody)


def parse(body: bytes) -> Turn:
    """The typed request, without model and stream flag. Raises BadRequest."""
    fields = canonical(body)
    generation = read_generation(fields.get(GENERATION, Raw()))
    choice, choice_extras = read_choice(fields.get(CHOICE_FIELD, Raw()))
    system, system_extras = _read_system(fields.get(_INSTRUCTION, Raw()))
    if absent(fields.get("contents", Raw())):
        raise BadRequest("contents is required", param="contents")
    own = {name: value for name, value in fields.items() if name not in _READ}
    return Turn(
        dialect="gemini",
        model="",
        messages=read_contents(fields["contents"]),
        system=system,
        tools=read_tools(fields.get("tools", Raw())),
        tool_choice=choice,
        output=generation.output,
        reasoning=generation.reasoning,
        sampling=generation.sampling,
        stop=generation.stop,
        max_output_tokens=generation.max_output_tokens,
        choices=generation.choices,
        modalities=generation.modalities,
        extras={**own, **generation.extras, **choice_extras, **system_extras},
    )


def _read_system(raw: Raw) -> tuple[tuple[Text, ...], dict[str, Raw]]:
    """The instructions; with anything but words in them also as an extra, so that Google gets them whole."""
    if absent(raw):
        return (), {}
    try:
        if start_of(raw) == b'"':
            return (Text(_TEXT.decode(raw)),), {}
        parts = _CONTENT.decode(raw).parts or []
    except (msgspec.MsgspecError, RecursionError) as error:
        refuse(error, _INSTRUCTION)
    texts = tuple(Text(part.text) for part in parts if part.text is not None)
    return texts, {} if len(texts) == len(parts) else {_INSTRUCTION: raw}


# --- rendering ---------------------------------------------------------------------------------------------
def render(turn: Turn, quirks: Quirks, notes: Notes) -> bytes:
    """The request for Google. Raises Unrepresentable for content it cannot take."""
    system = _system(turn, notes)
    contents = write_contents(turn, quirks, notes)
    if system and not contents:
        contents, system = [{"role": "user", "parts": system}], []  # Google refuses instructions alone
    body: dict[str, object] = {"contents": contents}
    if turn.dialect != "gemini" and quirks.safety_settings:
        body["safetySettings"] = _safety(quirks)
    generation = body[GENERATION] = write_generation(turn, quirks, notes)
    if tools := write_tools(turn, notes):
        body["tools"] = tools
    if choice := write_choice(turn, notes):
        body[CHOICE_FIELD] = choice
    if system:
        body[_INSTRUCTION] = {"parts": system}
    if turn.dialect == "gemini":
        _add_extras(body, turn.extras)
    else:
        _add_google_body(body, generation, turn, notes)
        _note_missing(turn, notes)
    return msgspec.json.encode(body)


def _safety(quirks: Quirks) -> list[dict[str, str]]:
    return [
        {"category": f"HARM_CATEGORY_{category}", "threshold": threshold}
        for category, threshold in quirks.safety_settings
        if threshold
    ]


def _system(turn: Turn, notes: Notes) -> list[dict[str, str]]:
    """The instructions: part by part for Google's own, else one text, a line for each."""
    if any(text.cache is not None for text in turn.system):
        notes.dropped("system.cache")
    if turn.dialect == "gemini":
        return [{"text": text.text} for text in turn.system]
    later = [message for message in turn.messages if message.role in ("system", "developer")]
    if later:
        notes.dropped("the place of instructions inside the conversation")
    lines = [text.text for text in turn.system] + [_words(message) for message in later]
    joined = "\n".join(filter(None, lines))
    return [{"text": joined}] if joined else []


def _words(message: Message) -> str:
    return "".join(part.text for part in message.parts if isinstance(part, Text))


def _add_extras(body: dict[str, object], extras: dict[str, Raw]) -> None:
    for name, value in extras.items():
        field, dot, inner = name.partition(".")
        if dot and field in (GENERATION, CHOICE_FIELD):
            target = body.setdefault(field, {})
            if isinstance(target, dict):
                target[inner] = value
        else:
            body[name] = value


def _add_google_body(body: dict[str, object], generation: dict[str, object], turn: Turn, notes: Notes) -> None:
    """Google's own settings in a chat request's `extra_body`; all other extras are noted as dropped."""
    for name, value in turn.extras.items():
        google = _google_body(value) if name == "extra_body" else None
        if google is None:
            notes.dropped(f"extras.{name}")
            continue
        if google.thinking_config:
            generation["thinkingConfig"] = _thinking_config(google.thinking_config)
        if google.image_config:
            generation["imageConfig"] = {camel(key): value for key, value in google.image_config.items()}
        if not absent(google.cached_content):
            body["cachedContent"] = google.cached_content


def _google_body(raw: Raw) -> _GoogleBody | None:
    try:
        return _EXTRA_BODY.decode(raw).google
    except (msgspec.MsgspecError, RecursionError):
        return None


def _thinking_config(given: dict[str, Raw]) -> dict[str, object]:
    config: dict[str, object] = {camel(key): value for key, value in given.items()}
    budget = bytes(given.get("thinking_budget", Raw()))
    if budget.isdigit() and int(budget) > 0:
        config.setdefault("includeThoughts", True)
    return config


def _note_missing(turn: Turn, notes: Notes) -> None:
    """Settings that Google has no word for."""
    for name in ("parallel_tools", "user", "metadata", "service_tier", "store", "prompt_cache_key", "verbosity"):
        if getattr(turn, name) not in (None, ""):
            notes.dropped(name)
