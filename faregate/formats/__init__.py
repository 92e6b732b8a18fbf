"""Wire formats: each dialect is a pair of halves around a typed interior, and knows no other dialect.

`DIALECTS` is the registry: a new dialect is a package and one line here.
"""

from faregate.formats import anthropic, gemini, openai_chat, openai_responses
from faregate.formats.dialect import Dialect
from faregate.formats.turn import DialectName

DIALECTS: dict[DialectName, Dialect] = {
    "openai_chat": openai_chat.DIALECT,
    "openai_responses": openai_responses.DIALECT,
    "anthropic": anthropic.DIALECT,
    "gemini": gemini.DIALECT,
}
