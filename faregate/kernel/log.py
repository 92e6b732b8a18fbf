"""The log: structured lines on standard error, one JSON object each. A room asks for its logger by its own name."""

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


@contextmanager
def _absent(package: str) -> Generator[None]:
    """As if `package` were not installed."""
    modules: dict[str, ModuleType | None] = sys.modules  # pyright: ignore[reportAssignmentType] - None is documented
    before = modules.get(package)
    modules[package] = before
    yield
    if before is None:
        del modules[package]


# structlog loads rich where it finds it, to paint tracebacks for developers: 6 MB and a tenth of a second for nothing.
with _absent("rich"):
    import structlog


def get_logger(name: str) -> Any:
    """The logger of the module `name`: `debug`, `info`, `warning`, `error`, `exception`, each with an event's name."""
    return structlog.get_logger(name)


def log_to_stderr(level: str) -> None:
    """Write events of this level, a name of `logging`, and above."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
