"""What the server loads in every process that answers calls."""

import os

from faregate.app import App
from faregate.kernel.log import log_to_stderr
from faregate.settings import read_settings


def create_app() -> App:
    """The application of one process, its settings from the environment."""
    settings = read_settings()
    log_to_stderr(settings.log_level)
    return App(settings, os.environ)
