"""What the server loads in every process that answers calls."""

import multiprocessing
import os

from faregate.app import App
from faregate.kernel.log import log_to_stderr
from faregate.settings import read_settings


def create_app() -> App:
    """The application of one process, its settings from the environment."""
    settings = read_settings()
    log_to_stderr(settings.log_level)
    if settings.workers > 1:
        _pin()
    return App(settings, os.environ)


def _pin() -> None:
    """One core a worker: they are numbered by the order in which they were started."""
    number = multiprocessing.current_process().name.rpartition("-")[2]
    cores = sorted(os.sched_getaffinity(0))
    if number.isdigit():
        os.sched_setaffinity(0, {cores[(int(number) - 1) % len(cores)]})
