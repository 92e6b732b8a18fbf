"""A provider that needs no account: it answers in every dialect, always the same to the same request.

Text, tool calls, thoughts, usage, embeddings and counts, at a chosen pace and with chosen faults (knobs.py). The reply
is made in the interior and rendered by the real dialects; nothing leaves the process.
"""

from faregate.relay.providers.sandbox.provider import MODELS, SANDBOX, answering

__all__ = ["MODELS", "SANDBOX", "answering"]
