"""Channels: configured providers with credentials, models, groups, priority and weight; their health and routing."""

from faregate.channels.disabling import Disabler
from faregate.channels.doors import ChannelDoors
from faregate.channels.health import Health
from faregate.channels.models import Channel, Credential, ServedModel
from faregate.channels.publish import load_routing
from faregate.channels.settings import SECTIONS
from faregate.channels.snapshot import ChannelView, CredentialView, Routing
from faregate.channels.testing import ChannelTests

__all__ = [
    "SECTIONS",
    "Channel",
    "ChannelDoors",
    "ChannelTests",
    "ChannelView",
    "Credential",
    "CredentialView",
    "Disabler",
    "Health",
    "Routing",
    "ServedModel",
    "load_routing",
]
