"""What operators set about the health of channels."""

from typing import ClassVar

from faregate.storage import Section, option


class HealthSettings(Section):
    """What the test of all channels switches on and off."""

    title: ClassVar[str] = "Channel health"
    help: ClassVar[str] = "What a test of all channels does with channels that fail, are slow, or work again."

    auto_enable: bool = option("AutomaticEnableChannelEnabled", False, "Switch channels on again that pass a test")
    slow_s: float = option("ChannelDisableThreshold", 5.0, "Seconds after which a tested channel is too slow", ge=0)


SECTIONS: tuple[type[Section], ...] = (HealthSettings,)
