"""Google's generationConfig: sampling, limits, thinking and the form of the answer, both ways.

What has no place in a Turn becomes an extra named `generationConfig.<field>`.
"""

import msgspec
from msgspec import Raw

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.gemini.schema import exact_google_schema, google_schema, json_schema
from faregate.formats.gemini.thinking import read_thinking, write_thinking
from faregate.formats.gemini.wire import FIELDS, GenerationConfig, absent, refuse
from faregate.formats.turn import OutputFormat, Reasoning, Sampling, Turn
from faregate.kernel.errors import BadRequest

FIELD = "generationConfig"
MAX_TOKENS = 1_073_741_823
MAX_CANDIDATES = 128
_JSON, _PLAIN = "application/json", "text/plain"
_MAX_STOPS = 5
_CONFIG = msgspec.json.Decoder(GenerationConfig)
_KNOWN = frozenset(GenerationConfig.__struct_encode_fields__)


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """What a generationConfig says, in the interior's words."""

    sampling: Sampling = Sampling()
    stop: tuple[str, ...] = ()
    max_output_tokens: int | None = None
    choices: int | None = None
    modalities: tuple[str, ...] = ()
    output: OutputFormat | None = None
    reasoning: Reasoning | None = None
    extras: dict[str, Raw] = {}


def read_generation(raw: Raw) -> Generation:
    """The settings in a generationConfig. Raises BadRequest naming the field."""
    if absent(raw):
        return Generation()
    try:
        config, fields = _CONFIG.decode(raw), FIELDS.decode(raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        refuse(error, FIELD)
    check_bounds(config)
    output, mime_kept = _read_output(config)
    unknown = {name for name in fields if name not in _KNOWN} | ({"responseMimeType"} if mime_kept else set[str]())
    return Generation(
        sampling=_read_sampling(config),
        stop=tuple(config.stop_sequences or ()),
        max_output_tokens=config.max_output_tokens,
        choices=config.candidate_count,
        modalities=tuple(modality.lower() for modality in config.response_modalities or ()),
        output=output,
        reasoning=None if config.thinking_config is None else read_thinking(config.thinking_config),
        extras={f"{FIELD}.{name}": raw for name, raw in fields.items() if name in unknown},
    )


def check_bounds(config: GenerationConfig) -> None:
    """Raises BadRequest for a number that no upstream would take or that could multiply a price."""
    check_numbers(
        config.max_output_tokens,
        config.candidate_count,
        None if config.thinking_config is None else config.thinking_config.thinking_budget,
    )


def check_numbers(max_output_tokens: int | None, candidate_count: int | None, thinking_budget: int | None) -> None:
    """The same of the three numbers alone."""
    if max_output_tokens is not None and not 0 <= max_output_tokens <= MAX_TOKENS:
        _out_of_bounds("maxOutputTokens", 0, MAX_TOKENS)
    if candidate_count is not None and not 1 <= candidate_count <= MAX_CANDIDATES:
        _out_of_bounds("candidateCount", 1, MAX_CANDIDATES)
    if thinking_budget is not None and not -1 <= thinking_budget <= MAX_TOKENS:
        _out_of_bounds("thinkingConfig.thinkingBudget", -1, MAX_TOKENS)


def _out_of_bounds(name: str, least: int, most: int) -> None:
    path = f"{FIELD}.{name}"
    raise BadRequest(f"{path} is invalid: it must be from {least} to {most}", param=path)


def _read_sampling(config: GenerationConfig) -> Sampling:
    return Sampling(
        temperature=config.temperature,
        top_p=config.top_p,
        top_k=None if config.top_k is None else int(config.top_k),
        frequency_penalty=config.frequency_penalty,
        presence_penalty=config.presence_penalty,
        seed=config.seed,
        logprobs=config.response_logprobs,
        top_logprobs=config.logprobs,
    )


def _read_output(config: GenerationConfig) -> tuple[OutputFormat | None, bool]:
    """The form of the answer, and whether its media type says more than that."""
    mime = config.response_mime_type
    if not absent(config.response_json_schema):
        schema = bytes(config.response_json_schema)
    elif not absent(config.response_schema):
        schema = _standard(config.response_schema)
    elif mime == _JSON:
        return OutputFormat("object"), False
    else:
        return (OutputFormat("text"), False) if mime == _PLAIN else (None, mime is not None)
    return OutputFormat("schema", schema=schema), mime is not None and mime != _JSON


def _standard(schema: Raw) -> bytes:
    try:
        return json_schema(bytes(schema))
    except (msgspec.MsgspecError, RecursionError) as error:
        refuse(error, f"{FIELD}.responseSchema")


# --- rendering ---------------------------------------------------------------------------------------------
def write_generation(turn: Turn, quirks: Quirks, notes: Notes) -> dict[str, object]:
    """The generationConfig of a turn, without its extras."""
    own = turn.dialect == "gemini"
    config: dict[str, object] = {}
    sampling = turn.sampling
    _put(config, "temperature", sampling.temperature)
    _put_positive(config, "topP", sampling.top_p, own, notes, "top_p")
    _put_positive(config, "topK", sampling.top_k, own, notes, "top_k")
    _put_positive(config, "maxOutputTokens", turn.max_output_tokens, own, notes, "max_output_tokens")
    if turn.choices is not None and (own or turn.choices > 1):
        config["candidateCount"] = turn.choices
    if turn.stop:
        config["stopSequences"] = _stops(turn, notes)
    _put(config, "seed", sampling.seed)
    _put(config, "presencePenalty", sampling.presence_penalty)
    _put(config, "frequencyPenalty", sampling.frequency_penalty)
    _put(config, "responseLogprobs", _wants_logprobs(sampling, own))
    _put(config, "logprobs", sampling.top_logprobs)
    if sampling.logit_bias is not None:
        notes.dropped("logit_bias")
    if turn.output is not None:
        config |= _output(turn.output, own, notes)
    if modalities := _modalities(turn, quirks):
        config["responseModalities"] = modalities
    _put(config, "thinkingConfig", write_thinking(turn, quirks, notes))
    return config


def _put(config: dict[str, object], name: str, value: object) -> None:
    if value is not None:
        config[name] = value


def _put_positive(
    config: dict[str, object], name: str, value: float | None, own: bool, notes: Notes, field: str
) -> None:
    """Google refuses a zero here; elsewhere it is allowed and means "the default" or "the most likely token"."""
    if value is None:
        return
    if own or value > 0:
        config[name] = value
    else:
        notes.dropped(field)


def _wants_logprobs(sampling: Sampling, own: bool) -> bool | None:
    """Google takes a number of logprobs beside this flag only; Responses has the number alone."""
    implied = not own and sampling.logprobs is None and sampling.top_logprobs is not None
    return True if implied else sampling.logprobs


def _stops(turn: Turn, notes: Notes) -> list[str]:
    if turn.dialect != "gemini" and len(turn.stop) > _MAX_STOPS:
        notes.dropped(f"stop beyond the first {_MAX_STOPS}")
        return list(turn.stop[:_MAX_STOPS])
    return list(turn.stop)


def _modalities(turn: Turn, quirks: Quirks) -> list[str]:
    if turn.modalities:
        return [modality.upper() for modality in turn.modalities]
    return ["TEXT", "IMAGE"] if turn.dialect != "gemini" and turn.model in quirks.gemini_image_models else []


def _output(output: OutputFormat, own: bool, notes: Notes) -> dict[str, object]:
    if output.kind == "text":
        return {"responseMimeType": _PLAIN} if own else {}
    if output.kind == "object" or not output.schema:
        return {"responseMimeType": _JSON}
    schema = exact_google_schema(output.schema) if own else google_schema(output.schema, notes, "output.schema")
    if schema is None:
        return {"responseMimeType": _JSON, "responseJsonSchema": Raw(output.schema)}
    return {"responseMimeType": _JSON, "responseSchema": schema}
