"""Channels: configured providers with credentials, models, groups, priority and weight; their health and routing."""

from faregate.channels.health import Health
from faregate.channels.models import Channel, Credential, ServedModel
from faregate.channels.publish import load_routing
from faregate.channels.snapshot import ChannelView, CredentialView, Routing

__all__ = [
    "Channel",
    "ChannelView",
    "Credential",
    "CredentialView",
    "Health",
    "Routing",
    "ServedModel",
    "load_routing",
]
