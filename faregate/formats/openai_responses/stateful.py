"""Requests that lean on what an earlier call left with the provider: only the provider that keeps it can answer."""

from faregate.formats.openai_responses.wire import OWN
from faregate.formats.turn import Opaque, Turn
from faregate.kernel.errors import Unrepresentable

STATEFUL_FIELDS = ("previous_response_id", "conversation", "prompt", "context_management")
STATEFUL_ITEMS = ("item_reference", "compaction")
_NOTHING = (b"null", b'""', b"[]", b"{}")


def stateful(turn: Turn) -> str:
    """The names of the fields and items of `turn` that point at stored state, joined by ", "; "" when there are none.

    Only turns that came in this dialect can have any.
    """
    if turn.dialect != OWN:
        return ""
    fields = [name for name in STATEFUL_FIELDS if name in turn.extras and bytes(turn.extras[name]) not in _NOTHING]
    kinds = {part.kind for message in turn.messages for part in message.parts if isinstance(part, Opaque)}
    return ", ".join([*fields, *(kind for kind in STATEFUL_ITEMS if kind in kinds)])


def refuse_stateful(turn: Turn) -> None:
    """Raise Unrepresentable naming what is stored elsewhere.

    For whoever is about to render `turn` to another dialect, where these fields would only be noted as dropped.
    """
    names = stateful(turn)
    if names:
        raise Unrepresentable(names, "stateless")
