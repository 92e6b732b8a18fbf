"""What a price can refuse.

BadRequest (400)
├ Unpriced     "pricing.unpriced"       no price is known for the model
└ OutOfRange   "pricing.out_of_range"   a price, ratio or amount is negative, not a number or too large
"""

from faregate.kernel.errors import BadRequest


class Unpriced(BadRequest):
    """No table names the model, and the caller does not accept the rate for unset models."""

    code = "pricing.unpriced"

    def __init__(self, model: str) -> None:
        super().__init__(f"model {model!r} has no price; set a ratio or a price for it", param="model")
        self.model = model


class OutOfRange(BadRequest):
    """A number that must not become money: negative, infinite, not a number, or beyond its bound."""

    code = "pricing.out_of_range"
