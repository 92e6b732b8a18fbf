"""The log: usage records and other lines, and their hourly sums.

Promises: a settlement is written once however often it is replayed, in the transaction that moves its money.
"""

from faregate.logbook.audit import AuditLog
from faregate.logbook.models import CONSUME, ERROR, LOGIN, MANAGE, REFUND, SYSTEM, TOP_UP, Record, Rollup
from faregate.logbook.settings import SECTIONS, LogSettings
from faregate.logbook.writer import Bookkeeper, write_line

__all__ = [
    "CONSUME",
    "ERROR",
    "LOGIN",
    "MANAGE",
    "REFUND",
    "SECTIONS",
    "SYSTEM",
    "TOP_UP",
    "AuditLog",
    "Bookkeeper",
    "LogSettings",
    "Record",
    "Rollup",
    "write_line",
]
