"""Exact arithmetic for money: every float means its shortest decimal text, sums and products are never rounded."""

from decimal import Decimal, localcontext
from fractions import Fraction

from faregate.pricing.errors import OutOfRange

INT64_MAX = 2**63 - 1
DISPLAY_DIGITS = 34


def exact(number: float | Decimal) -> Fraction:
    """The exact value of a number as its shortest decimal text reads (0.1 is one tenth). OutOfRange if not finite."""
    try:
        return Fraction(repr(number) if isinstance(number, float) else number)
    except (ValueError, OverflowError):
        raise OutOfRange(f"{number!r} is not a finite number") from None


def round_half_away(amount: Fraction) -> int:
    """The nearest integer; a half goes away from zero. `amount` must not be negative."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def to_decimal(amount: Fraction) -> Decimal:
    """The amount as a decimal for people to read: exact up to 34 digits, rounded beyond."""
    with localcontext(prec=DISPLAY_DIGITS):
        return (Decimal(amount.numerator) / Decimal(amount.denominator)).normalize() + 0
