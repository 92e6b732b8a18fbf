"""The money: accounts, holds, settlements, and the proof that they add up.

Promises: nobody is charged twice, for nothing or not at all; no balance can be oversold by concurrency; a kill at any
instant loses nothing that was settled. The log is written by the bookkeeper that the caller brings along.
"""

from faregate.billing.accounts import BALANCE_LIMIT, credit, open_account, override, visible
from faregate.billing.doctor import Finding, examine
from faregate.billing.errors import ALLOWANCE_REFUSED, WALLET_REFUSED, CreditRefused
from faregate.billing.leases import AccountRef, Hold
from faregate.billing.ledger import Ledger
from faregate.billing.limits import Limits
from faregate.billing.models import ALLOWANCE, WALLET
from faregate.billing.pruning import book_pruned, replay_horizon
from faregate.billing.settlement import CHARGE_LIMIT, NUMBER_LIMIT, Bookkeeper, Line, Settlement

__all__ = [
    "ALLOWANCE",
    "ALLOWANCE_REFUSED",
    "BALANCE_LIMIT",
    "CHARGE_LIMIT",
    "NUMBER_LIMIT",
    "WALLET",
    "WALLET_REFUSED",
    "AccountRef",
    "Bookkeeper",
    "CreditRefused",
    "Finding",
    "Hold",
    "Ledger",
    "Limits",
    "Line",
    "Settlement",
    "book_pruned",
    "credit",
    "examine",
    "open_account",
    "override",
    "replay_horizon",
    "visible",
]
