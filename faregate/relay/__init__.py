"""The data plane: from an arriving call to an answered, metered and recorded one.

Promises: no database read in the steady state, nothing sent before the first live frame, exactly one end of every hold.
"""

from faregate.relay.settings import SECTIONS

__all__ = ["SECTIONS"]
