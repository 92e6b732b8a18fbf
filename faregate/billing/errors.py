"""Refusals of the billing room."""

from sqlalchemy.exc import SQLAlchemyError

from faregate.kernel.errors import InsufficientCredit

WALLET_REFUSED, ALLOWANCE_REFUSED = "insufficient_user_quota", "pre_consume_token_quota_failed"

# What a database that is down, slow or quarrelling raises.
TROUBLE = (SQLAlchemyError, OSError, TimeoutError)


class CreditRefused(InsufficientCredit):
    """An account does not cover a hold. `needed`, `visible` and `held` are quota; `held` may still come back."""

    def __init__(self, code: str, *, account_id: int, needed: int, visible: int, held: int) -> None:
        whose = "the wallet" if code == WALLET_REFUSED else "the key's allowance"
        super().__init__(f"{whose} has {visible} quota left, the call needs {needed}", code=code)
        self.account_id = account_id
        self.needed = needed
        self.visible = visible
        self.held = held

    @property
    def exhausted(self) -> bool:
        """True when the account is used up: nothing is left, and nothing that calls under way may leave over."""
        return self.visible + self.held <= 0
