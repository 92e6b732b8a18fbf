"""Seals of whole answers: bound to the account that issued them, as a stream's reader binds those it meets."""

from msgspec import structs

from faregate.formats.events import Reply, ReplyPart
from faregate.formats.turn import DialectName, Opaque, Refusal


def bound(reply: Reply, dialect: DialectName, origin: str) -> Reply:
    """The reply, its seals of the upstream's own dialect bound to `origin` where they name no account yet."""
    choices = [
        structs.replace(choice, parts=tuple(_bound_part(part, dialect, origin) for part in choice.parts))
        for choice in reply.choices
    ]
    return structs.replace(reply, choices=tuple(choices))


def _bound_part(part: ReplyPart, dialect: DialectName, origin: str) -> ReplyPart:
    if isinstance(part, Refusal | Opaque) or part.sealed is None:
        return part
    if part.sealed.dialect != dialect or part.sealed.origin:
        return part
    return structs.replace(part, sealed=structs.replace(part.sealed, origin=origin))
