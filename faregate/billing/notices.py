"""What the money path has to say to the operator. A log on a full disk must not stop it."""

import contextlib

from faregate.kernel.log import get_logger

_log = get_logger("faregate.billing")


def warn(event: str, **fields: object) -> None:
    """Something went wrong and is being handled."""
    with contextlib.suppress(OSError):
        _log.warning(event, **fields)


def alarm(event: str, **fields: object) -> None:
    """Somebody should look."""
    with contextlib.suppress(OSError):
        _log.error(event, **fields)
