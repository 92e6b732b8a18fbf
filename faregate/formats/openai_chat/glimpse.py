"""What the pipeline must know of a chunk: one decode of a struct that names only what is read."""

import msgspec

from faregate.formats.events import BLANK, Glimpse
from faregate.formats.frames import event_of
from faregate.formats.openai_chat.usage import usage_of
from faregate.formats.openai_chat.wire import (
    Answer,
    Delta,
    ReplyChoice,
    answer_of,
    arguments_text,
    is_given,
    payload,
    piece_of,
)


def glimpse(frame: bytes) -> Glimpse:
    """What one frame of a chat or legacy completion stream carries."""
    data = payload(frame)
    if not data or data == b"[DONE]":
        return BLANK
    try:
        answer = answer_of(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Glimpse(junk=True)
    choices = answer.choices
    if choices is not None and len(choices) == 1 and not len(answer.error) and len(answer.usage) in (0, 4):
        choice = choices[0]
        delta = choice.delta
        if delta is not None and type(delta.content) is str and delta.content and _is_plain(choice, delta):
            return Glimpse(True, False, delta.content)
    if is_error(answer) or (choices is None and event_of(frame) == "error"):
        return Glimpse(error=data)
    return glimpse_answer(answer)


def _is_plain(choice: ReplyChoice, delta: Delta) -> bool:
    """True for words and nothing else: the common chunk."""
    return (
        not choice.finish_reason
        and not delta.tool_calls
        and not delta.reasoning_content
        and not delta.reasoning
        and not delta.refusal
        and not len(choice.usage)
    )


def is_error(answer: Answer) -> bool:
    """True when the upstream reports an error instead of, or beside, an answer."""
    told = is_given(answer.error) and bytes(answer.error) not in (b"{}", b'""', b"false")
    return told or (answer.choices is None and answer.object == "error")


def glimpse_answer(answer: Answer) -> Glimpse:
    """What a decoded chunk or whole answer carries."""
    texts: list[str] = []
    calls = 0
    live = final = False
    for choice in answer.choices or ():
        final = final or bool(choice.finish_reason)
        if choice.text:
            texts.append(choice.text)
        delta = choice.delta or choice.message
        if delta is not None:
            calls += _read_delta(delta, texts)
            live = live or bool(delta.tool_calls or delta.images or delta.audio or delta.reasoning_details)
    reports = is_given(answer.usage)
    return Glimpse(
        live=live or bool(texts),
        final=final,
        text="".join(texts),
        usage=usage_of(answer) if reports or answer.choices else None,
        bare=reports and not answer.choices,
        tool_calls=calls,
    )


def _read_delta(delta: Delta, texts: list[str]) -> int:
    """Adds the words of a delta to `texts`. Returns how many calls begin in it."""
    content = delta.content
    if isinstance(content, list):
        for raw in content:
            try:
                piece = piece_of(raw)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue
            thinking = piece.thinking
            inner = [thinking] if isinstance(thinking, str) else [deep.text or "" for deep in thinking or ()]
            texts += filter(None, (*inner, piece.text))
    elif content:
        texts.append(content)
    if thought := delta.reasoning_content or delta.reasoning:
        texts.append(thought)
    if delta.refusal:
        texts.append(delta.refusal)
    if delta.audio is not None and delta.audio.transcript:
        texts.append(delta.audio.transcript)
    begun = 0
    for call in delta.tool_calls or ():
        if call.custom is not None:
            texts += filter(None, (call.custom.name, call.custom.input))
            begun += bool(call.custom.name)
        elif call.function is not None:
            texts += filter(None, (call.function.name, arguments_text(call.function.arguments)))
            begun += bool(call.function.name)
    if delta.function_call is not None:
        texts += filter(None, (delta.function_call.name, arguments_text(delta.function_call.arguments)))
        begun += bool(delta.function_call.name)
    return begun
