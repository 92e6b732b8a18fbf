"""What operators set about the log."""

from typing import ClassVar

from faregate.storage import Section, option


class LogSettings(Section):
    """What is kept."""

    title: ClassVar[str] = "Log"
    help: ClassVar[str] = "Whether usage records are shown. Charging does not depend on it."

    log_usage: bool = option("LogConsumeEnabled", True, "Show usage records in the log")


SECTIONS: tuple[type[Section], ...] = (LogSettings,)
