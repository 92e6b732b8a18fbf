"""Carrying an opaque item of one dialect through a field of another, so that it comes back byte for byte.

Form: `fg1.<dialect>.<origin>.<data>`. A field of a dialect that does not start so is that dialect's own.
"""

from typing import get_args

from faregate.formats.turn import DialectName, Sealed

_MARK = "fg1."
_DIALECTS: tuple[str, ...] = get_args(DialectName)


def pack(sealed: Sealed) -> str:
    """The text to put into another dialect's opaque field (or into the own one, to keep the origin)."""
    return f"{_MARK}{sealed.dialect}.{sealed.origin}.{sealed.data}"


def unpack(text: str, own: DialectName) -> Sealed:
    """The sealed item in `text`, which came in a field of the dialect `own`."""
    if text.startswith(_MARK):
        dialect, _, rest = text[len(_MARK) :].partition(".")
        origin, separator, data = rest.partition(".")
        if separator and dialect in _DIALECTS:
            return Sealed(dialect=dialect, data=data, origin=origin)  # type: ignore[arg-type]
    return Sealed(dialect=own, data=text)


def opens_for(sealed: Sealed, dialect: DialectName, origin: str) -> bool:
    """True when `sealed` may be shown to this dialect and account."""
    return sealed.dialect == dialect and (not sealed.origin or not origin or sealed.origin == origin)
