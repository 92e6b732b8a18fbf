"""Counting the tokens of a request, in the two dialects that have a call for it.

Sources: Anthropic API reference, count_tokens, and Gemini API reference, countTokens, 2026-10.
"""

import msgspec

from faregate.formats import DIALECTS
from faregate.kernel.body import fields
from faregate.relay.providers.sandbox.counting import count_prompt
from faregate.relay.providers.sandbox.faults import unary
from faregate.relay.providers.sandbox.knobs import Knobs
from faregate.relay.providers.sandbox.script import Call, Script

_WHOLE_REQUEST = "generateContentRequest"


def count(call: Call, body: bytes, knobs: Knobs) -> Script:
    """The script of the count: what a generation of the same request reports as its input. Raises BadRequest."""
    found = fields(body)
    if call.dialect == "gemini" and _WHOLE_REQUEST in found:
        body = bytes(found[_WHOLE_REQUEST])
    told = knobs.counted
    prompt = told.total_input if told is not None else count_prompt(DIALECTS[call.dialect], body, call.model)
    if call.dialect == "gemini":
        details = [{"modality": "TEXT", "tokenCount": prompt}]
        return unary(call, knobs, msgspec.json.encode({"totalTokens": prompt, "promptTokensDetails": details}))
    return unary(call, knobs, msgspec.json.encode({"input_tokens": prompt}))
