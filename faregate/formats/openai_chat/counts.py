"""Reading one count, in whatever form a host sends it."""


def count(value: object) -> int:
    """A count from whatever stands there: text and fractions are read, negatives and the rest are 0."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    try:
        return max(int(float(value)) if isinstance(value, str | float) else value, 0)
    except (ValueError, OverflowError):
        return 0
